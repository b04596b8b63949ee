"""REST: policies that are to be looked at again, and that somebody did (P3.3)."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import book, reviews
from policies.models import PolicyReview
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer
from tickets.refusals import NotAllowed


class NewReview(StrictSerializer):
    kind = serializers.ChoiceField(choices=sorted(book.KINDS))
    id = serializers.IntegerField(min_value=1, max_value=2**62, help_text="of the version in force, as in `/policies/`")
    note = serializers.CharField(max_length=2000, help_text="what was looked at")
    next_on = serializers.DateField(required=False, allow_null=True, help_text="a quarter on when left out")


class ReviewQuery(StrictSerializer):
    kind = serializers.ChoiceField(choices=sorted(book.KINDS), required=False)


class ReviewSerializer(serializers.ModelSerializer):
    """Somebody looked at a version (`id` in `/policies/`) and let it stay."""

    by = serializers.EmailField(source="by.email", read_only=True)
    at = Instant(read_only=True)

    class Meta:
        model = PolicyReview
        fields = ["kind", "version", "note", "next_on", "by", "at"]
        read_only_fields = fields


@extend_schema(tags=["Policies"], parameters=[ReviewQuery])
class ReviewView(ListModelMixin, GenericViewSet):
    """Reviews after which a policy stayed as it is; a change is a draft."""

    queryset = PolicyReview.objects.select_related("by")
    serializer_class = ReviewSerializer
    query_serializers = {"list": ReviewQuery}
    default_ordering = "-id"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        if not self.request.user.roles:
            raise NotAllowed(_("The policies are for the staff."), code="role")
        return super().get_queryset().filter(**self.query)

    @extend_schema(request=NewReview, responses={201: ReviewSerializer}, parameters=[])
    def create(self, request) -> Response:
        """Put on record that a version in force was looked at and stays."""
        sent = NewReview(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        kind, pk = book.kind(data.pop("kind")), data.pop("id")
        made = reviews.confirm(kind, pk, **data, actor=request.user, now=database_now())
        return Response(ReviewSerializer(made).data, status=201)
