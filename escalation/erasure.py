"""Taking a customer's words and name out of the house (GDPR art. 17), while figures, decisions and the record stay.

What goes is said by the models themselves (`tickets.personal`); what stays, and why, in docs/privacy.md. Each ticket is
one transaction, so an interrupted erasure goes on where it stopped, and doing it again does nothing.
"""

from datetime import datetime

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from escalation import audit, holds, outbox, reasons, redaction
from escalation.case import Case, locked
from escalation.models import Action, Approval, Blocked, Evidence, OutboxMessage, Signature
from policies.kinds import ApprovalKind
from tickets import files, vocabulary
from tickets.models import Attachment, Customer, Message, Ticket
from tickets.refusals import Conflict

SIGNED = Approval.State.APPROVED
FILED = (ApprovalKind.FINAL_RESOLUTION, ApprovalKind.EXTERNAL_NOTIFICATION)
"""Signatures that belong to the case file: what was signed stays as it was signed."""


def erase(number: int, *, by: audit.Actor, ground: str, now: datetime | None = None) -> bool:
    """Erase what is personal in ticket NUMBER; False when that was done before. GROUND goes on its record.

    Refused while the ticket is open, and by a hold or a legal hold that keeps it; the attempt is on record then.
    """
    with locked(number, now=now, ended=True) as case:
        if case.ticket.erased_at:
            return False
        # Legal holds on a customer take the same lock.
        Customer.objects.select_for_update(no_key=True).get(pk=case.ticket.customer_id)
        refuse_open(case.ticket)
        holds.forbid(case, Blocked.ERASE, by)
        words = vocabulary.words_of(number)
        Ticket.objects.filter(pk=number).update(erased_at=case.now)
        counts = _blank(case)
        vocabulary.forget(words)
        outbox.withdraw(list(OutboxMessage.objects.filter(ticket=number, sent_at__isnull=True)), reasons.ERASED)
        seals = redaction.redact(case)
        data = {"redacted": seals, "blanked": counts}
        case.record(Action.ERASED, by, reason=ground, data=data, activity=False)
        return True


def refuse_open(ticket: Ticket) -> None:
    """Refuse while TICKET, or the one that it was merged into, is still worked on."""
    lives = ticket.merged_into or ticket
    if lives.escalation.floor is not None:
        raise Conflict(
            _("#%(number)s is still open. Resolve it first.") % {"number": lives.pk},
            code="open",
            data={"ticket": lives.pk},
        )


def erase_messages(number: int, *, writer: Customer, by: audit.Actor, ground: str, now: datetime | None = None) -> None:
    """Erase what WRITER wrote in somebody else's ticket NUMBER, into which one of theirs was merged."""
    with locked(number, now=now, ended=True) as case:
        holds.forbid(case, Blocked.ERASE, by)
        theirs = Message.objects.filter(ticket=number, customer=writer).exclude(pk__in=_pinned())
        pks = list(theirs.values_list("pk", flat=True))
        _remove(Attachment.objects.filter(message__in=pks))
        Message.objects.filter(pk__in=pks).update(**Message.personal.blanks)
        case.record(Action.ERASED, by, reason=ground, data={"messages": pks}, activity=False)


def personal_models() -> list[type[models.Model]]:
    """Return the models that say what of them is personal; those with files first, before rows that they hang on go."""
    found = [model for model in apps.get_models() if hasattr(model, "personal")]
    return sorted(found, key=lambda model: not _file_columns(model))


def rows_of(model: type[models.Model], number: int) -> models.QuerySet:
    """Return what of MODEL goes with ticket NUMBER: its rows, without those that the case file keeps."""
    rows = model._base_manager.filter(**{model.personal.ticket: number})
    if model is Message:
        return rows.exclude(pk__in=_pinned())
    if model is Approval:
        return rows.exclude(state=SIGNED, kind__in=FILED)
    if model is Signature:
        return rows.exclude(approval__state=SIGNED, approval__kind__in=FILED)
    return rows


def _blank(case: Case) -> dict[str, int]:
    """Put nothing where words stood, and return how many rows of which kind that were."""
    counts = {}
    for model in personal_models():
        rows = rows_of(model, case.number)
        count = rows.update(**model.personal.blanks) if model.personal.blanks else _remove(rows)
        if count:
            counts[model._meta.model_name] = count
    return counts


def _remove(rows: models.QuerySet) -> int:
    """Delete rows, and the bytes of their files once the transaction is through."""
    for column in _file_columns(rows.model):
        files.discard(rows.values_list(column, flat=True))
    count = rows.count()
    rows.delete()
    return count


def _file_columns(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.fields if isinstance(field, models.FileField)]


def _pinned() -> models.QuerySet:
    return Evidence.objects.filter(message__isnull=False).values("message")
