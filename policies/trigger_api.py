"""REST: the rules in force."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from policies.models import Trigger


class TriggerEffects(serializers.ModelSerializer):
    """What a rule does when it fires; what is empty it leaves alone."""

    floor = serializers.IntegerField(allow_null=True)
    tags = serializers.ListField(child=serializers.SlugField())
    team = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)

    class Meta:
        model = Trigger
        fields = ["floor", "risk", "hold", "tags", "team", "warning"]


class TriggerSerializer(serializers.ModelSerializer):
    phrases = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="language -> phrases; * is any ending"
    )
    condition = serializers.CharField(help_text="an expression (docs/triggers.md), or empty")
    effects = TriggerEffects(source="*")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)
    published_by = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Trigger
        fields = [
            "slug", "name", "position", "phrases", "min_order_value", "condition", "effects", "owner", "published_by",
            "version", "valid_from",
        ]  # fmt: skip


@extend_schema(tags=["Policies"])
class TriggerView(ListModelMixin, GenericViewSet):
    """The rules in force (P2.2). They are drafted and published on the desk, by two people."""

    queryset = Trigger.objects.select_related("owner", "team", "published_by")
    serializer_class = TriggerSerializer
    default_ordering = "slug"

    def get_queryset(self):
        return super().get_queryset().in_force()
