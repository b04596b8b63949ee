"""Deciding a request for a signature: four eyes in one place for every door (P2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from escalation import audit, holds, moves
from escalation.case import Case, locked
from escalation.models import Action, Approval, FloorVisit
from escalation.signatures import may_sign, signer_names, stand_of, visible_to
from tickets.models import User
from tickets.refusals import Conflict, NotAllowed, NotFound


def approve(
    approval_id: int, *, actor: User, note: str, digest: str | None = None, now: datetime | None = None
) -> Approval:
    """Sign a request and carry out what it was about. An overtaken request gets its owed justification instead (P2.1).

    DIGEST, when given, is that of what the signer was shown; if the request says something else by now, it is refused.
    """
    with _decidable(approval_id, actor=actor, now=now) as (case, approval):
        words = moves.justified(note, field="note")
        if digest is not None and digest != approval.digest:
            raise Conflict("This request is not the one that you were shown. Read it again.", code="changed")
        if approval.state == Approval.State.OVERTAKEN:
            return _give_justification(case, approval, actor=actor, words=words)
        if approval.kind == Approval.Kind.FINAL_RESOLUTION and stand_of(case) != approval.content:
            raise Conflict(
                "The case has changed since this signature was asked for. It must be asked for again.", code="changed"
            )
        _decide(approval, Approval.State.APPROVED, actor=actor, words=words, now=case.now)
        case.record(
            Action.APPROVAL_GRANTED,
            audit.person(actor),
            reason=words,
            data={"approval": approval.pk, "kind": approval.kind, "digest": approval.digest},
        )
        if approval.kind == Approval.Kind.FLOOR_3:
            moves.climb(
                case,
                3,
                how=FloorVisit.How.APPROVAL,
                actor=audit.person(actor),
                reason=words,
                data={"approval": approval.pk},
            )
        elif approval.kind == Approval.Kind.HOLD_RELEASE:
            holds.lift(case, actor=actor, reason=words, approval=approval)
        else:
            moves.sign_off(case, approval, actor=actor)
        return approval


def reject(approval_id: int, *, actor: User, note: str, now: datetime | None = None) -> Approval:
    """Refuse a request with a reason; the ticket stays where it is and its clock runs on."""
    with _decidable(approval_id, actor=actor, now=now) as (case, approval):
        if approval.state != Approval.State.PENDING:
            raise Conflict("The clock has moved this ticket; what is owed now is a justification.", code="overtaken")
        words = moves.justified(note, field="note")
        _decide(approval, Approval.State.REJECTED, actor=actor, words=words, now=case.now)
        case.record(
            Action.APPROVAL_REJECTED,
            audit.person(actor),
            reason=words,
            data={"approval": approval.pk, "kind": approval.kind, "digest": approval.digest},
        )
        return approval


@contextmanager
def _decidable(approval_id: int, *, actor: User, now: datetime | None) -> Iterator[tuple[Case, Approval]]:
    """Lock a request's ticket and check that ACTOR may decide the request now."""
    number = visible_to(actor).filter(pk=approval_id).values_list("escalation_id", flat=True).first()
    if number is None:
        raise NotFound(f"There is no approval {approval_id} that you may see.", code="not_found")
    with locked(number, now=now) as case:
        approval = Approval.objects.select_related("requested_by").get(pk=approval_id)
        approval.escalation = case.escalation
        if approval.requested_by_id == actor.pk:
            raise NotAllowed("You asked for this signature yourself; somebody else must sign.", code="four_eyes")
        if not may_sign(actor, approval):
            raise NotAllowed(f"This is signed by: {signer_names(approval)}.", code="role")
        if approval.state != Approval.State.PENDING and not approval.justification_owed:
            raise Conflict(f"This request is no longer open: {approval.get_state_display()}.", code="already_decided")
        yield case, approval


def _decide(approval: Approval, state: str, *, actor: User, words: str, now: datetime) -> None:
    approval.state, approval.decided_by, approval.decided_at, approval.note = state, actor, now, words
    approval.save(update_fields=["state", "decided_by", "decided_at", "note"])


def _give_justification(case: Case, approval: Approval, *, actor: User, words: str) -> Approval:
    _decide(approval, Approval.State.OVERTAKEN, actor=actor, words=words, now=case.now)
    case.record(
        Action.JUSTIFICATION_GIVEN,
        audit.person(actor),
        reason=words,
        data={"approval": approval.pk, "kind": approval.kind},
    )
    return approval
