"""Precautionary holds: placed by anyone who works on the ticket, released only by approval (P2)."""

from datetime import datetime

from escalation import access, audit, signatures
from escalation.case import Case, locked
from escalation.models import Action, Approval, Hold
from escalation.moves import justified
from tickets.models import User
from tickets.refusals import Conflict


def place(
    number: int, *, actor: User, reason: str, now: datetime | None = None, expected_version: int | None = None
) -> Hold:
    """Forbid resolving until the hold is released. The clock runs on."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor is None:
            raise Conflict("This ticket is resolved; reopen it before placing a hold.", code="resolved")
        why = justified(reason, field="reason")
        if in_force(case):
            raise Conflict("This ticket is on hold already.", code="already_held")
        hold = Hold.objects.create(escalation=case.escalation, reason=why, placed_by=actor, placed_at=case.now)
        case.record(Action.HOLD_PLACED, audit.person(actor), reason=why, data={"hold": hold.pk})
        return hold


def place_by_rule(case: Case, *, rule: str, data: dict) -> None:
    """Place the hold that RULE asks for on a locked, live ticket; one that is held already stays as it is."""
    if in_force(case):
        return
    reason = f"Rule “{rule}”."
    hold = Hold.objects.create(escalation=case.escalation, reason=reason, placed_at=case.now)
    case.record(Action.HOLD_PLACED, audit.RULE, reason=reason, data={"hold": hold.pk} | data)


def ask_release(
    number: int, *, actor: User, justification: str, now: datetime | None = None, expected_version: int | None = None
) -> Approval:
    """Ask somebody else to release the hold in force."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        hold = in_force(case)
        if hold is None:
            raise Conflict("This ticket is not on hold.", code="not_held")
        return signatures.request(
            case,
            kind=Approval.Kind.HOLD_RELEASE,
            actor=actor,
            justification=justified(justification),
            content={"hold": hold.pk},
        )


def in_force(case: Case) -> Hold | None:
    return case.escalation.holds.filter(released_at__isnull=True).first()


def lift(case: Case, *, actor: User, reason: str, approval: Approval) -> None:
    """Release the hold that a granted approval names."""
    hold = in_force(case)
    if hold is None or hold.pk != approval.content.get("hold"):
        raise Conflict("The hold that this request is about is no longer in force.", code="not_held")
    Hold.objects.filter(pk=hold.pk).update(released_at=case.now, released_by=actor)
    case.record(
        Action.HOLD_RELEASED, audit.person(actor), reason=reason, data={"hold": hold.pk, "approval": approval.pk}
    )
