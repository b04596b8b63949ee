"""The clock of one ticket: entering a floor, leaving it, standing still while we wait for the customer."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from escalation import deadlines
from escalation.case import Case
from escalation.deadlines import Deadline, Interval
from escalation.models import Approval, FloorVisit, Pause
from policies import floors
from policies.floors import Limits, Terms
from policies.models import FloorLimit
from tickets.models import Ticket, User
from tickets.refusals import Conflict


def limit_for(
    floor: int,
    now: datetime,
    *,
    channel: int | None = None,
    category: int | None = None,
    among: Limits | None = None,
) -> FloorLimit:
    """Return the limit in force for a ticket of CHANNEL and CATEGORY (primary keys) on FLOOR.

    Say what to do when the house has none. AMONG are the limits in force when they have been read already.
    """
    limit = (among or floors.limits(now)).find(floor, channel, category)
    if limit is None:
        raise Conflict(
            _("No limit is in force for Floor %(floor)s; load the starter policies (manage.py starter).")
            % {"floor": floor},
            code="no_policy",
        )
    return limit


def enter(case: Case, floor: int, *, how: str, by: User | None = None) -> FloorVisit:
    """Put the ticket on FLOOR with a new clock: the visit before ends, nobody is assigned, the floor's team has it."""
    leave(case)
    limit = limit_for(floor, case.now, channel=case.ticket.channel_id, category=case.ticket.category_id)
    deadline = deadlines.reckon(case.now, floors.terms_of(limit))
    case.visit = FloorVisit.objects.create(
        escalation=case.escalation,
        floor=floor,
        entered_at=case.now,
        due_at=deadline.due_at,
        warn_at=deadline.warn_at,
        limit=limit.limit,
        policy=limit,
        how=how,
        by=by,
    )
    team_id = limit.team_id or case.ticket.channel.team_id
    if (case.ticket.assignee_id, case.ticket.team_id) != (None, team_id):
        Ticket.objects.filter(pk=case.number).update(assignee=None, team_id=team_id)
        case.ticket.assignee, case.ticket.team_id = None, team_id
    return case.visit


def leave(case: Case) -> None:
    """End the open visit, if any, and the pause in it first, so that no waiting time is lost."""
    if case.visit is None:
        return
    _end_pause(case)
    FloorVisit.objects.filter(pk=case.visit.pk).update(left_at=case.now)
    case.visit = None


def open_pause(visit: FloorVisit) -> Pause | None:
    return visit.pauses.filter(ended_at__isnull=True).first()


def pause(case: Case, *, by: User, reason: str, since: datetime | None = None) -> Pause:
    """Stop the clock while we wait for the customer. A clock that has run out cannot be stopped any more.

    SINCE is an earlier moment of this stay from which it stands still, when it was asked for then.
    """
    visit = case.visit
    if visit is None:
        raise Conflict(_("This ticket is resolved; no clock is running."), code="resolved")
    if open_pause(visit):
        raise Conflict(_("The clock stands still already: we are waiting for the customer."), code="already_paused")
    if visit.due_at is None or visit.due_at <= case.now:
        raise Conflict(_("The time on this floor is over; a clock that has run out cannot be paused."), code="overdue")
    earliest = max([visit.entered_at, *(ended_at for _started_at, ended_at in ended_pauses(visit))])
    started_at = max(since, earliest) if since and since < case.now else case.now
    pause = Pause.objects.create(visit=visit, started_at=started_at, by=by, reason=reason)
    FloorVisit.objects.filter(pk=visit.pk).update(due_at=None, warn_at=None)
    visit.due_at = visit.warn_at = None
    return pause


def resume(case: Case) -> bool:
    """Let the clock run on with the time that was left; return whether it stood still."""
    if case.visit is None or open_pause(case.visit) is None:
        return False
    _end_pause(case)
    case.visit.due_at, case.visit.warn_at = deadline(case.visit)
    FloorVisit.objects.filter(pk=case.visit.pk).update(due_at=case.visit.due_at, warn_at=case.visit.warn_at)
    return True


def deadline(visit: FloorVisit) -> Deadline:
    """Return when VISIT is due and when it warns, by the policy that it began with and the pauses that have ended."""
    return deadlines.reckon(visit.entered_at, terms_of(visit), ended_pauses(visit))


def time_left(visit: FloorVisit, at: datetime) -> timedelta:
    """Return the working time that VISIT has left at AT, below zero when it is late; it stands still in a pause."""
    paused = open_pause(visit)
    return deadlines.left(visit.entered_at, terms_of(visit), ended_pauses(visit), paused.started_at if paused else at)


def terms_of(visit: FloorVisit) -> Terms:
    """Return what VISIT began under. One without a policy (from before a change of the books) runs always."""
    if visit.policy is None:
        return Terms(visit.limit, warn_share=0)
    return Terms(visit.limit, visit.policy.calendar, visit.policy.warn_share)


def ended_pauses(visit: FloorVisit) -> list[Interval]:
    return [(pause.started_at, pause.ended_at) for pause in visit.pauses.all() if pause.ended_at]


def settle_approvals(case: Case, *, by_clock: bool = False, ends: bool = False) -> list[dict]:
    """End requests that a move has made pointless and return them for the record.

    What the clock moves past a pending sign-off is `overtaken`, and the justification is owed (P2.1). A request to
    release a hold stays: the hold does too. So does a notice to an authority, and, unless the case ENDS, a decision.
    """
    settled = []
    stays = {Approval.Kind.HOLD_RELEASE, Approval.Kind.EXTERNAL_NOTIFICATION}
    if not ends:
        stays.add(Approval.Kind.DECISION)
    pending = case.escalation.approvals.filter(state=Approval.State.PENDING).exclude(kind__in=stays)
    for approval in pending:
        overtaken = by_clock and approval.kind == Approval.Kind.FLOOR_3
        approval.state = Approval.State.OVERTAKEN if overtaken else Approval.State.VOID
        approval.save(update_fields=["state"])
        settled.append({"approval": approval.pk, "kind": approval.kind, "state": str(approval.state)})
    return settled


def _end_pause(case: Case) -> None:
    case.visit.pauses.filter(ended_at__isnull=True).update(ended_at=case.now)
