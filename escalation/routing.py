"""Giving a floor's tickets to people on duty by rule (P2: a specialist has it within 10 minutes, here within seconds).

Any number of processes may do this at once: a ticket that somebody is at is passed over, and candidates are locked
while one of them is chosen. Whoever had the ticket on this stay and let it lie does not get it again. Taking back is in
`escalation.taking_back`.
"""

from datetime import datetime

from django.db.models import DateTimeField, DurationField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat, Least

from escalation import assignment, audit, notices, reasons
from escalation.candidates import GIVEN_TO, Candidate, pool
from escalation.case import Case, locked_if_free
from escalation.models import Action, AuditEvent, FloorVisit, OutboxMessage
from tickets.clock import database_now
from tickets.models import Duty, Team, Ticket

LOOKED_AT = 100
"""Waiting tickets of one team and floor that one round looks at, the most urgent first."""


def give_out(as_of: datetime | None = None) -> int:
    """Give unassigned tickets of teams with `auto_assign` to people on duty; return how many were given."""
    now = as_of or database_now()
    if not Duty.objects.present(now).exists():
        return 0
    given = 0
    for team in Team.objects.filter(auto_assign=True):
        for floor in GIVEN_TO:
            room = sum(candidate.free for candidate in pool(team, floor, now))
            if not room:
                continue
            for number in list(_waiting(team, floor).values_list("escalation_id", flat=True)[:LOOKED_AT]):
                if _give(number, team, floor, as_of):
                    given, room = given + 1, room - 1
                if not room:
                    break
    return given


def tell_supervisors(as_of: datetime | None = None) -> int:
    """Promise a word to the supervisors about tickets that nobody could be given in time; return how many."""
    now = as_of or database_now()
    patience = Least(
        F("escalation__ticket__team__tell_after"), ExpressionWrapper(F("limit") / 2, output_field=DurationField())
    )
    told = OutboxMessage.objects.filter(key=Concat(Value("unassigned:"), Cast(OuterRef("pk"), _text())))
    waiting = (
        FloorVisit.objects.filter(left_at__isnull=True, due_at__isnull=False, assigned_at__isnull=True)
        .filter(escalation__ticket__team__auto_assign=True, escalation__ticket__assignee__isnull=True)
        .filter(entered_at__lte=ExpressionWrapper(Value(now) - patience, output_field=DateTimeField()))
        .exclude(Exists(told))
    )
    late = list(waiting.values_list("escalation_id", "pk")[:LOOKED_AT])
    for number, visit in late:
        notices.unassigned(number, visit=visit, now=now)
    return len(late)


def _waiting(team: Team, floor: int) -> QuerySet[FloorVisit]:
    """Return the stays whose clock runs while nobody has the ticket, except those that have been let lie by all."""
    return FloorVisit.objects.filter(
        left_at__isnull=True,
        due_at__isnull=False,
        floor=floor,
        escalation__ticket__team=team,
        escalation__ticket__assignee__isnull=True,
    ).order_by("due_at", "id")


def _give(number: int, team: Team, floor: int, as_of: datetime | None) -> bool:
    """Give one ticket to the best candidate, if there is one and it still waits."""
    with locked_if_free(number, now=as_of) as case:
        if case is None or not _still_waits(case, team, floor):
            return False
        people = pool(team, floor, case.now, lock=True)
        spared = _let_it_lie(case)
        fit = [candidate for candidate in people if candidate.free and candidate.user.pk not in spared]
        if not fit:
            return False
        best = min(fit, key=lambda candidate: candidate.rank(case.ticket))
        Duty.objects.filter(pk=best.user.pk).update(given_at=case.now)
        assignment.hand(
            case,
            best.user,
            actor=audit.RULE,
            reason=_why(best, case.ticket, len(people)),
            data={"considered": [candidate.cited(case.ticket) for candidate in people[:20]]},
        )
        return True


def _still_waits(case: Case, team: Team, floor: int) -> bool:
    return (
        case.visit is not None
        and case.visit.floor == floor
        and case.visit.due_at is not None
        and case.ticket.assignee_id is None
        and case.ticket.team_id == team.pk
    )


def _let_it_lie(case: Case) -> set[int]:
    """Return who gave the ticket away, or was idle with it, on this stay."""
    events = AuditEvent.objects.filter(ticket_id=case.number, action=Action.ASSIGNED, at__gte=case.visit.entered_at)
    events = events.exclude(data__why="offline").annotate(before=KT("data__from")).filter(before__isnull=False)
    return {int(person) for person in events.values_list("before", flat=True)}


def _why(best: Candidate, ticket: Ticket, count: int) -> str:
    speaks, knows = best.speaks(ticket.language), best.knows(ticket.category_id)
    if speaks:
        words = reasons.BEST_FIT_BOTH if knows else reasons.BEST_FIT_SPEAKS
    else:
        words = reasons.BEST_FIT_KNOWS if knows else reasons.BEST_FIT
    return words % {"count": count, "open": best.open, "capacity": best.capacity}


def _text():
    return OutboxMessage._meta.get_field("key")
