"""Deciding a request for a signature: the same steps for every door (P2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils.translation import gettext as _

from escalation import (
    access,
    assignment,
    audit,
    contact_steps,
    conversation,
    decisions,
    external,
    facts,
    holds,
    moves,
    notices,
)
from escalation.case import Case, locked
from escalation.justification import justified
from escalation.models import Action, Approval, FloorVisit, Signature
from escalation.signers import Capacity, require_signer
from tickets.models import Message, User
from tickets.refusals import Conflict, NotFound
from tickets.texts import clean_text

Kind = Approval.Kind


def approve(
    approval_id: int, *, actor: User, note: str, digest: str | None = None, now: datetime | None = None
) -> Approval:
    """Sign a request; with the last signature that the matrix asks for, carry out what it was about.

    An overtaken request gets its owed justification instead (P2.1). DIGEST, when given, is that of what the signer was
    shown; if the case says something else by now, nothing is signed and the difference is told.
    """
    with _decidable(approval_id, actor=actor, now=now) as (case, approval, capacity):
        words = justified(note, field="note")
        stand = facts.of(case.number)
        _refuse_unseen(approval, stand, digest)
        if approval.state == Approval.State.OVERTAKEN:
            return _give_justification(case, approval, actor=actor, words=words)
        _refuse_outdated(approval, stand)
        given = _sign(case, approval, capacity, actor=actor, words=words, digest=facts.digest(approval, stand))
        if len(given) < capacity.rule.signatures:
            case.record(Action.SIGNATURE_GIVEN, audit.person(actor), reason=words, data=_cite(approval, given[-1]))
            return approval
        _decide(approval, Approval.State.APPROVED, actor=actor, words=words, now=case.now)
        case.record(Action.APPROVAL_GRANTED, audit.person(actor), reason=words, data=_cite(approval, given[-1]))
        _carry_out(case, approval, actor=actor, words=words)
        return approval


def reject(approval_id: int, *, actor: User, note: str, now: datetime | None = None) -> Approval:
    """Refuse a request with a reason; the ticket stays where it is and its clock runs on."""
    with _decidable(approval_id, actor=actor, now=now) as (case, approval, _capacity):
        if approval.state != Approval.State.PENDING:
            raise Conflict(_("The clock has moved this ticket; what is owed now is a justification."), code="overtaken")
        words = justified(note, field="note")
        _decide(approval, Approval.State.REJECTED, actor=actor, words=words, now=case.now)
        case.record(
            Action.APPROVAL_REJECTED,
            audit.person(actor),
            reason=words,
            data={"approval": approval.pk, "kind": approval.kind, "digest": approval.digest},
        )
        return approval


def ask(approval_id: int, *, actor: User, question: str, hold: bool = False, now: datetime | None = None) -> Message:
    """Ask whoever asked for the signature something first, as an internal note; HOLD holds the ticket until then.

    The request stays open and the clock runs on.
    """
    with _decidable(approval_id, actor=actor, now=now) as (case, approval, _capacity):
        words = clean_text(question, field="question", limit=10_000, required=True)
        if hold:
            holds.place(case.number, actor=actor, reason=words, now=case.now)
        return conversation.note(case.number, actor=actor, body=f"@{approval.requested_by} {words}", now=case.now)


def take_over(approval_id: int, *, actor: User, now: datetime | None = None) -> Approval:
    """Give the ticket of a request to ACTOR, who may sign it and works on its floor. The request stays open."""
    with _decidable(approval_id, actor=actor, now=now) as (case, approval, _capacity):
        assignment.assign(case.number, actor=actor, assignee=actor, now=case.now)
        return approval


def visible(user: User, approval_id: int) -> Approval:
    """Return a request about a ticket that USER may see, or NotFound."""
    found = access.visible_requests(user).filter(pk=approval_id).first()
    if found is None:
        raise NotFound(
            _("There is no approval %(number)s that you may see.") % {"number": approval_id}, code="not_found"
        )
    return found


@contextmanager
def _decidable(approval_id: int, *, actor: User, now: datetime | None) -> Iterator[tuple[Case, Approval, Capacity]]:
    """Lock a request's ticket and check that ACTOR may decide the request now."""
    number = visible(actor, approval_id).escalation_id
    with locked(number, now=now, ended=True) as case:
        approval = Approval.objects.select_related("requested_by").get(pk=approval_id)
        approval.escalation = case.escalation
        capacity = require_signer(actor, approval, now=case.now)
        if approval.state == Approval.State.VOID:
            _refuse_outdated(approval, facts.of(number))
        if approval.state != Approval.State.PENDING and not approval.justification_owed:
            raise Conflict(
                _("This request is no longer open: %(state)s.") % {"state": approval.get_state_display()},
                code="already_decided",
            )
        yield case, approval, capacity


def _refuse_unseen(approval: Approval, stand: dict, digest: str | None) -> None:
    """Refuse a signature by somebody who was shown something else than what is true now."""
    if digest is None or digest == facts.digest(approval, stand):
        return
    if approval.state == Approval.State.OVERTAKEN and digest == approval.digest:
        return
    raise Conflict(
        _("This request is not the one that you were shown. Read it again."),
        code="changed",
        data={"difference": facts.difference(approval, stand)},
    )


def _refuse_outdated(approval: Approval, stand: dict) -> None:
    """Refuse to sign a request whose binding facts are not those it was made on."""
    changed = facts.difference(approval, stand, binding=True)
    if changed:
        raise Conflict(
            _("The case has changed since this signature was asked for. It must be asked for again."),
            code="changed",
            data={"difference": changed},
        )


def _sign(
    case: Case, approval: Approval, capacity: Capacity, *, actor: User, words: str, digest: str
) -> list[Signature]:
    """Write the signature and return all that were given under the request."""
    Signature.objects.create(
        approval=approval,
        signer=actor,
        in_the_name_of=capacity.in_the_name_of,
        rule=capacity.rule,
        signed_at=case.now,
        digest=digest,
        note=words,
    )
    return list(approval.signatures.select_related("rule").order_by("id"))


def _carry_out(case: Case, approval: Approval, *, actor: User, words: str) -> None:
    match approval.kind:
        case Kind.FLOOR_3:
            moves.climb(
                case,
                3,
                how=FloorVisit.How.APPROVAL,
                actor=audit.person(actor),
                reason=words,
                data={"approval": approval.pk},
            )
        case Kind.HOLD_RELEASE:
            holds.lift(case, actor=actor, reason=words, approval=approval)
        case Kind.FINAL_RESOLUTION:
            moves.sign_off(case, approval, actor=actor)
        case Kind.EXTERNAL_NOTIFICATION:
            external.put_in_force(case, approval, actor=actor)
        case Kind.CONTACT:
            contact_steps.put_in_force(case, approval, actor=actor)
        case Kind.DECISION:
            decisions.put_in_force(case, approval, actor=actor)


def _cite(approval: Approval, signature: Signature) -> dict:
    """Return what the audit trail keeps of a signature."""
    rule = signature.rule
    cited = {
        "approval": approval.pk,
        "kind": approval.kind,
        "digest": signature.digest,
        "matrix": {"floor": rule.floor, "version": rule.version, "signatures": rule.signatures},
    }
    return cited | ({"in_the_name_of": signature.in_the_name_of_id} if signature.in_the_name_of_id else {})


def _decide(approval: Approval, state: str, *, actor: User, words: str, now: datetime) -> None:
    approval.state, approval.decided_by, approval.decided_at, approval.note = state, actor, now, words
    approval.save(update_fields=["state", "decided_by", "decided_at", "note"])
    if state != Approval.State.OVERTAKEN:
        notices.decided(approval.escalation_id, approval=approval.pk, state=state, now=now)


def _give_justification(case: Case, approval: Approval, *, actor: User, words: str) -> Approval:
    _decide(approval, Approval.State.OVERTAKEN, actor=actor, words=words, now=case.now)
    case.record(
        Action.JUSTIFICATION_GIVEN,
        audit.person(actor),
        reason=words,
        data={"approval": approval.pk, "kind": approval.kind},
    )
    return approval
