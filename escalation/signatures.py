"""Asking for a signature, and voiding what was asked for when the case changes (P2).

Who may sign is in `escalation.signers`; deciding a request, and what follows from it, in `escalation.approvals`.
"""

from django.utils.translation import gettext as _

from escalation import audit, facts, notices
from escalation.case import Case
from escalation.models import Action, Approval
from tickets.models import User
from tickets.refusals import Conflict


def request(case: Case, *, kind: str, actor: User, justification: str, content: dict | None = None) -> Approval:
    """Ask for a signature on a locked ticket, bound to the case as it is; CONTENT adds what is to be signed.

    A second request replaces one whose facts have changed since.
    """
    content = facts.of(case.number) | (content or {})
    digest = Approval.digest_of(ticket=case.number, kind=kind, justification=justification, content=content)
    waiting = case.escalation.approvals.filter(kind=kind, state=Approval.State.PENDING).first()
    replaced = {}
    if waiting:
        # Who wrote the text can never sign it, so they may take over the asking: else two people block each other.
        author = (content["text"] or {}).get("by")
        takes_over = waiting.requested_by_id != actor.pk == author and kind == Approval.Kind.FINAL_RESOLUTION
        if not facts.difference(waiting, content, binding=True) and not takes_over:
            raise Conflict(
                _("This signature is asked for already (request %(request)s by %(name)s).")
                % {"request": waiting.pk, "name": waiting.requested_by},
                code="already_requested",
                data={"approval": waiting.pk},
            )
        Approval.objects.filter(pk=waiting.pk).update(state=Approval.State.VOID)
        replaced = {"replaces": waiting.pk}
    approval = Approval.objects.create(
        escalation=case.escalation,
        kind=kind,
        requested_by=actor,
        requested_at=case.now,
        justification=justification,
        content=content,
        digest=digest,
    )
    case.record(
        Action.APPROVAL_REQUESTED,
        audit.person(actor),
        reason=justification,
        data={"approval": approval.pk, "kind": kind, "digest": digest, **replaced},
    )
    notices.signature_wanted(case.number, approval=approval.pk, now=case.now)
    return approval


def void_outdated(case: Case, actor: audit.Actor) -> None:
    """End the pending requests whose binding facts have changed, on record with what changed and who had signed."""
    pending = list(case.escalation.approvals.filter(state=Approval.State.PENDING))
    if not pending:
        return
    now = facts.of(case.number)
    for approval in pending:
        changed = facts.difference(approval, now, binding=True)
        if not changed:
            continue
        approval.state = Approval.State.VOID
        approval.save(update_fields=["state"])
        signed = list(approval.signatures.values_list("signer_id", flat=True))
        case.record(
            Action.APPROVAL_VOIDED,
            actor,
            data={
                "approval": approval.pk,
                "kind": approval.kind,
                "changed": changed,
                **({"signed_by": signed} if signed else {}),
            },
            activity=False,
        )
        notices.decided(case.number, approval=approval.pk, state=approval.state, now=case.now)
