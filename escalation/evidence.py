"""Registering evidence: a file, a message of the ticket, or a statement, sealed by SHA-256 when it comes in (P2)."""

import hashlib
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from escalation import access, audit, signatures
from escalation.case import Case, locked
from escalation.models import Action, Evidence
from tickets import files
from tickets.models import Message, User
from tickets.refusals import Conflict, Invalid
from tickets.texts import clean_line, clean_text


def add(
    number: int,
    *,
    actor: User,
    description: str = "",
    file: UploadedFile | None = None,
    message: int | None = None,
    source: str = "",
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Evidence:
    """Register one piece of evidence: FILE, or MESSAGE (its id on this ticket), or a statement in DESCRIPTION alone.

    It is never changed and never removed. A final signature that was asked for without it is void.
    """
    said = clean_text(description, field="description", limit=10_000)
    whence = clean_line(source, field="source", limit=250)
    if file is not None and message is not None:
        raise Invalid(_("One piece of evidence is a file or a message, not both."), code="invalid", field="message")
    if file is not None:
        files.check([file])
    elif message is None and not said:
        raise Invalid(_("Evidence is a file, a message of this ticket, or a statement."), code="required", field="file")
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        row = Evidence(escalation=case.escalation, description=said, source=whence, added_by=actor, added_at=case.now)
        if file is not None:
            row.form, row.file, row.size = Evidence.Form.FILE, file, file.size
            row.name, row.sha256 = files.sealed(file)
        else:
            words = _words(case, row, message)
            row.size, row.sha256 = len(words), hashlib.sha256(words).hexdigest()
        row.save(force_insert=True)
        case.record(
            Action.EVIDENCE_ADDED,
            audit.person(actor),
            data={
                "evidence": row.pk,
                "form": str(row.form),
                "sha256": row.sha256,
                "size": row.size,
                **({"message": message} if message is not None else {}),
                **({"name": row.name} if row.name else {}),
            },
        )
        signatures.void_outdated(case, audit.person(actor))
        return row


def _words(case: Case, row: Evidence, message: int | None) -> bytes:
    """Return the bytes that are sealed: those of the message, or of the statement itself."""
    if message is None:
        row.form = Evidence.Form.STATEMENT
        return row.description.encode()
    pinned = Message.objects.in_conversation(case.number).filter(pk=message).first()
    if pinned is None:
        raise Invalid(_("There is no such message on this ticket."), code="unknown", field="message")
    if case.escalation.evidence.filter(message=pinned).exists():
        raise Conflict(_("This message is evidence already."), code="already_registered")
    row.form, row.message = Evidence.Form.MESSAGE, pinned
    return pinned.body.encode()
