"""REST: the quarterly audits of policies, as they were published (P3.3)."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from escalation.access import visible_to
from metrics import adherence, quarters
from metrics.models import AuditAction, AuditFigure, AuditFinding, PolicyAudit
from policies.models import Right
from tickets.fields import Instant, StrictSerializer
from tickets.models import Ticket
from tickets.refusals import NotAllowed


class AuditFilters(StrictSerializer):
    """Each narrows the list."""

    policy = serializers.ChoiceField(Right.Against.choices, required=False)
    quarter = serializers.RegexField(r"^\d{4}-Q[1-4]$", required=False, help_text="2026-Q3")


class AuditFigureSerializer(serializers.ModelSerializer):
    """What was counted from tickets; `percent` is null where there was nothing to count."""

    definition = serializers.SerializerMethodField()
    percent = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = AuditFigure
        fields = ["key", "definition", "kept", "of", "percent"]

    def get_definition(self, figure) -> str:
        return str(adherence.MEASURES[figure.key].definition)


class AuditActionSerializer(serializers.ModelSerializer):
    owner = serializers.EmailField(source="owner.email", read_only=True)
    done_at = Instant(read_only=True, allow_null=True)

    class Meta:
        model = AuditAction
        fields = ["words", "owner", "due_on", "done_at"]


class AuditFindingSerializer(serializers.ModelSerializer):
    """What somebody found in one ticket of the sample."""

    ticket = serializers.IntegerField(source="ticket_id", read_only=True)
    right = serializers.CharField(source="right.right", read_only=True)
    right_version = serializers.IntegerField(source="right.version", read_only=True)
    answered_by = serializers.EmailField(source="answered_by.email", read_only=True)

    class Meta:
        model = AuditFinding
        fields = ["ticket", "right", "right_version", "answer", "note", "answered_by"]


class AuditSerializer(serializers.ModelSerializer):
    """One published edition; it never changes, a correction is a new one."""

    quarter = serializers.CharField(source="name", read_only=True, help_text="2026-Q3")
    starts_at = Instant(read_only=True)
    ends_at = Instant(read_only=True)
    published_at = Instant(read_only=True)
    published_by = serializers.EmailField(source="published_by.email", read_only=True)
    figures = AuditFigureSerializer(many=True, read_only=True)
    actions = AuditActionSerializer(many=True, read_only=True)

    class Meta:
        model = PolicyAudit
        fields = [
            "id", "quarter", "policy", "edition", "starts_at", "ends_at", "published_at", "published_by", "reason",
            "conclusion", "population", "seed", "figures", "actions",
        ]  # fmt: skip


class AuditDetailSerializer(AuditSerializer):
    """The same with the findings in tickets that the caller may see; `restricted` counts the others."""

    findings = serializers.SerializerMethodField()
    restricted = serializers.SerializerMethodField()

    class Meta(AuditSerializer.Meta):
        fields = [*AuditSerializer.Meta.fields, "findings", "restricted"]

    def get_findings(self, audit) -> AuditFindingSerializer(many=True):
        return AuditFindingSerializer(self._seen(audit), many=True).data

    def get_restricted(self, audit) -> int:
        return len(audit.findings.all()) - len(self._seen(audit))

    def _seen(self, audit: PolicyAudit) -> list[AuditFinding]:
        rows = audit.findings.all()
        numbers = {row.ticket_id for row in rows}
        seen = visible_to(self.context["request"].user, Ticket.objects.filter(pk__in=numbers))
        seen = set(seen.values_list("pk", flat=True))
        return [row for row in rows if row.ticket_id in seen]


@extend_schema(tags=["Policies"])
class AuditView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """The published audits, every edition."""

    queryset = PolicyAudit.objects.filter(published_at__isnull=False).select_related("published_by")
    serializer_class = AuditSerializer
    lookup_value_regex = "[0-9]{1,18}"
    query_serializers = {"list": AuditFilters}
    default_ordering = "-id"

    def get_serializer_class(self):
        return AuditDetailSerializer if self.action == "retrieve" else AuditSerializer

    def get_queryset(self):
        found = super().get_queryset().prefetch_related("figures", "actions__owner")
        if getattr(self, "swagger_fake_view", False):
            return found
        if not self.request.user.roles:
            raise NotAllowed(_("Audits are shared with people who have a role in this help desk."), code="role")
        if self.action == "retrieve":
            return found.prefetch_related("findings__right", "findings__answered_by")
        narrowed = {name: value for name, value in getattr(self, "query", {}).items() if value}
        if "quarter" in narrowed:
            narrowed["quarter"] = quarters.parse(narrowed["quarter"])
        return found.filter(**narrowed)
