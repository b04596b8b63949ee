"""Precautionary holds: placed by anyone who works on the ticket, released only by approval (P2)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from escalation import access, assignment, audit, legal_holds, reasons, signatures
from escalation.case import Case, Held, locked
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, Hold
from escalation.models.hold import usual
from tickets.models import User
from tickets.refusals import Conflict, Invalid

_KEPT_BY_LAW = (Blocked.MERGE, Blocked.ERASE)


def place(
    number: int,
    *,
    actor: User,
    reason: str,
    blocks: Sequence[str] | None = None,
    owner: User | None = None,
    review_on: date | None = None,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Hold:
    """Forbid what BLOCKS names (default: all but writing to the customer) until the hold is released.

    OWNER sees to it (default: who places it), and looks at it again on REVIEW_ON. The clock runs on.
    """
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor is None:
            raise Conflict(_("This ticket is resolved; reopen it before placing a hold."), code="resolved")
        why = justified(reason, field="reason")
        if in_force(case):
            raise Conflict(_("This ticket is on hold already."), code="already_held")
        forbidden = usual() if blocks is None else [action for action in Blocked.values if action in blocks]
        if not forbidden or (blocks is not None and set(blocks) - set(Blocked.values)):
            raise Invalid(
                _("A hold forbids at least one of: %(names)s.") % {"names": ", ".join(Blocked.values)},
                code="unknown",
                field="blocks",
            )
        if review_on is not None and review_on < case.now.date():
            raise Invalid(_("The day of review is over already."), code="out_of_range", field="review_on")
        hold = Hold.objects.create(
            escalation=case.escalation,
            reason=why,
            blocks=forbidden,
            owner=owner or actor,
            review_on=review_on,
            placed_by=actor,
            placed_at=case.now,
        )
        data = {"hold": hold.pk, "blocks": forbidden}
        if review_on:
            data["review_on"] = review_on.isoformat()
        case.record(Action.HOLD_PLACED, audit.person(actor), reason=why, data=data)
        return hold


def place_by_rule(case: Case, *, rule: str, data: dict) -> None:
    """Place the hold that RULE asks for on a locked, live ticket; one that is held already stays as it is."""
    if in_force(case):
        return
    reason = reasons.put(reasons.BY_RULE, name=rule)
    hold = Hold.objects.create(escalation=case.escalation, reason=reason, placed_at=case.now)
    case.record(Action.HOLD_PLACED, audit.RULE, reason=reason, data={"hold": hold.pk, "blocks": hold.blocks} | data)


def ask_release(
    number: int, *, actor: User, justification: str, now: datetime | None = None, expected_version: int | None = None
) -> Approval:
    """Ask somebody else to release the hold in force."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if in_force(case) is None:
            raise Conflict(_("This ticket is not on hold."), code="not_held")
        return signatures.request(
            case, kind=Approval.Kind.HOLD_RELEASE, actor=actor, justification=justified(justification)
        )


def reassign(number: int, *, actor: User, owner: User, now: datetime | None = None) -> Hold:
    """Give the hold in force to OWNER, who works on the ticket, to look at it again: its owner may be away."""
    with locked(number, now=now) as case:
        access.require_worker(actor, case.escalation)
        hold = in_force(case)
        if hold is None:
            raise Conflict(_("This ticket is not on hold."), code="not_held")
        if not assignment.may_have(owner, case.escalation.sensitive_floor):
            raise Invalid(_("%(name)s does not work on this floor.") % {"name": owner}, code="role", field="owner")
        if hold.owner_id == owner.pk:
            raise Conflict(_("%(name)s has this hold already.") % {"name": owner}, code="unchanged")
        before, hold.owner = hold.owner_id, owner
        hold.save(update_fields=["owner"])
        case.record(Action.HOLD_REASSIGNED, audit.person(actor), data={"hold": hold.pk, "from": before, "to": owner.pk})
        return hold


def in_force(case: Case) -> Hold | None:
    return case.escalation.holds.filter(released_at__isnull=True).select_related("placed_by").first()


def forbid(case: Case, action: str, actor: audit.Actor) -> None:
    """Stop ACTION if a hold forbids it, with the hold's own words; the attempt itself is put on record.

    Merging and erasing are also forbidden by a legal hold on the ticket or its customer.
    """
    if action in _KEPT_BY_LAW and (legal := legal_holds.covering(case.ticket).first()):
        raise Held(legal_holds.words(legal), number=case.number, attempted=str(action), actor=actor)
    hold = in_force(case)
    if hold and action in hold.blocks:
        why = hold.reason if hold.reason.endswith((".", "!", "?", "…")) else f"{hold.reason}."
        raise Held(
            reasons.put(reasons.HELD, when=hold.placed_at, who=hold.placed_by or "a rule", why=why),
            number=case.number,
            attempted=str(action),
            actor=actor,
        )


def lift(case: Case, *, actor: User, reason: str, approval: Approval) -> None:
    """Release the hold that a granted approval names."""
    hold = in_force(case)
    if hold is None or hold.pk != approval.content.get("hold"):
        raise Conflict(_("The hold that this request is about is no longer in force."), code="not_held")
    Hold.objects.filter(pk=hold.pk).update(released_at=case.now, released_by=actor)
    case.record(
        Action.HOLD_RELEASED, audit.person(actor), reason=reason, data={"hold": hold.pk, "approval": approval.pk}
    )
