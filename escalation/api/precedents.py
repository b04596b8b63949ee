"""REST: the archive of precedents."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from escalation import masking, precedents
from escalation.api.case_file import DecisionSerializer
from escalation.models import Decision, Verdict
from policies.remedies import Problem, Remedy
from tickets.clock import database_now
from tickets.fields import StrictSerializer


class PrecedentQuery(StrictSerializer):
    q = serializers.CharField(max_length=200, required=False, help_text="words of the rationale")
    problem = serializers.ChoiceField(choices=Problem.choices, required=False)
    remedy = serializers.ChoiceField(choices=Remedy.choices, required=False)
    verdict = serializers.ChoiceField(choices=Verdict.choices, required=False, help_text="what the matrix said")
    category = serializers.SlugField(max_length=50, required=False, help_text="of the ticket when it was decided")


class PrecedentSerializer(DecisionSerializer):
    """A decision in force: on which facts, under which rule, with which reason; names are masked for outsiders."""

    ticket = serializers.IntegerField(source="escalation_id", read_only=True)
    rationale = serializers.SerializerMethodField()
    verdict = serializers.ChoiceField(choices=Verdict.choices, read_only=True)
    departs_because = serializers.SerializerMethodField(
        help_text="why it differs from similar ones; empty: it does not"
    )
    rule = serializers.SerializerMethodField(help_text="the cell of the decision matrix, as slug and version")
    facts = serializers.DictField(read_only=True)
    cited = serializers.IntegerField(read_only=True, help_text="how often later decisions follow it")

    class Meta(DecisionSerializer.Meta):
        fields = [
            *DecisionSerializer.Meta.fields, "departs_because", "ticket", "verdict", "verdict_why", "rule", "facts",
            "cited",
        ]  # fmt: skip
        read_only_fields = fields

    def get_rationale(self, decision: Decision) -> str:
        return masking.rationale(decision, self.context["request"].user)

    def get_departs_because(self, decision: Decision) -> str:
        return masking.reasons(decision, self.context["request"].user)[1]

    def get_rule(self, decision: Decision) -> str | None:
        return f"{decision.rule.slug} {decision.rule.version}" if decision.rule_id else None


@extend_schema(tags=["Policies"], parameters=[PrecedentQuery])
class PrecedentView(ListModelMixin, GenericViewSet):
    """What was decided, newest first, about tickets that the caller may see (P4.4)."""

    queryset = Decision.objects.all()
    serializer_class = PrecedentSerializer
    query_serializers = {"list": PrecedentQuery}
    default_ordering = "-id"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        wanted = dict(self.query)
        user, asked = self.request.user, wanted.pop("q", "")
        if "category" in wanted:
            wanted["facts__category"] = wanted.pop("category")
        found = precedents.archive(user).filter(in_force_at__isnull=False, **wanted)
        if asked:
            found = found.filter(pk__in=precedents.search(user, asked, now=database_now(), **wanted))
        return found.select_related("approval").annotate(cited=precedents.times_cited())
