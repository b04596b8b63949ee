"""REST: the Friday scorecards, and the tickets behind each figure."""

from decimal import Decimal

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import overview
from escalation.api.serializers import TicketSerializer
from metrics import fridays
from metrics.models import Figure, Scorecard
from tickets.fields import Instant
from tickets.models import Team, Ticket
from tickets.refusals import Invalid, NotFound

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


class ScorecardSerializer(serializers.ModelSerializer):
    """An edition of a week's figures. It never changes; a correction is a new edition (P8.6)."""

    week = serializers.CharField(source="name", read_only=True, help_text="ISO 8601: 2026-W47")
    published_at = Instant(read_only=True)
    starts_at = Instant(read_only=True)
    ends_at = Instant(read_only=True)
    metrics = FigureSerializer(source="shown", many=True, read_only=True)

    class Meta:
        model = Scorecard
        fields = ["week", "edition", "published_at", "starts_at", "ends_at", "time_zone", "reason", "metrics"]
        read_only_fields = fields


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
        return _with_figures(self.queryset.filter(edition=Subquery(newest)), team=None)

    def list(self, request, *args, **kwargs) -> Response:
        """The newest edition of each published week, newest week first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[ScorecardChoice, OpenApiParameter("week", str, OpenApiParameter.PATH)])
    def retrieve(self, request, week: str) -> Response:
        """The figures of one week."""
        return Response(ScorecardSerializer(edition_of(week, **self.query)).data)


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

    def get_queryset(self) -> QuerySet[Ticket]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        card = edition_of(self.kwargs["week"], **self.query)
        figure = next((figure for figure in card.shown if figure.key == self.kwargs["key"]), None)
        if figure is None:
            raise NotFound("There is no such figure in this week.", code="not_found")
        self.amounts: dict[int, list[Decimal]] = {}
        for number, amount in zip(figure.tickets, figure.amounts, strict=False):
            self.amounts.setdefault(number, []).append(amount)
        return overview.tickets(self.request.user).filter(pk__in=figure.tickets)

    @extend_schema(parameters=[ScorecardChoice])
    def list(self, request, *args, **kwargs) -> Response:
        """Each ticket with what it counted for."""
        page = self.paginate_queryset(self.get_queryset())
        for ticket in page:
            ticket.amounts = self.amounts.get(ticket.pk, [])
        return self.get_paginated_response(BehindSerializer(page, many=True).data)


def edition_of(week: str, *, team: str | None = None, edition: int | None = None) -> Scorecard:
    """Return a published edition of WEEK, the newest unless told, with one team's figures or everybody's."""
    try:
        monday = fridays.parse(week)
    except Invalid as error:
        raise NotFound("There is no such week.", code="not_found") from error
    of_team = None
    if team is not None:
        of_team = Team.objects.filter(slug=team).first()
        if of_team is None:
            raise Invalid(f"There is no team '{team}'.", code="unknown", field="team")
    cards = ScorecardView.queryset.filter(week=monday).order_by("-edition")
    if edition is not None:
        cards = cards.filter(edition=edition)
    return get_object_or_404(_with_figures(cards, team=of_team)[:1])


def _with_figures(cards: QuerySet[Scorecard], *, team: Team | None) -> QuerySet[Scorecard]:
    figures = Figure.objects.filter(team=team).order_by("pk")
    return cards.prefetch_related(Prefetch("figures", queryset=figures, to_attr="shown"))
