"""REST: the policy book: every version of every kind of policy, in the plain terms of its files."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from policies import book
from policies.models import Policy, Right
from tickets.fields import Instant, StrictSerializer
from tickets.refusals import NotAllowed

KINDS = sorted(book.KINDS)


class BookQuery(StrictSerializer):
    kind = serializers.ChoiceField(choices=sorted(book.KINDS))
    at = Instant(required=False, help_text="what was or will be in force then; now when left out")
    history = serializers.BooleanField(required=False, help_text="true: every version, also what is over or to come")


class VersionSerializer(serializers.Serializer):
    """One version; it is superseded by the next, never edited."""

    id = serializers.IntegerField(source="pk", read_only=True)
    key = serializers.SerializerMethodField(help_text="which rule of its kind it is")
    version = serializers.IntegerField(read_only=True)
    terms = serializers.SerializerMethodField(help_text="what it says, as in the files of the book")
    why = serializers.CharField(read_only=True)
    valid_from = Instant(read_only=True)
    valid_until = Instant(read_only=True, allow_null=True)
    written_by = serializers.EmailField(source="created_by.email", read_only=True, allow_null=True, default=None)
    published_by = serializers.EmailField(source="published_by.email", read_only=True, allow_null=True, default=None)
    owner = serializers.EmailField(source="owner.email", read_only=True, allow_null=True, default=None)
    review_on = serializers.DateField(read_only=True, allow_null=True)

    def get_key(self, policy: Policy) -> str:
        kind = self.context["kind"]
        return kind.key({name: getattr(policy, name) for name in kind.names})

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_terms(self, policy: Policy) -> dict:
        return self.context["kind"].write(policy)


@extend_schema(tags=["Policies"], parameters=[BookQuery])
class BookView(ListModelMixin, GenericViewSet):
    """What is in force, was, or will be; it is drafted and published on the desk, by two people."""

    queryset = Right.objects.none()
    serializer_class = VersionSerializer
    query_serializers = {"list": BookQuery}
    default_ordering = "id"

    def get_serializer_context(self) -> dict:
        return super().get_serializer_context() | {"kind": book.KINDS.get(self.query.get("kind"))}

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        if not self.request.user.roles:
            raise NotAllowed(_("The policies are for the staff."), code="role")
        versions = book.kind(self.query["kind"]).versions_whole()
        return versions if self.query.get("history") else versions.in_force(self.query.get("at"))
