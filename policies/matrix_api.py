"""REST: the decision matrix, and the rights against policies, in force."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from policies.models import DecisionRule, ResponseTime, Right
from tickets import roles
from tickets.fields import Duration, Money


class DecisionRuleSerializer(serializers.ModelSerializer):
    """A cell: what `decided_by` may give alone, and what it may not add up to; null is no limit of that sort."""

    decided_by = serializers.ListField(source="roles", child=serializers.ChoiceField(choices=roles.ALL))
    up_to = serializers.SerializerMethodField()
    window = Duration(help_text="for one customer within this time")
    customer_up_to = serializers.SerializerMethodField()
    customer_window = Duration(allow_null=True)
    agent_up_to = serializers.SerializerMethodField()
    agent_window = Duration(allow_null=True)
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = DecisionRule
        fields = [
            "slug", "problem", "remedy", "decided_by", "up_to", "window", "customer_up_to", "customer_window",
            "agent_up_to", "agent_window", "floor", "product", "worth_from", "owner", "version", "valid_from",
        ]  # fmt: skip

    def get_up_to(self, rule: DecisionRule) -> Money(allow_null=True):
        return _money(rule.up_to, rule)

    def get_customer_up_to(self, rule: DecisionRule) -> Money(allow_null=True):
        return _money(rule.customer_up_to, rule)

    def get_agent_up_to(self, rule: DecisionRule) -> Money(allow_null=True):
        return _money(rule.agent_up_to, rule)


def _money(amount, rule: DecisionRule) -> dict | None:
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": rule.currency}


class RightSerializer(serializers.ModelSerializer):
    """A right against a policy; texts by language."""

    you = serializers.DictField(child=serializers.CharField())
    we = serializers.DictField(child=serializers.CharField())
    exceptions = serializers.DictField(child=serializers.CharField())
    by_channel = serializers.DictField(child=serializers.CharField())
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Right
        fields = [
            "right", "policy", "you", "we", "exceptions", "by_channel", "measure", "owner", "review_on", "version",
            "valid_from",
        ]  # fmt: skip


class ResponseTimeSerializer(serializers.ModelSerializer):
    """A promise; without `channel` for all channels that have none of their own."""

    channel = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    first_response = Duration()
    review_told = Duration(help_text="how soon a customer hears that somebody else must decide")
    resolution = Duration()
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = ResponseTime
        fields = ["channel", "first_response", "resolution", "review_told", "owner", "version", "valid_from"]


class InForceView(ListModelMixin, GenericViewSet):
    """What is in force; it is drafted and published on the desk, by two people."""

    default_ordering = "id"

    def get_queryset(self):
        return super().get_queryset().in_force()


@extend_schema(tags=["Policies"])
class DecisionRuleView(InForceView):
    """The decision matrix in force (P4.2)."""

    queryset = DecisionRule.objects.select_related("owner")
    serializer_class = DecisionRuleSerializer


@extend_schema(tags=["Policies"])
class RightView(InForceView):
    """The rights against policies in force (P3)."""

    queryset = Right.objects.select_related("owner")
    serializer_class = RightSerializer


@extend_schema(tags=["Policies"])
class ResponseTimeView(InForceView):
    """The promised times in force (P1.2)."""

    queryset = ResponseTime.objects.select_related("owner", "channel")
    serializer_class = ResponseTimeSerializer
