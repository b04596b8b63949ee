"""Who signs what, and asking for a signature (P2). Nobody, superusers included, signs a request of their own.

Deciding a request, and what follows from it, is in `escalation.approvals`.
"""

from django.db.models import Q, QuerySet

from escalation import access, audit, notices
from escalation.case import Case
from escalation.models import Action, Approval
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict

SIGNERS = {
    Approval.Kind.FLOOR_3: {roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL},
    Approval.Kind.HOLD_RELEASE: {roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL},
    Approval.Kind.FINAL_RESOLUTION: {roles.HEAD_OF_RISK, roles.LEGAL},
}
"""Roles that may sign each kind of request. On Floor 3 a hold is released by Risk or Legal only."""

ALONE = {Approval.Kind.FLOOR_3: {roles.HEAD_OF_RISK, roles.LEGAL}}
"""Roles that need nobody else's signature: Floor 3 is theirs, so they may take a ticket there themselves."""


def may_alone(kind: str, user: User) -> bool:
    return user.has_role(*ALONE.get(kind, ()))


def signers(kind: str, floor: int) -> set[str]:
    """Return the roles that may sign KIND for a ticket on FLOOR."""
    if kind == Approval.Kind.HOLD_RELEASE and floor == 3:
        return {roles.HEAD_OF_RISK, roles.LEGAL}
    return SIGNERS[kind]


def stand_of(case: Case) -> dict:
    """Return the facts that a final signature is bound to; a signature on older facts is refused."""
    last = case.ticket.messages.order_by("-id").values_list("id", flat=True).first()
    return {"last_message": last, "risks": sorted(case.escalation.risk_flags.values_list("risk", flat=True))}


def request(case: Case, *, kind: str, actor: User, justification: str, content: dict | None = None) -> Approval:
    """Ask for a signature on a locked ticket. A second request replaces one whose facts have changed since."""
    content = content or {}
    digest = Approval.digest_of(ticket=case.number, kind=kind, justification=justification, content=content)
    waiting = case.escalation.approvals.filter(kind=kind, state=Approval.State.PENDING).first()
    replaced = {}
    if waiting:
        if waiting.content == content:
            raise Conflict(
                f"This signature is asked for already (request {waiting.pk} by {waiting.requested_by}).",
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


def may_sign(user: User, approval: Approval) -> bool:
    """Whether USER could decide this request: right role for the floor, sees the ticket, did not ask for it."""
    return (
        approval.requested_by_id != user.pk
        and user.has_role(*_signers_of(approval))
        and access.can_see(user, approval.escalation_id)
    )


def signer_names(approval: Approval) -> str:
    """Return the roles that may decide this request, in words."""
    allowed = _signers_of(approval)
    return ", ".join(str(roles.LABELS[role]) for role in roles.ALL if role in allowed)


def visible_to(user: User) -> QuerySet[Approval]:
    """Return the requests about tickets that USER may see."""
    return Approval.objects.filter(escalation__ticket__in=access.visible_to(user))


def waiting_for(user: User) -> QuerySet[Approval]:
    """Return what waits for USER's signature or justification, oldest first."""
    open_requests = Q(state=Approval.State.PENDING) | Q(state=Approval.State.OVERTAKEN, decided_at__isnull=True)
    kinds = [kind for kind, allowed in SIGNERS.items() if user.has_role(*allowed)]
    mine = visible_to(user).filter(open_requests, kind__in=kinds).exclude(requested_by=user)
    if not user.has_role(roles.HEAD_OF_RISK, roles.LEGAL):
        mine = mine.exclude(kind=Approval.Kind.HOLD_RELEASE, escalation__state="floor_3")
    return mine.select_related("escalation__ticket__customer", "requested_by")


def _signers_of(approval: Approval) -> set[str]:
    # What is owed after the clock moved a ticket is owed by those who would have signed on Floor 2.
    floor = 2 if approval.justification_owed else approval.escalation.sensitive_floor
    return signers(approval.kind, floor)
