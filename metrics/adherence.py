"""How far the house keeps what it promises in the matrix of rights, counted from tickets (P3.3).

Each measure is a queryset of rows whose `met` is 1 (kept) or 0, like the figures of the scorecard, so whatever is
counted can be traced to its tickets. Imported tickets, whose dates have no time of day, are left out of all of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from escalation.models import Approval, Decision, FloorVisit, Verdict
from metrics import sources
from metrics.fridays import Span
from metrics.sources import Rows, Source
from policies.models import Right
from policies.remedies import MONEY
from tickets.models import Ticket

HOUR = 3600

OVER = timedelta(days=90)
"""The time that is looked back on where no quarter is named."""

NOTICED = timedelta(minutes=1)
"""How late a move by the clock may be and still be as promised: the clock of Floor 1 is 15 minutes (P2)."""

MONTH = timedelta(days=30)
"""What the law leaves for a request about personal data (GDPR art. 12(3): one month)."""

PRIVACY = "privacy"
"""Slug of the category of requests about personal data."""


@dataclass(frozen=True)
class Measure:
    """One figure about a policy: the share of rows in which it was kept."""

    key: str
    policy: str
    definition: str
    formula: str
    source: Source

    @property
    def label(self) -> str:
        return str(Right.Measure(self.key).label)


@dataclass(frozen=True)
class Kept:
    """In how many of how many cases a policy was kept."""

    kept: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down; None without cases."""
        return self.kept * 100 // self.of if self.of else None


def of(measure: str, now: datetime) -> Kept:
    """Return how far what MEASURE counts was kept in the 90 days before NOW."""
    return over(measure, Span(now - OVER, now))


def lately(measure: str, now: datetime) -> Kept:
    """Return the same for pages, counted at most once an hour however often it is read."""
    return cache.get_or_set(f"kept:{measure}", lambda: of(measure, now), HOUR)


def over(measure: str, span: Span) -> Kept:
    """Return how far what MEASURE counts was kept in SPAN."""
    counted = MEASURES[measure].source(span).queryset.aggregate(of=Count("pk"), kept=Count("pk", filter=Q(met=1)))
    return Kept(counted["kept"], counted["of"])


def about(policy: str) -> list[Measure]:
    """Return the measures of one policy of the matrix of rights."""
    return [measure for measure in MEASURES.values() if measure.policy == policy]


def _rows(queryset: QuerySet, kept: Q, ticket: str) -> Rows:
    """Return QUERYSET with `met`: 1 where KEPT holds, else 0; TICKET is the path from its model to a ticket."""
    met = Case(When(kept, then=1), default=0, output_field=IntegerField())
    return Rows(queryset.annotate(met=met).order_by(), f"{ticket}__number" if ticket else "number", "")


def _promises(span: Span) -> Rows:
    rows = sources.kept_promises(span)
    return Rows(rows.queryset.annotate(met=F("amount")), rows.number, rows.team)


def _signed_moves(span: Span) -> Rows:
    how = FloorVisit.How
    moved = FloorVisit.objects.filter(floor=3, entered_at__gte=span.start, entered_at__lt=span.end)
    moved = moved.filter(how__in=(how.APPROVAL, how.PERSON, how.CLOCK), escalation__ticket__source="")
    return _rows(moved, ~Q(how=how.CLOCK), "escalation__ticket")


def _clocks(span: Span) -> Rows:
    due = FloorVisit.objects.filter(policy__isnull=False, due_at__gte=span.start, due_at__lt=span.end)
    due = due.filter(escalation__ticket__source="")
    return _rows(due, Q(left_at__lte=F("due_at") + NOTICED), "escalation__ticket")


def _decided(span: Span) -> QuerySet[Decision]:
    open_or_void = (Approval.State.PENDING, Approval.State.VOID)
    made = Decision.objects.filter(decided_at__gte=span.start, decided_at__lt=span.end)
    return made.exclude(approval__state__in=open_or_void)


def _matrix(span: Span) -> Rows:
    covered = ~Q(verdict=Verdict.NO_RULE) & (Q(approval=None) | ~Q(approval__state=Approval.State.REJECTED))
    return _rows(_decided(span), covered, "escalation__ticket")


def _refunds(span: Span) -> Rows:
    given = _decided(span).filter(remedy__in=sorted(MONEY), in_force_at__isnull=False, escalation__ticket__source="")
    in_time = Q(in_force_at__lte=F("escalation__ticket__created_at") + timedelta(hours=24))
    return _rows(given, in_time, "escalation__ticket")


def _data_requests(span: Span) -> Rows:
    asked = Ticket.objects.filter(category__slug=PRIVACY, source="", merged_into=None, escalation__isnull=False)
    answered = Q(escalation__resolved_at__gte=span.start, escalation__resolved_at__lt=span.end)
    still_open = Q(escalation__resolved_at__isnull=True) | Q(escalation__resolved_at__gte=span.end)
    asked = asked.filter(answered | still_open & Q(created_at__lt=span.end - MONTH))
    return _rows(asked, Q(escalation__resolved_at__lte=F("created_at") + MONTH), "")


_RESPONSE, _PATHS = Right.Against.RESPONSE_TIMES, Right.Against.ESCALATION_PATHS

MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(
            Right.Measure.PROMISES,
            _RESPONSE,
            _("Requests that were answered and solved within the times promised when they came in."),
            _("Tickets resolved in this time with both promises kept / tickets resolved in this time."),
            _promises,
        ),
        Measure(
            Right.Measure.CLOCKS,
            _PATHS,
            _("Stays on a floor that ended in time, or moved up by the clock within a minute of its end."),
            _("Stays due in this time that ended at most a minute after their deadline / stays due in this time."),
            _clocks,
        ),
        Measure(
            Right.Measure.SIGNED_MOVES,
            _PATHS,
            _("Moves to Floor 3 that somebody signed or made; the others were made by the clock."),
            _("Arrivals on Floor 3 by a person or a signature / those and the ones by the clock."),
            _signed_moves,
        ),
        Measure(
            Right.Measure.MATRIX,
            Right.Against.CREDITS,
            _("Decisions that the matrix covered, and that no signer refused."),
            _("Decisions made in this time with a cell, alone or signed / all that are not still to be signed."),
            _matrix,
        ),
        Measure(
            Right.Measure.REFUNDS,
            Right.Against.CREDITS,
            _("Refunds and store credits that were in force within 24 hours of the request."),
            _("Those in force at most 24 hours after arrival / all refunds and credits of this time in force."),
            _refunds,
        ),
        Measure(
            Right.Measure.DATA_REQUESTS,
            Right.Against.DATA_HANDLING,
            _("Requests about personal data that were answered within one month."),
            _("Requests resolved within 30 days / requests resolved in this time, and those open for longer."),
            _data_requests,
        ),
    )
}
