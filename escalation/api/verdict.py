"""REST: what the decision matrix would say to the caller about a ticket, before anything is decided."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import access, authority, masking, precedents, reasons
from escalation.api.case_file import DecisionSerializer
from escalation.api.parts import NUMBER
from escalation.models import Decision, Verdict
from policies.remedies import Problem, Remedy
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer


class VerdictQuestion(StrictSerializer):
    problem = serializers.ChoiceField(choices=Problem.choices)
    remedy = serializers.ChoiceField(choices=Remedy.choices)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="ISO 4217; the shop's when left out")


class SimilarSerializer(DecisionSerializer):
    """An earlier decision, and why it is like this case; names are masked for those who do not work on its ticket."""

    ticket = serializers.IntegerField(source="escalation_id", read_only=True)
    rationale = serializers.SerializerMethodField()
    alike = serializers.ListField(child=serializers.CharField(), read_only=True)
    cited = serializers.IntegerField(read_only=True, help_text="how often later decisions follow it")

    class Meta(DecisionSerializer.Meta):
        fields = ["id", "ticket", "problem", "remedy", "amount", "rationale", "in_force_at", "cited", "alike"]
        read_only_fields = fields

    def get_rationale(self, decision: Decision) -> str:
        return masking.rationale(decision, self.context["request"].user)


class DiffersSerializer(serializers.Serializer):
    """How many similar cases got another remedy, and which; a decision that differs then says why."""

    cases = serializers.IntegerField(read_only=True)
    gave = serializers.CharField(read_only=True)


class VerdictSerializer(serializers.Serializer):
    """`allowed`, `needs` somebody else, or `no_rule`; why in words, and under which cell."""

    verdict = serializers.ChoiceField(choices=Verdict.choices, read_only=True)
    why = serializers.CharField(read_only=True)
    rule = serializers.CharField(read_only=True, allow_null=True, help_text="the cell, as slug and version")
    asked_at = Instant(read_only=True)
    similar = SimilarSerializer(many=True, read_only=True)
    differs = DiffersSerializer(read_only=True, allow_null=True)


@extend_schema(tags=["Case file"], parameters=[NUMBER, VerdictQuestion])
class VerdictView(GenericViewSet):
    """What the matrix says (P4.2), and what was decided in like cases (P4.4). Asking changes nothing."""

    queryset = Decision.objects.none()
    serializer_class = VerdictSerializer
    pagination_class = None
    paged = False
    query_serializers = {"list": VerdictQuestion}

    @extend_schema(responses=VerdictSerializer, operation_id="tickets_verdict")
    def list(self, request, number: str) -> Response:
        """Whether the caller may give a remedy alone here and now, with up to three precedents."""
        ticket, now = access.get_ticket(request.user, int(number)), database_now()
        access.require_worker(request.user, ticket.escalation)
        ruling = authority.verdict(ticket, actor=request.user, now=now, **self.query)
        about = {"problem": self.query["problem"], "remedy": self.query["remedy"]}
        similar = precedents.similar(ticket, request.user, **about)
        for case in similar:
            case.decision.alike = case.reasons
        times, usual = precedents.differs(ticket, **about)
        said = {
            "verdict": ruling.verdict,
            "why": reasons.shown(ruling.why),
            "rule": f"{ruling.cell.slug} {ruling.cell.version}" if ruling.cell else None,
            "asked_at": now,
            "similar": [case.decision for case in similar],
            "differs": {"cases": times, "gave": usual} if times else None,
        }
        return Response(VerdictSerializer(said, context={"request": request}).data)
