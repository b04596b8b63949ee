"""REST: the targets of the figures, with their history (P1.3, P8.4)."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from metrics import catalogue, targets
from metrics.models import Figure, Target
from tickets.clock import database_now
from tickets.fields import StrictSerializer
from tickets.refusals import NotAllowed


class TargetVersionSerializer(serializers.ModelSerializer):
    """What a figure should be, from when on; null is no target."""

    value = serializers.FloatField(read_only=True, allow_null=True)
    set_by = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Target
        fields = ["value", "reason", "valid_from", "valid_until", "set_by"]


class TargetSerializer(TargetVersionSerializer):
    """The target in force. With `strict` the value itself does not meet it."""

    name = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner_name", read_only=True)

    class Meta:
        model = Target
        fields = ["key", "name", "value", "unit", "better", "strict", "owner", "reason", "valid_from", "set_by"]

    def get_name(self, target: Target) -> str:
        return str(catalogue.get(target.key).name)

    def get_unit(self, target: Target) -> serializers.ChoiceField(choices=Figure.Unit.choices):
        return catalogue.get(target.key).unit


class TargetDetailSerializer(TargetSerializer):
    """The same with every version, the newest first."""

    history = serializers.SerializerMethodField()

    class Meta(TargetSerializer.Meta):
        fields = [*TargetSerializer.Meta.fields, "history"]

    def get_history(self, target: Target) -> TargetVersionSerializer(many=True):
        versions = Target.objects.filter(key=target.key).select_related("set_by").order_by("-valid_from")
        return TargetVersionSerializer(versions[:100], many=True).data


class TargetChange(StrictSerializer):
    """A new value in the figure's unit (null: none), with the reason; published weeks keep theirs."""

    value = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0, allow_null=True)
    reason = serializers.CharField(max_length=2000)


@extend_schema(tags=["Scorecards"])
class TargetView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """The targets in force."""

    queryset = Target.objects.filter(valid_until__isnull=True, key__in=catalogue.METRICS).select_related(
        "owner", "set_by"
    )
    serializer_class = TargetSerializer
    lookup_field = "key"
    lookup_value_regex = "[a-z0-9_]{1,40}"
    default_ordering = "key"

    def get_serializer_class(self):
        return TargetSerializer if self.action == "list" else TargetDetailSerializer

    def get_queryset(self):
        if not getattr(self, "swagger_fake_view", False) and not self.request.user.roles:
            raise NotAllowed(_("Targets are shared with people who have a role in this help desk."), code="role")
        return super().get_queryset()

    @extend_schema(
        request=TargetChange, responses=TargetDetailSerializer,
        parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH)],
    )  # fmt: skip
    def partial_update(self, request, key: str) -> Response:
        """Set a target from now on; managers and administrators do."""
        catalogue.get(key)
        change = TargetChange(data=request.data)
        change.is_valid(raise_exception=True)
        made = targets.change(key, actor=request.user, now=database_now(), **change.validated_data)
        return Response(TargetDetailSerializer(made).data)
