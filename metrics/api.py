"""REST: the Friday scorecards, and the tickets behind each figure."""

from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import overview
from escalation.api.serializers import TicketSerializer
from metrics import catalogue, figures, fridays, scorecard
from metrics.models import Figure, Scorecard
from metrics.scorecard import Sheet
from tickets.fields import Instant
from tickets.models import Team, Ticket, User
from tickets.refusals import Invalid, NotAllowed, NotFound

WEEK = "[0-9]{4}-W[0-9]{2}"
KEY = "[a-z0-9_]{1,40}"


class FigureSerializer(serializers.ModelSerializer):
    """One figure. A `value` of null means that there was nothing to measure; `why_empty` says what was missing."""

    value = serializers.FloatField(read_only=True, allow_null=True)
    target = serializers.FloatField(read_only=True, allow_null=True)
    previous = serializers.FloatField(read_only=True, allow_null=True)
    notes = serializers.JSONField(read_only=True)

    class Meta:
        model = Figure
        fields = ["key", "value", "unit", "target", "better", "met", "previous", "owner", "notes", "n", "why_empty"]
        read_only_fields = fields


class ScorecardSerializer(serializers.Serializer):
    """A week's figures. An edition never changes; a correction is a new one (P8.6). A running week has none yet."""

    week = serializers.CharField(source="name", read_only=True, help_text="ISO 8601: 2026-W47")
    edition = serializers.IntegerField(read_only=True, allow_null=True)
    published_at = Instant(read_only=True, allow_null=True)
    starts_at = Instant(read_only=True)
    ends_at = Instant(read_only=True)
    reason = serializers.CharField(read_only=True, help_text="what this edition corrects")
    team = serializers.SlugField(source="team.slug", read_only=True, allow_null=True, default=None)
    metrics = FigureSerializer(source="figures", many=True, read_only=True)


class ScorecardChoice(serializers.Serializer):
    """Which figures of a week: everybody's, or one team's; of the newest edition, or of an earlier one."""

    team = serializers.SlugField(max_length=60, required=False)
    edition = serializers.IntegerField(min_value=1, max_value=32_000, required=False)


@extend_schema(tags=["Scorecards"])
class ScorecardView(ListModelMixin, GenericViewSet):
    """The published weeks."""

    queryset = Scorecard.objects.filter(published_at__isnull=False)
    serializer_class = ScorecardSerializer
    lookup_field = "week"
    lookup_value_regex = WEEK
    query_serializers = {"retrieve": ScorecardChoice}
    default_ordering = "-week"

    def get_queryset(self) -> QuerySet[Scorecard]:
        newest = self.queryset.filter(week=OuterRef("week")).order_by("-edition").values("edition")[:1]
        shown = Figure.objects.filter(team=None).defer("tickets", "amounts")
        return self.queryset.filter(edition=Subquery(newest)).prefetch_related(
            Prefetch("figures", queryset=shown, to_attr="shown")
        )

    def list(self, request, *args, **kwargs) -> Response:
        """The newest edition of each published week, newest week first."""
        _require_role(request.user)
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ScorecardSerializer([_as_sheet(card) for card in page], many=True).data)

    @extend_schema(parameters=[ScorecardChoice, OpenApiParameter("week", str, OpenApiParameter.PATH)])
    def retrieve(self, request, week: str) -> Response:
        """The figures of one week; of a week that is not published yet, as they stand now."""
        _require_role(request.user)
        sheet = scorecard.read(_monday(week), self.query.get("edition"), _team(self.query.get("team")))
        return Response(ScorecardSerializer(sheet).data)


class BehindSerializer(TicketSerializer):
    """A ticket behind a figure, with what it counted for, in the figure's unit: 1 or 0 where the figure is a share."""

    amounts = serializers.ListField(child=serializers.FloatField(), read_only=True)


@extend_schema(
    tags=["Scorecards"],
    parameters=[
        OpenApiParameter("week", str, OpenApiParameter.PATH),
        OpenApiParameter("key", str, OpenApiParameter.PATH),
    ],
)
class FigureTicketsView(ListModelMixin, GenericViewSet):
    """The tickets behind a figure that the caller may see. Pulse answers are anonymous and have none."""

    queryset = Ticket.objects.all()
    serializer_class = BehindSerializer
    query_serializers = {"list": ScorecardChoice}
    default_ordering = "number"

    @extend_schema(parameters=[ScorecardChoice])
    def list(self, request, week: str, key: str) -> Response:
        """Each ticket with what it counted for; `restricted` counts the rows that the caller may not see."""
        _require_role(request.user)
        catalogue.get(key)
        edition, team = self.query.get("edition"), _team(self.query.get("team"))
        behind = figures.behind_for(request.user, _monday(week), key, edition, team)
        amounts: dict[int, list[Decimal]] = {}
        for row in behind.rows:
            amounts.setdefault(row.number, []).extend([] if row.amount is None else [row.amount])
        page = self.paginate_queryset(overview.tickets(request.user).filter(pk__in=amounts))
        for ticket in page:
            ticket.amounts = amounts[ticket.pk]
        response = self.get_paginated_response(BehindSerializer(page, many=True).data)
        response.data["restricted"] = behind.restricted
        return response


def _require_role(user: User) -> None:
    if not user.roles:
        raise NotAllowed(_("Scorecards are shared with people who have a role in this help desk."), code="role")


def _monday(week: str) -> date:
    try:
        return fridays.parse(week)
    except Invalid as error:
        raise NotFound(_("There is no such week."), code="not_found") from error


def _team(slug: str | None) -> Team | None:
    found = Team.objects.filter(slug=slug).first() if slug else None
    if slug and found is None:
        raise Invalid(_("There is no team '%(slug)s'.") % {"slug": slug}, code="unknown", field="team")
    return found


def _as_sheet(card: Scorecard) -> Sheet:
    order = {key: place for place, key in enumerate(catalogue.METRICS)}
    return Sheet(
        week=card.week,
        edition=card.edition,
        starts_at=card.starts_at,
        ends_at=card.ends_at,
        published_at=card.published_at,
        reason=card.reason,
        figures=sorted(card.shown, key=lambda figure: order.get(figure.key, len(order))),
    )
