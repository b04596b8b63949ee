"""Making two tickets about one thing into one.

Nothing that belongs to the merged ticket is moved: its messages, files, evidence and record stay where they are and are
read through `Ticket.merged_into`. So no hash, no custody and no link of the trail changes.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from escalation import access, audit, deadlines, holds, moves, reasons, visits
from escalation.case import Case, locked_together, refuse_ended
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, FloorVisit, RiskFlag
from tickets import roles
from tickets.models import Ticket, User
from tickets.refusals import Conflict, Invalid, NotAllowed, Stale

ACROSS_CUSTOMERS = (roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL)
"""Who may say that two addresses are one person."""

_LEAST = timedelta(seconds=1)


def merge(
    number: int,
    *,
    into: int,
    actor: User,
    reason: str,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> None:
    """End ticket NUMBER and go on with INTO, where what was said in both is read in order of time.

    INTO bears the risks of both, stands on the higher floor of the two and is due when the nearer deadline is. The
    customer gets no letter about it: what they write to either reaches the one that lives. It cannot be undone.
    """
    if number == into:
        raise Invalid(_("A ticket cannot be merged into itself."), code="same_ticket", field="into")
    access.get_ticket(actor, number)
    access.get_ticket(actor, into)
    # Only a change under this ticket's lock adds to them, and then the reader is told to look again.
    earlier = _taken_in(number)
    with locked_together([number, into, *earlier], now=now) as cases:
        one, other = cases[number], cases[into]
        _refuse(one, other, actor)
        if expected_version not in (None, one.escalation.version) or earlier != _taken_in(number):
            raise Stale(
                _("#%(number)s has changed since you looked. Read it again.") % {"number": number}, code="stale"
            )
        why = justified(reason, field="reason")
        floor, due_at = _end(one, into, actor=actor, why=why)
        for child in earlier:
            Ticket.objects.filter(pk=child).update(merged_into=into)
            data = {"into": into, "via": number}
            cases[child].record(Action.MERGED, audit.person(actor), reason=why, data=data, activity=False)
        _take_in(other, one, floor=floor, due_at=due_at, actor=actor, why=why)


def _taken_in(number: int) -> list[int]:
    return list(Ticket.objects.filter(merged_into=number).order_by("pk").values_list("pk", flat=True))


def _refuse(one: Case, other: Case, actor: User) -> None:
    for case in (one, other):
        access.require_worker(actor, case.escalation)
        refuse_ended(case.ticket)
    if other.escalation.floor is None:
        raise Conflict(
            _("#%(number)s is resolved. Reopen it first, or merge the other way round.") % {"number": other.number},
            code="resolved",
        )
    if one.ticket.customer_id != other.ticket.customer_id and not actor.has_role(*ACROSS_CUSTOMERS):
        raise NotAllowed(_("A supervisor merges the tickets of two addresses."), code="other_customer")
    for case in (one, other):
        holds.forbid(case, Blocked.MERGE, audit.person(actor))
        _refuse_pending(case)


def _refuse_pending(case: Case) -> None:
    """Refuse while somebody is asked to sign what the case is; only a move to Floor 3 is settled by the merge."""
    pending = case.escalation.approvals.filter(state=Approval.State.PENDING).exclude(kind=Approval.Kind.FLOOR_3)
    waiting = pending.first()
    if waiting:
        raise Conflict(
            _(
                "Request %(request)s of #%(number)s waits for a signature (%(kind)s). "
                "It must be signed or refused first."
            )
            % {"request": waiting.pk, "number": case.number, "kind": waiting.get_kind_display()},
            code="pending_signature",
            data={"approval": waiting.pk},
        )


def _end(case: Case, into: int, *, actor: User, why: str) -> tuple[int, datetime | None]:
    """Close the ticket that is merged; return the floor it stood on, 1 when it was resolved, and when it was due."""
    floor, due_at, settled = case.escalation.floor, None, []
    if floor is not None:
        due_at = case.visit.due_at
        settled = visits.settle_approvals(case, ends=True)
        case.escalation.resolve(case.now)
        visits.leave(case)
    Ticket.objects.filter(pk=case.number).update(merged_into=into, closed_at=case.now)
    data = {"into": into} | ({"approvals": settled} if settled else {})
    case.record(Action.MERGED, audit.person(actor), floor_from=floor, reason=why, data=data)
    return floor or case.escalation.resolved_on_floor, due_at


def _take_in(case: Case, merged: Case, *, floor: int, due_at: datetime | None, actor: User, why: str) -> None:
    """Give the ticket that lives the risks, the floor and the deadline of the merged one where they are stricter."""
    by, data = audit.person(actor), {"from": merged.number}
    borne = set(case.escalation.risk_flags.values_list("risk", flat=True))
    flags = list(merged.escalation.risk_flags.exclude(risk__in=borne))
    if flags:
        data["risks"] = [flag.risk for flag in flags]
        for flag in flags:
            flag.pk, flag.escalation = None, case.escalation
            if merged.ticket.customer_id != case.ticket.customer_id:
                flag.words, flag.note = [], ""  # what one address said goes with its own ticket
        RiskFlag.objects.bulk_create(flags)
    if floor > case.escalation.floor:
        moves.climb(case, floor, how=FloorVisit.How.PERSON, actor=by, reason=why, data={"merged": merged.number})
    if due_at is not None and floor == case.escalation.floor:
        if visits.resume(case):
            case.record(Action.CLOCK_RESUMED, by, reason=reasons.MERGED_RAN)
        if due_at < case.visit.due_at:
            _bring_forward(case, due_at)
            data["due_at"] = case.visit.due_at.isoformat()
    case.record(Action.TOOK_IN, by, reason=why, data=data)


def _bring_forward(case: Case, due_at: datetime) -> None:
    """Make the present stay end at DUE_AT, by a shorter limit: merging gives nobody more time than they had."""
    visit = case.visit
    at = max(due_at, case.now)
    left = deadlines.left(visit.entered_at, visits.terms_of(visit), visits.ended_pauses(visit), at)
    visit.limit = max(visit.limit - left, _LEAST)
    visit.due_at, visit.warn_at = visits.deadline(visit)
    visit.save(update_fields=["limit", "due_at", "warn_at"])
