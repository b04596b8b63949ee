"""REST: the review of the workflow (P2.6)."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from metrics import fridays, workflow
from metrics.workflow import Review, Scope
from policies.models import Trigger
from tickets.clock import database_now
from tickets.fields import Instant
from tickets.models import Channel, Team, Ticket, User
from tickets.refusals import Invalid, NotAllowed


class WorkflowChoice(serializers.Serializer):
    """Which week (ISO 8601, default: the one that runs), and where given one floor, team, channel, trigger."""

    week = serializers.CharField(max_length=8, required=False, help_text="2026-W47")
    floor = serializers.IntegerField(min_value=1, max_value=3, required=False)
    team = serializers.SlugField(max_length=60, required=False)
    channel = serializers.SlugField(max_length=60, required=False)
    trigger = serializers.SlugField(max_length=60, required=False)


class FatesSerializer(serializers.Serializer):
    """How many stays ended how."""

    closed = serializers.IntegerField(read_only=True, help_text="resolved on this floor")
    clock = serializers.IntegerField(read_only=True, help_text="moved up by the clock")
    rule = serializers.IntegerField(read_only=True, help_text="moved up by a rule")
    person = serializers.IntegerField(read_only=True, help_text="moved up by a person")
    approval = serializers.IntegerField(read_only=True, help_text="moved up on a signature")
    down = serializers.IntegerField(read_only=True, help_text="sent down")
    open = serializers.IntegerField(read_only=True, help_text="still there at the end")


class StaysSerializer(serializers.Serializer):
    """Stays that began in the week, and what had become of them when it ended. Shares are of the arrivals."""

    key = serializers.CharField(read_only=True, allow_null=True)
    arrivals = serializers.IntegerField(read_only=True)
    fates = FatesSerializer(read_only=True)
    deadline_passed = serializers.IntegerField(source="passed", read_only=True)
    share_closed = serializers.SerializerMethodField()
    seconds_with_us = serializers.FloatField(source="worked", read_only=True)
    seconds_waiting = serializers.FloatField(source="waited", read_only=True)

    def get_share_closed(self, line) -> float | None:
        return line.share("closed")


class OwnerSerializer(serializers.Serializer):
    """Time with one person. An empty owner: with nobody; `others`: everybody whom the caller does not see singly."""

    floor = serializers.IntegerField(read_only=True)
    owner = serializers.CharField(read_only=True, allow_null=True)
    stays = serializers.IntegerField(read_only=True)
    seconds_with_us = serializers.FloatField(read_only=True)
    seconds_waiting = serializers.FloatField(read_only=True)


class RequestsSerializer(serializers.Serializer):
    """Signatures of one kind asked for in the week, as they stand now."""

    kind = serializers.CharField(read_only=True)
    asked = serializers.IntegerField(read_only=True)
    late = serializers.IntegerField(read_only=True, help_text="not decided by the deadline of the stay")
    justification_owed = serializers.IntegerField(source="owed", read_only=True)
    states = serializers.DictField(child=serializers.IntegerField(), read_only=True)


class RisksSerializer(serializers.Serializer):
    """Risks that one trigger found, and how many of their tickets were on Floor 3 from then on."""

    trigger = serializers.CharField(read_only=True, allow_null=True)
    flagged = serializers.IntegerField(source="raised", read_only=True)
    by_hand = serializers.IntegerField(read_only=True)
    on_floor_3 = serializers.IntegerField(source="reached", read_only=True)


class WorkflowSerializer(serializers.Serializer):
    """How the floors worked in a week."""

    week = serializers.CharField(read_only=True)
    starts_at = Instant(source="start", read_only=True)
    until = Instant(read_only=True)
    total = StaysSerializer(read_only=True)
    floors = StaysSerializer(many=True, read_only=True)
    ways = StaysSerializer(many=True, read_only=True, help_text="by how they came to the floor")
    teams = StaysSerializer(many=True, read_only=True)
    channels = StaysSerializer(many=True, read_only=True)
    weeks = StaysSerializer(many=True, read_only=True)
    owners = OwnerSerializer(many=True, read_only=True)
    requests = RequestsSerializer(many=True, read_only=True)
    risks = RisksSerializer(source="flags", many=True, read_only=True)


@extend_schema(tags=["Scorecards"])
class WorkflowView(GenericViewSet):
    """The review of the workflow itself (P2.6)."""

    queryset = Ticket.objects.none()
    serializer_class = WorkflowSerializer
    pagination_class = None
    paged = False
    query_serializers = {"list": WorkflowChoice}

    @extend_schema(
        responses=WorkflowSerializer,
        operation_id="workflow",
        parameters=[WorkflowChoice],
    )
    def list(self, request) -> Response:
        """Arrivals, fates, time, signatures and risks of one week; figures add up to the stays behind them."""
        if not request.user.roles:
            raise NotAllowed(_("The review is shared with people who have a role in this help desk."), code="role")
        found = workflow.review(_scope(self.query))
        return Response(WorkflowSerializer(_named(found, request.user)).data)


def _scope(query: dict) -> Scope:
    trigger = query.get("trigger")
    if trigger and not Trigger.objects.filter(slug=trigger).exists():
        raise Invalid(_("There is no trigger '%(trigger)s'.") % {"trigger": trigger}, code="unknown", field="trigger")
    week = query.get("week")
    return Scope(
        week=fridays.parse(week) if week else fridays.of(database_now()),
        floor=query.get("floor"),
        team=_find(Team, "team", query.get("team")),
        channel=_find(Channel, "channel", query.get("channel")),
        trigger=trigger,
    )


def _find(model, field: str, slug: str | None):
    found = model.objects.filter(slug=slug).first() if slug else None
    if slug and found is None:
        raise Invalid(
            _("There is no %(field)s '%(slug)s'.") % {"field": field, "slug": slug}, code="unknown", field=field
        )
    return found


def _named(found: Review, user: User) -> dict:
    """Say slugs, addresses and week names instead of keys."""
    teams = dict(Team.objects.values_list("pk", "slug"))
    channels = dict(Channel.objects.values_list("pk", "slug"))
    tables = {"floors": str, "ways": str, "teams": teams.get, "channels": channels.get, "weeks": fridays.name}
    said = {}
    for table, name in tables.items():
        said[table] = getattr(found, table)
        for line in said[table]:
            line.key = name(line.key)
    owners = workflow.owners_for(user, found)
    people = dict(User.objects.filter(pk__in=[row.owner for row in owners if row.owner]).values_list("pk", "email"))
    return said | {
        "week": fridays.name(found.scope.week),
        "start": found.start,
        "until": found.until,
        "total": found.total,
        "owners": [
            {
                "floor": row.floor,
                "owner": "others" if row.owner == 0 else people.get(row.owner),
                "stays": row.stays,
                "seconds_with_us": row.lasted - row.waited,
                "seconds_waiting": row.waited,
            }
            for row in owners
        ],
        "requests": found.requests,
        "flags": found.flags,
    }
