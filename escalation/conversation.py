"""What customers and staff say in a ticket, and what follows from it for clocks and floors."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from escalation import (
    access,
    audit,
    contact,
    holds,
    mentions,
    moves,
    notices,
    reasons,
    rules,
    signatures,
    snoozing,
    visits,
)
from escalation.case import Case, Merged, locked
from escalation.models import Action, Blocked, Escalation
from escalation.models.escalation import State
from policies import scripts
from policies.models import Script, ScriptUse
from policies.triggers import Occasion
from tickets import files as attachments
from tickets.models import Attachment, Customer, DraftFile, Message, Ticket, User
from tickets.refusals import Conflict
from tickets.texts import clean_text


def customer_message(
    number: int, *, body: str, files: Sequence[UploadedFile] = (), now: datetime | None = None
) -> Message:
    """Take a message from the ticket's customer, whichever way it came.

    It starts a paused clock again, reopens a resolved ticket, and is read by the triggers (P2.2). What is written to a
    ticket that was merged lands in the one that took it in. A ticket that was answered long ago is not taken up again:
    Conflict `too_old`, and the door opens a new one or says so.
    """
    text = clean_text(body, field="body", required=True)
    attachments.check(files)
    with _where_it_lives(number, now=now) as (case, writer):
        who = audit.customer(writer)
        other = writer if writer.pk != case.ticket.customer_id else None
        if not _may_continue(case.escalation, case.now):
            raise Conflict(_("This was answered long ago. Please ask anew."), code="too_old")
        message = Message.objects.create(ticket=case.ticket, customer=other, body=text, created_at=case.now)
        stored = attachments.attach(message, files)
        case.record(Action.MESSAGE_RECEIVED, who, data=cite(message, stored))
        snoozing.wake(number)
        if case.ticket.assignee_id:
            notices.customer_wrote(case.number, message=message.pk, now=case.now)
        if case.escalation.state == State.RESOLVED:
            moves.take_up_again(case, actor=who, reason=reasons.CUSTOMER_WROTE)
        elif visits.resume(case):
            case.record(Action.CLOCK_RESUMED, who, reason=reasons.CUSTOMER_ANSWERED)
        found = rules.findings_for(case.ticket, text=text, occasion=Occasion.MESSAGE, now=case.now)
        rules.apply(case, found)
        signatures.void_outdated(case, who)
        return message


def reply(
    number: int,
    *,
    actor: User,
    body: str,
    script: str = "",
    files: Sequence[UploadedFile] = (),
    seen_message: int | None = None,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Message:
    """Answer the customer. The first public answer by staff is the first response.

    SEEN_MESSAGE is the newest message that the writer had on screen; if another has come since, nothing is sent and the
    writer is told, so that two people never answer past each other.
    """
    text = clean_text(body, field="body", required=True)
    attachments.check(files)
    used = scripts.current(script) if script else None
    with locked(number, now=now, expected_version=expected_version) as case:
        require_sender(case, actor)
        refuse_if_overtaken(case, actor, seen_message)
        return send(case, actor=actor, text=text, used=used, files=files)


def require_sender(case: Case, actor: User) -> None:
    """Refuse whoever does not work on the ticket where it stands, and what a hold or the end of contact forbids."""
    access.require_worker(actor, case.escalation)
    holds.forbid(case, Blocked.SEND, audit.person(actor))
    contact.forbid(case, actor)


def send(
    case: Case,
    *,
    actor: User,
    text: str,
    used: Script | None = None,
    files: Sequence[UploadedFile] = (),
    kept: Sequence[DraftFile] = (),
    pressed_at: datetime | None = None,
) -> Message:
    """Put an answer into a locked conversation; what may forbid it has been asked before.

    KEPT are files that waited with the draft. PRESSED_AT is when the writer sent it off, if that was earlier: the first
    response counts from there.
    """
    message = Message.objects.create(ticket=case.ticket, author=actor, body=text, created_at=case.now)
    stored = attachments.adopt(message, kept) + attachments.attach(message, files)
    if used:
        ScriptUse.objects.create(message=message, script=used)
    if case.ticket.first_response_at is None:
        case.ticket.first_response_at = max(pressed_at or case.now, case.ticket.created_at)
        Ticket.objects.filter(pk=case.number).update(first_response_at=case.ticket.first_response_at)
    cited = {"script": used.slug, "script_version": used.version} if used else {}
    if pressed_at:
        cited["sent_off_at"] = pressed_at.isoformat()
    case.record(Action.MESSAGE_SENT, audit.person(actor), data=cite(message, stored) | cited)
    notices.answered(case.number, message=message.pk, now=case.now)
    signatures.void_outdated(case, audit.person(actor))
    return message


def note(
    number: int,
    *,
    actor: User,
    body: str,
    files: Sequence[UploadedFile] = (),
    kept: Sequence[DraftFile] = (),
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Message:
    """Add an internal note, which the customer never sees. KEPT are files that waited with the draft.

    Whoever it names with an @ and may see the ticket is told.
    """
    text = clean_text(body, field="body", required=True)
    attachments.check(files)
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_note_taker(actor, case.escalation)
        message = Message.objects.create(
            ticket=case.ticket,
            author=actor,
            visibility=Message.Visibility.INTERNAL,
            body=text,
            created_at=case.now,
        )
        stored = attachments.adopt(message, kept) + attachments.attach(message, files)
        case.record(Action.NOTE_ADDED, audit.person(actor), data=cite(message, stored))
        mentions.tell(message, by=actor, now=case.now)
        return message


def add_files(
    number: int, *, actor: User, files: Sequence[UploadedFile], now: datetime | None = None
) -> list[Attachment]:
    """Attach FILES as an internal note that names them."""
    names = ", ".join(file.name or "file" for file in files)
    return list(note(number, actor=actor, body=f"Files: {names}", files=files, now=now).attachments.all())


def may_continue(ticket: Ticket, *, now: datetime) -> bool:
    """Whether the customer can still write in TICKET: while it is open, and REOPEN_DAYS after it was answered."""
    return _may_continue(ticket.escalation, now)


def close(number: int, *, now: datetime | None = None) -> None:
    """The customer confirms that the resolution solved it."""
    with _where_it_lives(number, now=now) as (case, writer):
        moves.close(case, actor=audit.customer(writer))


@contextmanager
def _where_it_lives(number: int, *, now: datetime | None) -> Iterator[tuple[Case, Customer]]:
    """Lock ticket NUMBER, or the one that it was merged into, however often that happens meanwhile.

    Yield it with the customer of the ticket that was asked for.
    """
    writer = None
    with ExitStack() as stack:
        while True:
            try:
                case = stack.enter_context(locked(number, now=now))
            except Merged as merged:
                writer = writer or merged.ticket.customer
                number = merged.ticket.merged_into_id
            else:
                break
        yield case, writer or case.ticket.customer


def cite(message: Message, stored: Sequence[Attachment] = ()) -> dict:
    """Return what the audit trail keeps of a message: which one, and the SHA-256 of its words and of STORED files."""
    cited = {"message": message.pk, "sha256": hashlib.sha256(message.body.encode()).hexdigest()}
    return cited | {"files": [file.sha256 for file in stored]} if stored else cited


def _may_continue(escalation: Escalation, now: datetime) -> bool:
    answered = escalation.resolved_at
    return answered is None or now <= answered + timedelta(days=settings.REOPEN_DAYS)


def refuse_if_overtaken(case: Case, actor: User, seen_message: int | None) -> None:
    """Refuse an answer when somebody else has written since SEEN_MESSAGE, the newest that ACTOR had on screen."""
    if seen_message is None:
        return
    said = Message.objects.in_conversation(case.number).select_related("author", "customer", "ticket__customer")
    newer = said.filter(pk__gt=seen_message).exclude(author=actor).order_by("-pk").first()
    if newer:
        raise Conflict(
            _("%(name)s wrote while you were writing. Read it before you send.")
            % {"name": newer.author or newer.writer},
            code="newer_message",
            data={"message": newer.pk},
        )
