"""REST: the weekly review of the approved texts (P6.2)."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from metrics import gaps, text_gaps
from metrics.gap_api import UseSerializer
from metrics.models import TextAnswer
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer
from tickets.refusals import NotAllowed


class TextGapSerializer(UseSerializer):
    """One text in force, what followed its use in the last 90 days, and in words why it is to be looked at."""

    unhelpful = serializers.IntegerField(read_only=True, help_text="so often it was suggested and did not help")
    why = serializers.ListField(child=serializers.CharField(), read_only=True)


class TextReview(StrictSerializer):
    answer = serializers.ChoiceField(
        choices=TextAnswer.Answer.choices, help_text="`drafted` begins a draft; `asked` leaves that to a policy owner"
    )
    reason = serializers.CharField(max_length=2000, allow_blank=True)


class TextAnswerSerializer(serializers.ModelSerializer):
    """What was made of a text; it is not asked about again for 90 days."""

    slug = serializers.SlugField(source="script.slug", read_only=True)
    version = serializers.IntegerField(source="script.version", read_only=True)
    answer = serializers.ChoiceField(choices=TextAnswer.Answer.choices, read_only=True)
    answered_by = serializers.EmailField(source="answered_by.email", read_only=True)
    answered_at = Instant(read_only=True)
    draft = serializers.SerializerMethodField(help_text="of its next version, if there is one")

    class Meta:
        model = TextAnswer
        fields = ["slug", "version", "answer", "reason", "answered_by", "answered_at", "draft"]
        read_only_fields = fields

    def get_draft(self, answer: TextAnswer) -> int | None:
        found = text_gaps.draft_of(answer.script)
        return found and found.pk


_SLUG = OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH)


@extend_schema(tags=["Policies"])
class TextGapView(GenericViewSet):
    """Texts that failed or lie unused, and what reviewers make of them."""

    queryset = TextAnswer.objects.none()
    serializer_class = TextGapSerializer
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    pagination_class = None
    paged = False

    @extend_schema(responses=TextGapSerializer(many=True), operation_id="text_gaps")
    def list(self, request) -> Response:
        """What nobody has answered in 90 days, those with most reasons first."""
        if not gaps.reviewers(request.user):
            raise NotAllowed(_("Texts are reviewed by managers, supervisors and policy owners."), code="role")
        found = text_gaps.waiting(database_now())
        return Response([TextGapSerializer(gap.use).data | {"why": gap.why} for gap in found])

    @extend_schema(request=TextReview, responses={201: TextAnswerSerializer}, parameters=[_SLUG])
    @action(detail=True, methods=["post"])
    def answer(self, request, slug: str) -> Response:
        """Let it be, ask for a change, or begin its draft; the reason goes on the record."""
        sent = TextReview(data=request.data)
        sent.is_valid(raise_exception=True)
        made = text_gaps.answer(slug, **sent.validated_data, actor=request.user, now=database_now())
        return Response(TextAnswerSerializer(made).data, status=201)
