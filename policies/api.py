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
from tickets.models import Category, Channel


class FloorSerializer(serializers.ModelSerializer):
    limit = Duration()
    channel = serializers.SlugRelatedField("slug", read_only=True, allow_null=True, help_text="null: all")
    category = serializers.SlugRelatedField("slug", read_only=True, allow_null=True, help_text="null: all")
    team = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    calendar = serializers.SlugRelatedField("slug", read_only=True, allow_null=True, help_text="null: always")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = FloorLimit
        fields = ["floor", "channel", "category", "limit", "calendar", "team", "owner", "version", "valid_from"]
        read_only_fields = fields


class FloorChange(StrictSerializer):
    """A new limit, and the calendar it runs in if that changes; it holds for stays that begin after the change."""

    limit = Duration()
    calendar = serializers.SlugField(required=False, allow_null=True, help_text="null: always")
    channel = serializers.SlugRelatedField(
        "slug", queryset=Channel.objects.all(), required=False, help_text="only for this channel's tickets"
    )
    category = serializers.SlugRelatedField(
        "slug", queryset=Category.objects.all(), required=False, help_text="only for this category's tickets"
    )


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

    queryset = FloorLimit.objects.filter(channel=None, category=None).select_related(
        "team", "owner", "calendar", "channel", "category"
    )
    serializer_class = FloorSerializer
    lookup_field = "floor"
    lookup_value_regex = "[0-9]{1,4}"
    default_ordering = "floor"

    def get_queryset(self):
        return super().get_queryset().in_force()

    @extend_schema(request=FloorChange, responses=FloorSerializer)
    def partial_update(self, request, floor: str) -> Response:
        """Change how long a ticket may stay on this floor, or only one channel's or category's; for stays to come."""
        change = FloorChange(data=request.data)
        change.is_valid(raise_exception=True)
        data, now = change.validated_data, database_now()
        own = get_object_or_404(self.get_queryset(), floor=floor)
        scope = floors.Scope(own.floor, data.get("channel"), data.get("category"))
        if "calendar" in data:
            current = floors.limits(now).find(
                scope.floor, *(part and part.pk for part in (scope.channel, scope.category))
            )
            terms = replace(floors.terms_of(current), limit=data["limit"], calendar=calendars.named(data["calendar"]))
            row = floors.put_in_force(scope, terms, actor=request.user, now=now)
        else:
            row = floors.change_limit(**vars(scope), limit=data["limit"], actor=request.user, now=now)
        return Response(self.get_serializer(row).data)


@extend_schema(tags=["Policies"])
class FloorLimitView(ListModelMixin, GenericViewSet):
    """Every clock in force, those for one channel or category among them."""

    queryset = FloorLimit.objects.select_related("team", "owner", "calendar", "channel", "category")
    serializer_class = FloorSerializer
    default_ordering = "id"

    def get_queryset(self):
        return super().get_queryset().in_force()


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
