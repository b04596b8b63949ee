"""Notices to authorities: asked for with a reason, signed by an executive, sent before a deadline of their own (P2)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from escalation import access, audit, holds, signatures
from escalation.case import Case, locked
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, ExternalNotification
from tickets.models import User
from tickets.refusals import Conflict, Invalid, NotFound
from tickets.texts import clean_line

WITHIN = timedelta(hours=72)
"""How soon an authority must be told unless a shorter time is set: that of a data breach (GDPR, article 33(1))."""


def ask(
    number: int,
    *,
    actor: User,
    authority: str,
    justification: str,
    reference: str = "",
    due_at: datetime | None = None,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> ExternalNotification:
    """Ask an executive to approve a notice to AUTHORITY, which is due at DUE_AT (default: 72 hours from now)."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor != 3:
            raise Conflict(_("Authorities are told about cases on Floor 3; move it there first."), code="floor")
        whom = clean_line(authority, field="authority", limit=200, required=True)
        cited = clean_line(reference, field="reference", limit=200)
        why = justified(justification)
        due = due_at or case.now + WITHIN
        if due <= case.now:
            raise Invalid(_("The deadline is over already."), code="out_of_range", field="due_at")
        holds.forbid(case, Blocked.NOTIFY_OUTSIDE, audit.person(actor))
        approval = signatures.request(
            case,
            kind=Approval.Kind.EXTERNAL_NOTIFICATION,
            actor=actor,
            justification=why,
            content={"authority": whom, "reference": cited, "due_at": due.isoformat(timespec="seconds")},
        )
        return ExternalNotification.objects.create(
            escalation=case.escalation,
            authority=whom,
            reference=cited,
            justification=why,
            asked_by=actor,
            asked_at=case.now,
            due_at=due,
            approval=approval,
        )


def put_in_force(case: Case, approval: Approval, *, actor: User) -> None:
    """Let a notice go out, its request being signed."""
    holds.forbid(case, Blocked.NOTIFY_OUTSIDE, audit.person(actor))
    notice = ExternalNotification.objects.get(approval=approval)
    notice.approved_at = case.now
    notice.save(update_fields=["approved_at"])
    case.record(
        Action.NOTICE_APPROVED,
        audit.person(actor),
        reason=notice.justification,
        data={"approval": approval.pk, "notice": notice.pk, "authority": notice.authority},
    )


def sent(
    number: int,
    notice_id: int,
    *,
    actor: User,
    reference: str = "",
    now: datetime | None = None,
    expected_version: int | None = None,
) -> ExternalNotification:
    """Put on record that an approved notice went out; REFERENCE is the authority's."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        notice = case.escalation.external_notifications.select_related("approval").filter(pk=notice_id).first()
        if notice is None:
            raise NotFound(_("There is no notice %(number)s on this ticket.") % {"number": notice_id}, code="not_found")
        holds.forbid(case, Blocked.NOTIFY_OUTSIDE, audit.person(actor))
        if notice.approved_at is None:
            raise Conflict(_("An executive must sign this notice first."), code="not_approved")
        if notice.sent_at:
            raise Conflict(_("This notice went out already."), code="already_sent")
        notice.reference = clean_line(reference, field="reference", limit=200) or notice.reference
        notice.sent_at, notice.sent_by = case.now, actor
        notice.save(update_fields=["reference", "sent_at", "sent_by"])
        case.record(
            Action.NOTICE_SENT,
            audit.person(actor),
            data={
                "notice": notice.pk,
                "authority": notice.authority,
                "reference": notice.reference,
                "due": notice.due_at.isoformat(timespec="seconds"),
                "late": notice.due_at < case.now,
            },
        )
        return notice
