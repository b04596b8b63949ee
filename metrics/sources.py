"""The rows behind the figures: one queryset per figure, from which both its value and its list of tickets are read.

A row is a ticket (or a stay on a floor, a rating, a review) with an `amount`: minutes, hours or points where the figure
is a mean, 1 or 0 where it is a share or a count.

*Resolved in the week* means: as things stood when the week ended, the ticket was resolved, and that happened within the
week. It is read from the stays on floors, so a later reopening changes nothing about a week gone by.

*Imported* tickets carry dates without a time of day. They count where days matter (backlog, floors) and are left out of
whatever is measured in minutes or hours, or counts messages that were not imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import (
    Case,
    DecimalField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from escalation import promises, reasons, telling
from escalation.models import Action, Approval, AuditEvent, FloorVisit, Pause
from metrics.fridays import Span
from metrics.models import QaReview, Rating
from metrics.ratings import SATISFIED
from policies import responses
from policies.checks import LONGEST_UNTOLD
from policies.models import FloorLimit, ScriptUse
from tickets.models import Message, Ticket

AMOUNT = DecimalField(max_digits=20, decimal_places=4)
OLD = timedelta(days=7)
"""A ticket open for longer than this is backlog (P8)."""

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Rows:
    """A queryset with an `amount`, and the paths from its model to the ticket's number and team."""

    queryset: QuerySet
    number: str
    team: str


Source = Callable[[Span], Rows]


def ratings(span: Span) -> Rows:
    given = Rating.objects.filter(rated_at__gte=span.start, rated_at__lt=span.end)
    return _rows(given, _share(Q(score__gte=SATISFIED)), "ticket")


def reviews(span: Span) -> Rows:
    made = QaReview.objects.filter(reviewed_at__gte=span.start, reviewed_at__lt=span.end)
    return _rows(made, F("score"), "ticket")


def first_responses(span: Span) -> Rows:
    amount = _elapsed("created_at", "first_response_at", MINUTE)
    return _rows(_first_answered(span), amount, "")


def scripted(span: Span) -> Rows:
    used = ScriptUse.objects.filter(message__ticket_id=OuterRef("pk"), message__created_at__lt=span.end)
    return _rows(_first_answered(span), _share(Exists(used)), "")


def open_tickets(span: Span) -> Rows:
    """Tickets open at the end of the week; 1 for those that came in more than seven days before."""
    standing = FloorVisit.objects.filter(entered_at__lt=span.end).filter(
        Q(left_at__isnull=True) | Q(left_at__gte=span.end)
    )
    return _rows(standing, _share(Q(escalation__ticket__created_at__lt=span.end - OLD)), "escalation__ticket")


def resolution_times(span: Span) -> Rows:
    return _rows(_live(_resolved(span)), _elapsed("escalation__ticket__created_at", "left_at", HOUR), _TICKET)


def resolved_in_a_day(span: Span) -> Rows:
    in_time = Q(left_at__lte=F("escalation__ticket__created_at") + timedelta(hours=24))
    return _rows(_live(_resolved(span)), _share(in_time), _TICKET)


def kept_promises(span: Span) -> Rows:
    """Resolved tickets; 1 for those answered and solved as promised at arrival, waiting for the customer apart.

    Promises count while the desk is open. What was in time by the clock on the wall was in time so, too; only what was
    not is reckoned again.
    """
    answered = Coalesce(F("escalation__ticket__first_response_at"), F("left_at"))
    resolved = _live(_resolved(span)).annotate(
        answer_due=F("escalation__ticket__created_at") + _promise("first_response"),
        solution_due=F("escalation__ticket__created_at") + _promise("resolution") + _waited(),
        answered=answered,
    )
    promised = resolved.filter(answer_due__isnull=False)
    kept = Q(answered__lte=F("answer_due")) & Q(left_at__lte=F("solution_due"))
    return _rows(promised, _share(kept | Q(pk__in=_kept_while_open(promised.filter(~kept)))), _TICKET)


def handling_times(span: Span) -> Rows:
    """Resolved tickets with the hours from arrival to resolution, the waiting for the customer taken off."""
    resolved = _live(_resolved(span)).annotate(since=F("escalation__ticket__created_at") + _waited())
    return _rows(resolved, _elapsed("since", "left_at", HOUR), _TICKET)


def followed_by_erasure(span: Span) -> Rows:
    """Resolved tickets; 1 where the customer asked for erasure before the time ended."""
    asked = AuditEvent.objects.filter(
        ticket_id=OuterRef("escalation_id"), action=Action.ERASED, reason=reasons.CUSTOMER_ASKED, at__lt=span.end
    )
    return _rows(_live(_resolved(span)), _share(Exists(asked)), _TICKET)


def closed_on_floor_1(span: Span) -> Rows:
    return _rows(_resolved(span), _share(Q(floor=1)), _TICKET)


def reached_floor_2(span: Span) -> Rows:
    higher = FloorVisit.objects.filter(escalation_id=OuterRef("pk"), floor__gte=2, entered_at__lt=span.end)
    opened = Ticket.objects.filter(created_at__gte=span.start, created_at__lt=span.end, escalation__isnull=False)
    return _rows(opened, _share(Exists(higher)), "")


def assignments_on_floor_2(span: Span) -> Rows:
    assigned = _ran().filter(floor=2, assigned_at__gte=span.start, assigned_at__lt=span.end)
    return _rows(assigned, _elapsed("entered_at", "assigned_at", MINUTE), _TICKET)


def decisions_on_floor_3(span: Span) -> Rows:
    decided = _resolved(span).filter(floor=3, policy__isnull=False)
    return _rows(decided, _elapsed("entered_at", "left_at", MINUTE), _TICKET)


def completed_on_floor_3(span: Span) -> Rows:
    """Tickets that came to Floor 3 in the week; 1 for those that were resolved when it ended."""
    here = {"escalation_id": OuterRef("escalation_id"), "entered_at__lt": span.end}
    earlier = FloorVisit.objects.filter(**here, floor=3, entered_at__gte=span.start, pk__lt=OuterRef("pk"))
    standing = FloorVisit.objects.filter(**here).filter(Q(left_at__isnull=True) | Q(left_at__gte=span.end))
    came = FloorVisit.objects.filter(floor=3, entered_at__gte=span.start, entered_at__lt=span.end)
    return _rows(came.filter(~Exists(earlier)), _share(~Exists(standing)), _TICKET)


def solved_at_first_contact(span: Span) -> Rows:
    """Resolved tickets; 1 where the customer wrote once and nobody had to take the ticket up again."""
    wrote_again = Message.objects.filter(
        ticket_id=OuterRef("escalation_id"),
        author__isnull=True,
        created_at__gt=OuterRef("escalation__ticket__created_at"),
        created_at__lt=span.end,
    )
    reopened = AuditEvent.objects.filter(ticket_id=OuterRef("escalation_id"), action=Action.REOPENED, at__lt=span.end)
    return _rows(_live(_resolved(span)), _share(~Exists(wrote_again) & ~Exists(reopened)), _TICKET)


def told_of_reviews(span: Span) -> Rows:
    """Reviews of which the customer was to hear within the week; 1 where the letter left in time (P4.3)."""
    asked = Approval.objects.filter(
        kind=Approval.Kind.DECISION, requested_at__gte=span.start - LONGEST_UNTOLD, requested_at__lt=span.end
    )
    begun = telling.with_told(asked).filter(told_due__gte=span.start, told_due__lt=span.end)
    return _rows(begun, _share(Q(told_at__lte=F("told_due"))), _TICKET)


_TICKET = "escalation__ticket"


def _resolved(span: Span) -> QuerySet[FloorVisit]:
    """Return the last stays of the tickets that were resolved in the week, as things stood at its end.

    A stay that ended because its ticket was merged into another resolved nothing.
    """
    went_on = FloorVisit.objects.filter(
        escalation_id=OuterRef("escalation_id"), pk__gt=OuterRef("pk"), entered_at__lt=span.end
    )
    merged = Q(escalation__ticket__merged_into__isnull=False, left_at=F("escalation__ticket__closed_at"))
    ended = FloorVisit.objects.filter(left_at__gte=span.start, left_at__lt=span.end)
    return ended.filter(~merged, ~Exists(went_on))


def _live(visits: QuerySet[FloorVisit]) -> QuerySet[FloorVisit]:
    return visits.filter(escalation__ticket__source="")


def _ran() -> QuerySet[FloorVisit]:
    """Return the stays whose clock really ran; imported history has no floor limit that it ran under."""
    return FloorVisit.objects.filter(policy__isnull=False)


def _first_answered(span: Span) -> QuerySet[Ticket]:
    return Ticket.objects.filter(first_response_at__gte=span.start, first_response_at__lt=span.end, source="")


def _waited() -> Coalesce:
    """How long a ticket's customer was waited for until its last stay ended."""
    waited = (
        Pause.objects.filter(visit__escalation_id=OuterRef("escalation_id"), ended_at__lte=OuterRef("left_at"))
        .order_by()
        .values("visit__escalation_id")
        .annotate(total=Sum(ExpressionWrapper(F("ended_at") - F("started_at"), DurationField())))
        .values("total")
    )
    return Coalesce(Subquery(waited, output_field=DurationField()), Value(timedelta(0)))


def _promise(which: str) -> Subquery:
    """The promise in force when the ticket came in."""
    return responses.of_rows("escalation__ticket__channel_id", "escalation__ticket__created_at", which)


def _kept_while_open(stays: QuerySet[FloorVisit]) -> list[int]:
    """Return the primary keys of those of STAYS whose promises were kept, counted in opening hours (P1.2)."""
    if not FloorLimit.objects.filter(floor=1, category=None, calendar__isnull=False).exists():
        return []
    ticket = [f"{_TICKET}__{name}" for name in ("channel_id", "created_at", "first_response_at")]
    rows = list(stays.values_list("pk", "escalation_id", "left_at", *ticket))
    if not rows:
        return []
    came = [row[4] for row in rows]
    held, found = responses.Promises(min(came), max(came)), []
    waited = promises.waited({number: left_at for _pk, number, left_at, *_rest in rows})
    for pk, number, left_at, channel, came_at, answered_at in rows:
        terms = held.terms(channel, came_at)
        if terms and terms.hours:
            asked = (came_at, answered_at or left_at, left_at)
            if promises.outcome(*asked, terms, waited.get(number, ()), now=left_at).both:
                found.append(pk)
    return found


def _elapsed(since: str, until: str, unit: int) -> Func:
    """Time between two columns in units of UNIT seconds."""
    return Func(
        F(until),
        F(since),
        template=f"(EXTRACT(EPOCH FROM (%(expressions)s)) / {unit})",
        arg_joiner=" - ",
        output_field=AMOUNT,
    )


def _share(condition) -> Case:
    return Case(When(condition, then=Value(Decimal(1))), default=Value(Decimal(0)), output_field=AMOUNT)


def resolved_tickets(span: Span) -> QuerySet[FloorVisit]:
    """Return the last stays of the tickets, not imported ones, that were resolved in SPAN."""
    return _live(_resolved(span))


def _rows(queryset: QuerySet, amount, ticket: str) -> Rows:
    prefix = f"{ticket}__" if ticket else ""
    # Rounded row by row, so that what is stored of the rows adds up to the figure to the last digit.
    return Rows(queryset.annotate(amount=Cast(amount, AMOUNT)).order_by(), f"{prefix}number", f"{prefix}team")
