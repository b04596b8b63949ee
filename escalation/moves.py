"""Moving a ticket between floors, resolving and reopening it: people, rules, approvals and the API come through here.

The clock's own moves are in `escalation.sweep`, which does the same for many tickets in one statement.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from escalation import access, audit, decision_texts, holds, notices, signatures, signers, visits
from escalation.case import Case, locked
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, FloorVisit
from escalation.models.escalation import State
from policies import floors
from tickets.models import Ticket, User
from tickets.refusals import Conflict, Invalid
from tickets.texts import clean_text


def escalate(
    number: int, *, actor: User, justification: str, now: datetime | None = None, expected_version: int | None = None
) -> Approval | None:
    """Move a ticket up one floor on a person's word.

    Floor 1 to 2 happens at once. Floor 2 to 3 asks for a supervisor's signature and returns the request, unless the
    approval matrix lets ACTOR do it alone (P2.1).
    """
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        why = justified(justification)
        floor = case.escalation.floor
        if floor is None:
            raise Conflict(_("This ticket is resolved; reopen it first."), code="resolved")
        if floor == 3:
            raise Conflict(_("This ticket is on Floor 3; there is no higher floor."), code="top_floor")
        if floor == 2 and not signers.may_alone(Approval.Kind.FLOOR_3, actor, case.escalation, case.now):
            return signatures.request(case, kind=Approval.Kind.FLOOR_3, actor=actor, justification=why)
        climb(case, floor + 1, how=FloorVisit.How.PERSON, actor=audit.person(actor), reason=why)
        return None


def climb(case: Case, floor: int, *, how: str, actor: audit.Actor, reason: str, data: dict | None = None) -> None:
    """Move a locked ticket up to FLOOR and record who did it and why."""
    came_from = case.escalation.floor
    getattr(case.escalation, f"climb_to_{floor}")()
    settled = visits.settle_approvals(case)
    visits.enter(case, floor, how=how, by=actor.person)
    case.record(
        Action.MOVED,
        actor,
        floor_from=came_from,
        floor_to=floor,
        reason=reason,
        data={
            "how": how,
            "policy": floors.cite(case.visit.policy),
            **(data or {}),
            **({"approvals": settled} if settled else {}),
        },
    )
    notices.arrived(case.number, floor=floor, seq=case.escalation.version, now=case.now)


def send_down(
    number: int,
    *,
    actor: User,
    floor: int,
    justification: str,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> None:
    """Return a ticket to a lower floor with a new clock."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_returner(actor, case.escalation)
        came_from = case.escalation.floor
        if came_from is None:
            raise Conflict(_("This ticket is resolved; reopen it first."), code="resolved")
        if floor not in (1, 2):
            raise Invalid(_("A ticket is sent down to Floor 1 or 2."), code="out_of_range", field="floor")
        if floor >= came_from:
            raise Conflict(
                _("This ticket is on Floor %(floor)s; it can only be sent down from there.") % {"floor": came_from},
                code="not_down",
            )
        why = justified(justification)
        getattr(case.escalation, f"return_to_{floor}")()
        settled = visits.settle_approvals(case)
        visits.enter(case, floor, how=FloorVisit.How.PERSON, by=actor)
        case.record(
            Action.MOVED,
            audit.person(actor),
            floor_from=came_from,
            floor_to=floor,
            reason=why,
            data={
                "how": "person",
                "policy": floors.cite(case.visit.policy),
                **({"approvals": settled} if settled else {}),
            },
        )


def resolve(
    number: int, *, actor: User, summary: str, now: datetime | None = None, expected_version: int | None = None
) -> Approval | None:
    """Resolve on Floors 1 and 2; on Floor 3 ask for the final signature of Risk or Legal and return the request."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor is None:
            raise Conflict(_("This ticket is resolved already."), code="resolved")
        what = clean_text(summary, field="summary", limit=10_000, required=True)
        holds.forbid(case, Blocked.RESOLVE, audit.person(actor))
        if case.escalation.floor == 3:
            decision_texts.adopt(case, actor=actor, text=what)
            return signatures.request(
                case,
                kind=Approval.Kind.FINAL_RESOLUTION,
                actor=actor,
                justification=what,
            )
        _resolve(case, actor=audit.person(actor), summary=what)
        return None


def sign_off(case: Case, approval: Approval, *, actor: User) -> None:
    """Resolve a Floor 3 ticket on the signature of Head of Risk or Legal (P2). Called when the approval is granted."""
    holds.forbid(case, Blocked.RESOLVE, audit.person(actor))
    _resolve(case, actor=audit.person(actor), summary=approval.justification, data={"approval": approval.pk})


def close(case: Case, *, actor: audit.Actor) -> None:
    """The customer says that this solved it: the ticket is closed for good, until they write again."""
    if case.escalation.state != State.RESOLVED:
        raise Conflict(_("Only a resolved ticket can be closed."), code="not_resolved")
    if case.ticket.closed_at:
        return
    Ticket.objects.filter(pk=case.number).update(closed_at=case.now)
    case.record(Action.CLOSED, actor)


def reopen(
    number: int, *, actor: User, reason: str, now: datetime | None = None, expected_version: int | None = None
) -> None:
    """Take a resolved ticket up again, on the floor that resolved it, with a new clock."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        why = clean_text(reason, field="reason", limit=10_000, required=True)
        take_up_again(case, actor=audit.person(actor), reason=why)


def take_up_again(case: Case, *, actor: audit.Actor, reason: str) -> None:
    """Reopen a locked ticket; how the new stay begins is told by who asked for it."""
    if case.escalation.state != State.RESOLVED:
        raise Conflict(_("This ticket is not resolved, so there is nothing to reopen."), code="not_resolved")
    floor = case.escalation.resolved_on_floor
    getattr(case.escalation, f"reopen_on_{floor}")()
    Ticket.objects.filter(pk=case.number).update(closed_at=None)
    visits.enter(case, floor, how=FloorVisit.How.PERSON if actor.person else FloorVisit.How.ARRIVAL, by=actor.person)
    case.record(Action.REOPENED, actor, floor_to=floor, reason=reason, data={"policy": floors.cite(case.visit.policy)})


def _resolve(case: Case, *, actor: audit.Actor, summary: str, data: dict | None = None) -> None:
    floor = case.escalation.floor
    settled = visits.settle_approvals(case, ends=True)
    case.escalation.resolve(case.now)
    visits.leave(case)
    case.record(
        Action.RESOLVED,
        actor,
        floor_from=floor,
        reason=summary,
        data={**(data or {}), **({"approvals": settled} if settled else {})},
    )
    notices.resolved(case.number, seq=case.escalation.version, now=case.now)
