"""REST: the macros that are offered. They are run through `tickets/bulk` with `do: macro`."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from escalation.models import Macro


class MacroSerializer(serializers.ModelSerializer):
    keeper = serializers.SlugRelatedField("email", read_only=True, help_text="who keeps it right")
    tags = serializers.SlugRelatedField("slug", many=True, read_only=True)
    category = serializers.SlugRelatedField("slug", read_only=True)
    team = serializers.SlugRelatedField("slug", read_only=True)

    class Meta:
        model = Macro
        fields = ["slug", "name", "tags", "category", "team", "owner", "script", "wait", "snooze", "keeper"]
        read_only_fields = ["owner", "script", "wait", "snooze"]


@extend_schema(tags=["House"])
class MacroView(ListModelMixin, GenericViewSet):
    """What one press does to a ticket. A macro sends nothing."""

    queryset = Macro.objects.filter(is_offered=True).select_related("keeper", "category", "team")
    queryset = queryset.prefetch_related("tags")
    serializer_class = MacroSerializer
    default_ordering = "slug"
