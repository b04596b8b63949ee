"""REST: the clocks of the floors, the calendars and the reply scripts in force."""

from dataclasses import replace

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import calendars, floors
from policies.models import Calendar, FloorLimit, Script
from tickets.clock import database_now
from tickets.fields import Duration, StrictSerializer


class FloorSerializer(serializers.ModelSerializer):
    limit = Duration()
    team = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    calendar = serializers.SlugRelatedField("slug", read_only=True, allow_null=True, help_text="null: always")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = FloorLimit
        fields = ["floor", "limit", "calendar", "team", "owner", "version", "valid_from"]
        read_only_fields = fields


class FloorChange(StrictSerializer):
    """A new limit, and the calendar it runs in if that changes; it holds for stays that begin after the change."""

    limit = Duration()
    calendar = serializers.SlugField(required=False, allow_null=True, help_text="null: always")


class CalendarSerializer(serializers.ModelSerializer):
    """Opening hours: `week` has seven days, Monday first, of `["09:00", "13:00"]`."""

    week = serializers.ListField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    )
    holidays = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="date and name, as copied for this version",
    )
    closures = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Calendar
        fields = [
            "slug", "name", "zone", "week", "country", "subdivision", "holidays", "holidays_until", "closures", "owner",
            "version", "valid_from",
        ]  # fmt: skip


class ScriptSerializer(serializers.ModelSerializer):
    texts = serializers.DictField(child=serializers.CharField(), help_text="language -> Markdown")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Script
        fields = ["slug", "title", "floor", "texts", "owner", "version", "valid_from"]


@extend_schema(tags=["Policies"])
class FloorView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """The clock of each floor (P2), before exceptions for a channel or a category."""

    queryset = FloorLimit.objects.filter(channel=None, category=None).select_related("team", "owner", "calendar")
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
        terms = floors.terms_of(get_object_or_404(self.get_queryset(), floor=floor))
        limit, now = change.validated_data["limit"], database_now()
        if "calendar" in change.validated_data:
            calendar = calendars.named(change.validated_data["calendar"])
            terms = replace(terms, limit=limit, calendar=calendar)
            floors.put_in_force(floors.Scope(int(floor)), terms, actor=request.user, now=now)
        else:
            floors.change_limit(floor=int(floor), limit=limit, actor=request.user, now=now)
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), floor=floor)).data)


@extend_schema(tags=["Policies"])
class CalendarView(ListModelMixin, GenericViewSet):
    """The calendars in force: the time in which clocks run."""

    queryset = Calendar.objects.select_related("owner")
    serializer_class = CalendarSerializer
    default_ordering = "slug"

    def get_queryset(self):
        return super().get_queryset().in_force()


@extend_schema(tags=["Policies"])
class ScriptView(ListModelMixin, GenericViewSet):
    """The approved replies in force (P6.1)."""

    queryset = Script.objects.filter(kind=Script.Kind.REPLY).select_related("owner")
    serializer_class = ScriptSerializer
    default_ordering = "slug"

    def get_queryset(self):
        return super().get_queryset().in_force()
