"""A customer's ticket in the customer's words: never floors, never notes, staff by first name only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from escalation.models.escalation import State
from policies import responses
from tickets.links import number_of
from tickets.models import Attachment, Message, Ticket
from tickets.refusals import NotFound


@dataclass(frozen=True)
class Stand:
    """Where the ticket is on the customer's own scale, in a word and a sentence."""

    word: str
    sentence: str
    badge: str
    step: int
    answered: bool = False
    closed: bool = False


def ticket_of(token: str) -> Ticket:
    """Return the ticket that a personal link opens, or NotFound."""
    tickets = Ticket.objects.select_related("customer", "channel", "assignee", "escalation")
    ticket = tickets.filter(pk=number_of(token)).first()
    if ticket is None:
        raise NotFound(_("This link leads nowhere any more."), code="not_found")
    return ticket


def public_messages(ticket: Ticket) -> list[Message]:
    """Return what was said in public, oldest first, with files."""
    return list(
        ticket.messages.filter(visibility=Message.Visibility.PUBLIC)
        .select_related("author")
        .prefetch_related(Prefetch("attachments", queryset=Attachment.objects.order_by("pk")))
    )


def first_name(message: Message) -> str:
    """Return the first name of the member of staff who wrote; never an address."""
    return message.author.name.split(" ")[0] if message.author and message.author.name else _("Our team")


def promised_at(ticket: Ticket) -> datetime:
    """Return until when a first answer was promised when the ticket came in (P1.2)."""
    return ticket.created_at + responses.promise(ticket.channel, ticket.created_at).first_response


def stand(ticket: Ticket, now: datetime) -> Stand:
    """Return where TICKET is, in words that are true at NOW."""
    if ticket.closed_at:
        return Stand(_("Closed"), _("You told us that this is solved. Write again and we take it up again."), "ok", 4,
                     answered=True, closed=True)  # fmt: skip
    if ticket.escalation.state == State.RESOLVED:
        return Stand(
            _("Answered"), _("We have answered. If that did not solve it, write below."), "ok", 3, answered=True
        )
    visit = ticket.escalation.visits.filter(left_at__isnull=True).first()
    if visit and visit.due_at is None:
        return Stand(_("Waiting for you"), _("We need something from you. Please answer below."), "warn", 2)
    if ticket.escalation.floor and ticket.escalation.floor > 1:
        return Stand(_("With a specialist"), _("A specialist has your case and everything you told us."), "held", 2)
    if ticket.assignee_id or ticket.first_response_at:
        return Stand(_("Being looked at"), _("Somebody is working on it."), "held", 1)
    if now > promised_at(ticket):
        return Stand(_("Received"), _("This takes longer than we promised. We are sorry, and we are on it."), "warn", 0)
    return Stand(_("Received"), _("Your request has arrived."), "held", 0)
