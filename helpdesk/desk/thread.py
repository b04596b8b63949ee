"""The conversation of a ticket as it is read: messages, oldest first, with what happened in between."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from escalation.models import Action, AuditEvent, RiskFlag
from helpdesk.desk import trail
from policies.risks import Risk
from policies.triggers import fold
from tickets.models import Attachment, Message, Ticket, User
from tickets.prepared import prepared

EVENTS_SHOWN = 2
"""So many events between two messages are shown as lines; more are folded to one."""


@dataclass(frozen=True)
class Line:
    """One event between two messages."""

    event: AuditEvent
    who: str
    what: str


@dataclass
class Entry:
    """One message with the events that came before it; the last entry may be events only."""

    message: Message | None = None
    events: list[Line] = field(default_factory=list)
    abusive: bool = False
    is_new: bool = False
    own: str = ""
    quoted: str = ""

    @property
    def folded(self) -> bool:
        return len(self.events) > EVENTS_SHOWN


def read(ticket: Ticket, flags: list[RiskFlag]) -> tuple[list[Entry], int]:
    """Return the entries and the id of the newest message, which a reply says it has seen.

    A message with words that the rule against abuse saw is marked, so that the page can fold it (P2.3, P5.4).
    """
    messages, events = _said_in(ticket), _events(number=ticket.pk)
    names = trail.names_in(events)
    insults = [fold(word) for flag in flags if flag.risk == Risk.ABUSE for word in flag.words]
    entries, entry, waiting = [], Entry(), iter(events)
    event = next(waiting, None)
    for message in messages:
        while event is not None and (event.at < message.created_at or event.action == Action.OPENED):
            entry.events.append(Line(event, trail.who(event), trail.what(event, names)))
            event = next(waiting, None)
        entry.message = message
        entry.own, entry.quoted = unquoted(message.body) if message.from_customer else (message.body, "")
        entry.abusive = bool(insults and message.from_customer and _has(message.body, insults))
        entries.append(entry)
        entry = Entry()
    while event is not None:
        entry.events.append(Line(event, trail.who(event), trail.what(event, names)))
        event = next(waiting, None)
    if entry.events:
        entries.append(entry)
    return entries, max((message.pk for message in messages), default=0)


def _said_in(ticket: Ticket) -> list[Message]:
    """Return the messages of TICKET (from `overview.ticket`) and of those that it took in, with what a page shows."""
    messages = _messages(bool(ticket.took_in), number=ticket.pk)
    if ticket.took_in:
        prefetch_related_objects(messages, "ticket__customer")
    for message in messages:
        if message.ticket_id == ticket.pk:
            message.ticket = ticket
    prefetch_related_objects([message for message in messages if message.has_files], "attachments")
    return messages


@prepared
def _messages(took_in_others: bool, *, number: int) -> QuerySet[Message]:
    said = Message.objects.in_conversation(number) if took_in_others else Message.objects.filter(ticket=number)
    said = said.select_related("author", "customer", "script_use__script").only(
        "ticket_id", "visibility", "body", "created_at", "author__name", "author__email", "customer__name",
        "customer__email", "script_use__script__title",
    )  # fmt: skip
    said = said.annotate(has_files=Exists(Attachment.objects.filter(message=OuterRef("pk"))))
    return said.order_by("created_at", "id")


@prepared
def _events(*, number: int) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(ticket=number).exclude(action__in=trail.MESSAGES)
    events = events.select_related("person", "customer").only(
        "ticket_id", "at", "by", "action", "floor_from", "floor_to", "reason", "data", "person__name", "person__email",
        "customer__name", "customer__email",
    )  # fmt: skip
    return events.order_by("at", "seq")


def mark_new(entries: list[Entry], read: int, reader: User) -> None:
    """Mark the first message that READER, who has read up to the message READ, has not seen; 0 marks none."""
    for entry in entries:
        if read and entry.message and entry.message.pk > read and entry.message.author_id != reader.pk:
            entry.is_new = True
            return


def unquoted(body: str) -> tuple[str, str]:
    """Return what somebody wrote, and the older message that their mail program quoted below it ('' for none)."""
    lines = body.splitlines()
    end = len(lines)
    while end and (lines[end - 1].startswith(">") or not lines[end - 1].strip()):
        end -= 1
    if not any(line.startswith(">") for line in lines[end:]):
        return body, ""
    if end and lines[end - 1].rstrip().endswith(":"):  # On Friday Anna wrote:
        end -= 1
    own = "\n".join(lines[:end]).rstrip()
    return (own, "\n".join(lines[end:]).strip()) if own else (body, "")


def _has(body: str, words: list[str]) -> bool:
    text = fold(body)
    return any(word in text for word in words)


def last_said(entries: list[Entry]) -> str:
    """Return the newest words of the customer, or ''."""
    own = (entry.message.body for entry in reversed(entries) if entry.message and entry.message.from_customer)
    return next(own, "")
