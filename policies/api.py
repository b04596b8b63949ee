"""REST: the clocks of the floors and the reply scripts in force."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import floors
from policies.models import FloorLimit, Script
from tickets.clock import database_now
from tickets.fields import Duration, StrictSerializer


class FloorSerializer(serializers.ModelSerializer):
    limit = Duration()
    team = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = FloorLimit
        fields = ["floor", "limit", "team", "owner", "version", "valid_from"]
        read_only_fields = fields


class FloorChange(StrictSerializer):
    """A new limit; it holds for stays that begin after the change."""

    limit = Duration()


class ScriptSerializer(serializers.ModelSerializer):
    texts = serializers.DictField(child=serializers.CharField(), help_text="language -> Markdown")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Script
        fields = ["slug", "title", "floor", "texts", "owner", "version", "valid_from"]


@extend_schema(tags=["Policies"])
class FloorView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """The clock of each floor (P2)."""

    queryset = FloorLimit.objects.select_related("team", "owner")
    serializer_class = FloorSerializer
    lookup_field = "floor"
    lookup_value_regex = "[0-9]{1,4}"
    default_ordering = "floor"

    def get_queryset(self):
        return super().get_queryset().in_force()

    @extend_schema(request=FloorChange, responses=FloorSerializer)
    def partial_update(self, request, floor: str) -> Response:
        """Change how long a ticket may stay on this floor; stays that have begun keep their limit."""
        change = FloorChange(data=request.data)
        change.is_valid(raise_exception=True)
        get_object_or_404(self.get_queryset(), floor=floor)
        floors.change_limit(
            floor=int(floor), limit=change.validated_data["limit"], actor=request.user, now=database_now()
        )
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), floor=floor)).data)


@extend_schema(tags=["Policies"])
class ScriptView(ListModelMixin, GenericViewSet):
    """The approved replies in force (P6.1)."""

    queryset = Script.objects.select_related("owner")
    serializer_class = ScriptSerializer
    default_ordering = "slug"

    def get_queryset(self):
        return super().get_queryset().in_force()
