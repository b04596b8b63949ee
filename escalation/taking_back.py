"""Taking back what lies: a ticket whose owner went offline, or did nothing with it, returns to its queue by rule.

Nothing is lost by it: messages, notes and drafts stay, and whoever had it may still work on it or take it again.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from escalation import assignment, audit, notices, reasons
from escalation.candidates import GIVEN_TO
from escalation.case import locked_if_free
from escalation.models import Action, AuditEvent, FloorVisit
from tickets.clock import database_now
from tickets.models import Duty, User

OFFLINE, IDLE = "offline", "idle"
REASONS = {
    OFFLINE: reasons.WENT_OFFLINE,
    IDLE: reasons.STOOD_IDLE,
}


class Held(NamedTuple):
    """A running stay that somebody has: since when, and when they last did something."""

    visit: int
    number: int
    limit: timedelta
    entered_at: datetime
    idle_after: timedelta
    owner: int
    assigned_at: datetime | None
    acted_at: datetime | None


def take_back(as_of: datetime | None = None) -> int:
    """Return to their queue the tickets that their owners let lie; return how many."""
    now = as_of or database_now()
    # The few stays that somebody has are found first: with everything asked at once PostgreSQL reads all tickets ever.
    ours = FloorVisit.objects.filter(left_at__isnull=True, due_at__isnull=False, assigned_at__isnull=False)
    ours = ours.filter(escalation__ticket__assignee__isnull=False, escalation__ticket__team__auto_assign=True)
    held = [Held(*row) for row in _held().filter(pk__in=list(ours.order_by().values_list("pk", flat=True)))]
    duty = _duty_of({row.owner for row in held})
    return sum(_take(row.number, as_of) for row in held if _fault(row, duty.get(row.owner), now))


def _held() -> QuerySet:
    """Return stays with a running clock that a person has whom rules give tickets to."""
    takers = Q()
    for floor, allowed in GIVEN_TO.items():
        takers |= Q(floor=floor, escalation__ticket__assignee__in=User.objects.filter(groups__name__in=allowed))
    here = AuditEvent.objects.filter(ticket_id=OuterRef("escalation_id"), at__gte=OuterRef("entered_at"))
    here = here.order_by("-seq")
    owners = Q(person_id=OuterRef("escalation__ticket__assignee_id"))
    return (
        FloorVisit.objects.filter(takers, left_at__isnull=True, due_at__isnull=False)
        .filter(escalation__ticket__team__auto_assign=True)
        .annotate(
            given=Subquery(here.filter(action=Action.ASSIGNED).values("at")[:1]),
            # A clock that starts again starts the owner's time again: they waited for the customer until then.
            acted=Subquery(
                here.filter(owners | Q(action__in=[Action.ASSIGNED, Action.CLOCK_RESUMED])).values("at")[:1]
            ),
            idle_after=F("escalation__ticket__team__idle_after"),
            owner=F("escalation__ticket__assignee_id"),
        )
        .order_by("due_at", "id")
        .values_list("pk", "escalation_id", "limit", "entered_at", "idle_after", "owner", "given", "acted")
    )


def _duty_of(people: set[int]) -> dict[int, Duty]:
    return Duty.objects.in_bulk(people)


def _fault(held: Held, duty: Duty | None, now: datetime) -> str:
    """Return `offline`, `idle`, or '' when all is well. Who was offline when they got it was meant to have it."""
    since = duty.offline_since(now) if duty else None
    if since is not None and since >= (held.assigned_at or held.entered_at):
        return OFFLINE
    patience = min(held.idle_after, held.limit / 2)
    return IDLE if now - (held.acted_at or held.entered_at) >= patience else ""


def _take(number: int, as_of: datetime | None) -> bool:
    with locked_if_free(number, now=as_of) as case:
        row = _held().filter(escalation_id=number).first() if case else None
        if row is None:
            return False
        held = Held(*row)
        why = _fault(held, _duty_of({held.owner}).get(held.owner), case.now)
        if not why:
            return False
        assignment.hand(case, None, actor=audit.RULE, reason=REASONS[why], data={"why": why})
        notices.taken_back(number, visit=held.visit, why=why, now=case.now)
        notices.taken_from(number, visit=held.visit, person=held.owner, now=case.now)
        return True
