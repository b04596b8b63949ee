"""REST: the steps that were taken against abuse (P5.4)."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from escalation.access import visible_to
from escalation.models import ContactStep
from tickets.fields import Instant, StrictSerializer


class ContactStepFilters(StrictSerializer):
    """Each narrows the list."""

    customer = serializers.IntegerField(min_value=1, required=False, help_text="primary key")
    ticket = serializers.IntegerField(min_value=1, required=False)
    step = serializers.ChoiceField(ContactStep.Step.choices, required=False)


class ContactStepSerializer(serializers.ModelSerializer):
    """A step; it holds from `in_force_at` until `until` unless it was lifted, and not before it is signed."""

    ticket = serializers.IntegerField(source="escalation_id", read_only=True)
    customer = serializers.IntegerField(source="customer_id", read_only=True)
    until = Instant(read_only=True, allow_null=True)
    asked_by = serializers.EmailField(source="asked_by.email", read_only=True)
    asked_at = Instant(read_only=True)
    approval = serializers.IntegerField(source="approval_id", read_only=True, allow_null=True)
    in_force_at = Instant(read_only=True, allow_null=True)
    lifted_at = Instant(read_only=True, allow_null=True)
    lifted_by = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = ContactStep
        fields = [
            "id", "ticket", "customer", "step", "reason", "until", "asked_by", "asked_at", "approval", "in_force_at",
            "lifted_at", "lifted_by", "lift_reason",
        ]  # fmt: skip


@extend_schema(tags=["Policies"])
class ContactStepView(ListModelMixin, GenericViewSet):
    """The ladder against abuse: warned, in writing only, contact ended; on tickets that the caller may see."""

    queryset = ContactStep.objects.select_related("asked_by", "lifted_by")
    serializer_class = ContactStepSerializer
    query_serializers = {"list": ContactStepFilters}
    default_ordering = "-id"

    def get_queryset(self):
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return found
        wanted = dict(getattr(self, "query", {}))
        if "ticket" in wanted:
            wanted["escalation_id"] = wanted.pop("ticket")
        return found.filter(escalation__ticket__in=visible_to(self.request.user), **wanted)
