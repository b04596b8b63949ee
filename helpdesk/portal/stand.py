"""A customer's ticket in the customer's words: never floors, never notes, staff by first name only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _

from escalation.models import FloorVisit
from escalation.models.escalation import State
from policies import responses
from tickets.links import number_of
from tickets.models import Attachment, Customer, Message, Ticket
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


def standing() -> QuerySet[Ticket]:
    """Return all tickets with what `stand` and `word` look at."""
    paused = FloorVisit.objects.filter(escalation_id=OuterRef("pk"), left_at=None, due_at=None)
    return Ticket.objects.select_related("customer", "channel", "escalation").annotate(waits=Exists(paused))


def own(customer: Customer) -> QuerySet[Ticket]:
    """Return the requests of CUSTOMER, open ones first, and of these the one with the newest public message."""
    said = Message.objects.filter(ticket=OuterRef("pk"), visibility=Message.Visibility.PUBLIC).order_by("-created_at")
    return (
        standing()
        .filter(customer=customer)
        .annotate(
            is_open=ExpressionWrapper(Q(escalation__resolved_at=None), BooleanField()),
            said_at=Subquery(said.values("created_at")[:1]),
        )
        .order_by("-is_open", "-said_at", "-pk")
    )


def ticket_of(request: HttpRequest, token: str) -> Ticket:
    """Return what TOKEN opens, a personal link or a number of the customer who is signed in; or NotFound."""
    if token.isdigit():
        # Whoever is not signed in is told the same of every number.
        tickets, number = standing().filter(customer=request.customer), int(token)
    else:
        tickets, number = standing(), number_of(token)
    ticket = tickets.filter(pk=number).first()
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


def word(ticket: Ticket) -> str:
    """Return where TICKET, one of `standing`, is in one word of the customer's own scale."""
    return stand(ticket, None).word


def stand(ticket: Ticket, now: datetime | None) -> Stand:
    """Return where TICKET, one of `standing`, is, in words true at NOW; without NOW no promise is looked at."""
    if ticket.closed_at:
        return Stand(_("Closed"), _("You told us that this is solved. Write again and we take it up again."), "ok", 4,
                     answered=True, closed=True)  # fmt: skip
    if ticket.escalation.state == State.RESOLVED:
        return Stand(
            _("Answered"), _("We have answered. If that did not solve it, write below."), "ok", 3, answered=True
        )
    if ticket.waits:
        return Stand(_("Waiting for you"), _("We need something from you. Please answer below."), "warn", 2)
    if ticket.escalation.floor and ticket.escalation.floor > 1:
        return Stand(_("With a specialist"), _("A specialist has your case and everything you told us."), "held", 2)
    if ticket.assignee_id or ticket.first_response_at:
        return Stand(_("Being looked at"), _("Somebody is working on it."), "held", 1)
    promise = responses.promised(ticket.channel, ticket.created_at) if now else None
    if promise and promise.answer_at < now:
        return Stand(_("Received"), _("This takes longer than we promised. We are sorry, and we are on it."), "warn", 0)
    return Stand(_("Received"), _("Your request has arrived."), "held", 0)
