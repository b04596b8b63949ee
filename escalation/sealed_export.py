"""A case as one ZIP for a court or an authority: documents, hashes, the whole trail, and a program that checks them.

What is in it and how it is sealed is said in docs/case-files.md. The SHA-256 of the manifest goes on the ticket's own
record, so an export that was made up or changed afterwards is told from ours.
"""

import hashlib
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from escalation import access, audit, export_verify
from escalation.archive import Archive, json_of
from escalation.case import Case, locked
from escalation.models import Action, AuditEvent, Evidence
from tickets import roles
from tickets.models import Attachment, Message, User
from tickets.refusals import NotAllowed

MAY_EXPORT = (roles.HEAD_OF_RISK, roles.LEGAL)
"""Who takes a case out of the house."""

_SPOOLED = 8 * 1024 * 1024


def require_exporter(user: User, number: int) -> None:
    """Refuse everybody but Risk and Legal; those who may not see the ticket are told that it does not exist."""
    access.get_ticket(user, number)
    if not user.has_role(*MAY_EXPORT):
        raise NotAllowed(_("A sealed export is made by Head of Risk or Legal."), code="role")


def make(number: int, *, actor: User | None = None, now: datetime | None = None) -> tuple[IO[bytes], str]:
    """Return the export of ticket NUMBER as an open file, and the SHA-256 of its manifest, which goes on record.

    Without ACTOR it is made by whoever runs the server, and the record says so.
    """
    if actor:
        require_exporter(actor, number)
    with locked(number, now=now, ended=True) as case:
        out = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            sealed = _Writer(archive, case)
            sealed.write_case()
            digest = sealed.write_manifest(actor)
        who = audit.person(actor) if actor else audit.SYSTEM
        case.record(Action.EXPORTED, who, data={"manifest_sha256": digest}, activity=False)
    out.seek(0)
    return out, digest


class _Writer(Archive):
    """Puts one locked case into an archive."""

    def __init__(self, archive: zipfile.ZipFile, case: Case):
        super().__init__(archive, f"case-{case.number}/")
        self.case = case

    def write_case(self) -> None:
        escalation, ticket = self.case.escalation, self.case.ticket
        about = _row(ticket) | {"customer": _row(ticket.customer), "channel": ticket.channel.slug}
        self.text("ticket.json", json_of(about | {"escalation": _row(escalation)}))
        self.lines("messages.jsonl", map(_row, self.messages().order_by("created_at", "id")))
        self.attachments()
        self.evidence()
        for name in (
            "visits",
            "risk_flags",
            "holds",
            "legal_holds",
            "decision_texts",
            "decisions",
            "external_notifications",
        ):
            self.lines(f"{name}.jsonl", map(_row, getattr(escalation, name).all()))
        approvals = escalation.approvals.prefetch_related("signatures")
        self.lines(
            "approvals.jsonl", (_row(a) | {"signatures": list(map(_row, a.signatures.all()))} for a in approvals)
        )
        self.lines("people.jsonl", map(_person, self.people()))
        self.lines("trail.jsonl", map(_link, self.trail()))

    def messages(self) -> QuerySet[Message]:
        return Message.objects.in_conversation(self.case.number)

    def trail(self) -> QuerySet[AuditEvent]:
        return AuditEvent.objects.filter(ticket=self.case.number).order_by("seq")

    def people(self) -> QuerySet[User]:
        """Those whom the trail names by id."""
        return User.objects.filter(pk__in=self.trail().exclude(person=None).values("person")).order_by("pk")

    def attachments(self) -> None:
        listed = []
        for file in Attachment.objects.filter(message__in=self.messages()).order_by("id"):
            path = f"attachments/{file.pk}"
            self.copy(path, file.file)
            listed.append(_row(file) | {"path": path})
        self.lines("attachments.jsonl", listed)

    def evidence(self) -> None:
        listed = []
        for piece in self.case.escalation.evidence.select_related("message"):
            path = f"evidence/{piece.pk}"
            if piece.form == Evidence.Form.FILE:
                self.copy(path, piece.file)
            else:
                self.text(path, piece.message.body if piece.message_id else piece.description)
            listed.append(_row(piece) | {"path": path})
        self.lines("evidence.jsonl", listed)

    def write_manifest(self, actor: User | None) -> str:
        """Write what was written, with hashes, and the program that checks it; return the manifest's own SHA-256."""
        program = Path(export_verify.__file__).read_text(encoding="utf-8")
        self.archive.writestr(f"{self.folder}verify.py", program)
        raw = json_of(
            {
                "ticket": self.case.number,
                "made_at": self.case.now,
                "made_by": actor.email if actor else "system",
                "trail": {"events": self.case.escalation.version, "head": self.case.escalation.head_hash},
                "files": self.files,
            }
        ).encode()
        self.archive.writestr(f"{self.folder}manifest.json", raw)
        return hashlib.sha256(raw).hexdigest()


def _row(instance) -> dict:
    """Return the columns of a row by name; people and other rows by their id."""
    return {
        field.attname: str(value.name) if hasattr(value, "storage") else value
        for field in instance._meta.concrete_fields
        for value in (getattr(instance, field.attname),)
    }


def _person(user: User) -> dict:
    return {"id": user.pk, "email": user.email, "name": user.name, "roles": sorted(user.roles)}


def _link(event: AuditEvent) -> dict:
    """Return an event with its time written as it was sealed."""
    row = _row(event) | {"ticket": event.ticket_id}
    row["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return row
