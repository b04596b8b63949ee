"""REST: why a stay is due when it is due."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from escalation.explain import Kind, explain
from tickets.fields import Duration, Instant


class LimitOfStaySerializer(serializers.Serializer):
    """The version of the floor limit that the stay began under."""

    floor = serializers.IntegerField(read_only=True)
    channel = serializers.SlugField(source="channel.slug", read_only=True, allow_null=True, default=None)
    category = serializers.SlugField(source="category.slug", read_only=True, allow_null=True, default=None)
    version = serializers.IntegerField(read_only=True)
    valid_from = Instant(read_only=True)


class CalendarOfStaySerializer(serializers.Serializer):
    """The version of the calendar in which the clock runs."""

    slug = serializers.SlugField(read_only=True)
    name = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    zone = serializers.CharField(read_only=True, help_text="IANA time zone")


class StopSerializer(serializers.Serializer):
    """A pause; `given_back` is the working time in it, which the deadline was moved by."""

    started_at = Instant(source="pause.started_at", read_only=True)
    ended_at = Instant(source="pause.ended_at", read_only=True, allow_null=True)
    by = serializers.EmailField(source="pause.by.email", read_only=True, allow_null=True, default=None)
    reason = serializers.CharField(source="pause.reason", read_only=True)
    given_back = Duration(read_only=True)


class StepSerializer(serializers.Serializer):
    """A stretch of time; `used` is the working time used up at its end."""

    kind = serializers.ChoiceField(choices=[str(kind) for kind in Kind], read_only=True)
    begun_at = Instant(read_only=True)
    ended_at = Instant(read_only=True)
    counted = Duration(read_only=True)
    used = Duration(read_only=True)
    why = serializers.CharField(read_only=True, help_text="holidays and closures in it")


class ExplanationSerializer(serializers.Serializer):
    """The reckoning behind a deadline, walked anew; `agrees` says that it arrives at the stored `due_at`."""

    visit = serializers.IntegerField(source="visit.pk", read_only=True)
    floor = serializers.IntegerField(source="visit.floor", read_only=True)
    entered_at = Instant(source="visit.entered_at", read_only=True)
    limit = Duration(source="visit.limit", read_only=True)
    policy = LimitOfStaySerializer(read_only=True, allow_null=True)
    calendar = CalendarOfStaySerializer(read_only=True, allow_null=True, help_text="null: the clock always runs")
    pauses = StopSerializer(source="stops", many=True, read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    warn_at = Instant(source="visit.warn_at", read_only=True, allow_null=True)
    due_at = Instant(read_only=True, allow_null=True, help_text="null while the clock stands still")
    left = Duration(read_only=True, allow_null=True, help_text="working time left while it stands still")
    agrees = serializers.BooleanField(read_only=True)


class Explained:
    """The call below a visit that explains its deadline."""

    @extend_schema(
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)], responses=ExplanationSerializer, filters=False
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def explanation(self, request, number: str, pk: str) -> Response:
        """Policy, calendar, pauses and each step of the arithmetic behind this stay's deadline."""
        visits = self.get_queryset().select_related("policy__calendar", "policy__channel", "policy__category")
        return Response(ExplanationSerializer(explain(get_object_or_404(visits, pk=pk))).data)
