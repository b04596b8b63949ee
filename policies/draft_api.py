"""REST: drafts of policies: begun, saved, compared with what is in force, published by a second person, discarded."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import book, life, proposals
from policies.book_api import VersionSerializer
from policies.models import PolicyDraft
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer
from tickets.models import User
from tickets.refusals import Invalid


class DraftQuery(StrictSerializer):
    kind = serializers.ChoiceField(choices=sorted(book.KINDS), required=False)


class Change(serializers.Serializer):
    """One column beside what is in force; null is empty."""

    column = serializers.CharField(read_only=True)
    before = serializers.JSONField(read_only=True, allow_null=True)
    after = serializers.JSONField(read_only=True, allow_null=True)
    changed = serializers.BooleanField(read_only=True)


class DraftSerializer(serializers.ModelSerializer):
    """What a policy is to become; nothing is in force by it."""

    terms = serializers.DictField(read_only=True, help_text="what it says, as in the files of the book")
    withdraws = serializers.BooleanField(source="ends", read_only=True)
    replaces = serializers.IntegerField(
        source="replaces_id", read_only=True, allow_null=True, help_text="the version that it was begun from"
    )
    author = serializers.EmailField(source="author.email", read_only=True, help_text="who saved it last")
    writers = serializers.SlugRelatedField(
        "email", many=True, read_only=True, help_text="all who saved it: none of them may publish it"
    )
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)
    saved_at = Instant(read_only=True)
    comparison = serializers.SerializerMethodField()

    class Meta:
        model = PolicyDraft
        fields = [
            "id", "kind", "key", "terms", "withdraws", "replaces", "why", "owner", "review_on", "revision", "author",
            "writers", "saved_at", "comparison",
        ]  # fmt: skip
        read_only_fields = fields

    def get_comparison(self, draft: PolicyDraft) -> Change(many=True):
        names = ("column", "before", "after", "changed")
        return [dict(zip(names, row, strict=True)) for row in proposals.comparison(draft)]


class _About(StrictSerializer):
    why = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    owner = serializers.SlugRelatedField(
        "email", queryset=User.objects.none(), required=False, allow_null=True,
        help_text="a policy owner or an administrator; when left out as before, or who drafts it",
    )  # fmt: skip
    review_on = serializers.DateField(required=False, allow_null=True, help_text="a quarter on when left out")

    def get_fields(self):
        fields = super().get_fields()
        fields["owner"].queryset = life.owners()
        return fields


class NewDraft(_About):
    """Either `terms`, which name the rule and say all of it, or `withdraws`: the version whose rule is to end."""

    kind = serializers.ChoiceField(choices=sorted(book.KINDS))
    terms = serializers.DictField(required=False, help_text="all of it, as in the files of the book")
    withdraws = serializers.IntegerField(min_value=1, max_value=2**62, required=False)

    def validate(self, data: dict) -> dict:
        if ("terms" in data) == ("withdraws" in data):
            raise serializers.ValidationError({"terms": _("Give either terms or withdraws.")})
        if "withdraws" in data and {"owner", "review_on"} & set(data):
            raise serializers.ValidationError({"withdraws": _("What ends has no owner and no day of review.")})
        return data


class Revised(StrictSerializer):
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="the one that was looked at")


class ChangedDraft(_About, Revised):
    """What is left out stays; `terms` replace all terms."""

    terms = serializers.DictField(required=False)


class Publication(Revised):
    at = Instant(required=False, allow_null=True, help_text="in force from then on, within a year; now when left out")


@extend_schema(tags=["Policies"])
class PolicyDraftView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Drafts of every kind of policy but rules for tickets; for policy owners and administrators."""

    queryset = PolicyDraft.objects.select_related("author", "owner").prefetch_related("writers")
    serializer_class = DraftSerializer
    query_serializers = {"list": DraftQuery}
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "id"

    def get_queryset(self):
        if not getattr(self, "swagger_fake_view", False):
            life.require_writer(self.request.user)
        drafts = super().get_queryset()
        kind = getattr(self, "query", {}).get("kind")
        return drafts.filter(kind=kind) if kind else drafts

    @extend_schema(request=NewDraft, responses={201: DraftSerializer})
    def create(self, request) -> Response:
        """Begin a draft; nothing is in force by it."""
        data = self._sent(NewDraft)
        by = {"actor": request.user, "now": database_now()}
        kind = book.kind(data.pop("kind"))
        if "withdraws" in data:
            draft = proposals.begin_end(kind, data.pop("withdraws"), **data, **by)
        else:
            draft = proposals.begin(kind, data.pop("terms"), **data, **by)
        return self._answer(draft, status=201)

    @extend_schema(request=ChangedDraft, responses=DraftSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Save a change of the draft that is still at `revision`."""
        data = self._sent(ChangedDraft)
        draft = proposals.get(int(pk))
        if draft.ends and "terms" not in data:
            raise Invalid(
                _("This draft withdraws the rule. Give terms to keep it instead."), code="ends", field="terms"
            )
        kept = {name: getattr(draft, name) for name in ("why", "owner", "review_on")}
        written = data.pop("terms", draft.terms)
        draft = proposals.save(draft.pk, written, **kept | data, actor=request.user, now=database_now())
        return self._answer(draft)

    @extend_schema(request=Publication, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request, pk: str) -> Response:
        """Put it in force, as a second person; the answer is the version, or the one that ends."""
        data = self._sent(Publication)
        draft = proposals.get(int(pk))
        policy = proposals.publish(draft.pk, actor=request.user, now=database_now(), **data)
        policy.refresh_from_db()
        return Response(VersionSerializer(policy, context={"kind": book.kind(draft.kind)}).data)

    @extend_schema(request=StrictSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request, pk: str) -> Response:
        """Throw it away."""
        self._sent(StrictSerializer)
        proposals.discard(int(pk), actor=request.user)
        return Response(status=204)

    def _sent(self, shape: type[StrictSerializer]) -> dict:
        """Return what was sent, checked; who may not write is told that first."""
        life.require_writer(self.request.user)
        sent = shape(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def _answer(self, draft: PolicyDraft, *, status: int = 200) -> Response:
        return Response(DraftSerializer(draft).data, status=status)
