"""A customer's ticket in the customer's words: never floors, never notes, staff by first name only."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _

from escalation import conversation
from escalation.models import FloorVisit, RiskFlag
from escalation.models.escalation import State
from policies import responses
from policies.risks import Risk
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
    continues: bool = True


def standing() -> QuerySet[Ticket]:
    """Return all tickets with what `stand` and `word` look at."""
    stays = FloorVisit.objects.filter(escalation_id=OuterRef("pk"))
    abused = RiskFlag.objects.filter(escalation_id=OuterRef("pk"), risk__in=[Risk.ABUSE, Risk.HARASSMENT])
    return Ticket.objects.select_related("customer", "channel", "escalation").annotate(
        waits=Exists(stays.filter(left_at=None, due_at=None)),
        moved=Exists(stays.filter(left_at__isnull=False)),
        abused=Exists(abused),
    )


def own(customer: Customer) -> QuerySet[Ticket]:
    """Return the requests of CUSTOMER, open ones first, and of these the one with the newest public message."""
    said = Message.objects.filter(ticket=OuterRef("pk"), visibility=Message.Visibility.PUBLIC).order_by("-created_at")
    return (
        standing()
        .filter(Q(merged_into=None) | ~Q(merged_into__customer=customer), customer=customer)
        .annotate(
            is_open=ExpressionWrapper(Q(escalation__resolved_at=None), BooleanField()),
            said_at=Subquery(said.values("created_at")[:1]),
        )
        .order_by("-is_open", "-said_at", "-pk")
    )


def ticket_of(request: HttpRequest, token: str) -> Ticket:
    """Return what TOKEN opens, a personal link or a number of the customer who is signed in; or NotFound.

    What opens a merged ticket opens the one that it goes on in.
    """
    if token.isdigit():
        # Whoever is not signed in is told the same of every number.
        tickets, number = standing().filter(customer=request.customer), int(token)
    else:
        tickets, number = standing(), number_of(token)
    ticket = tickets.filter(pk=number).first()
    if ticket is None or ticket.erased_at:
        raise NotFound(_("This link leads nowhere any more."), code="not_found")
    # Another address, though it be the same person's, never reads what was written from this one.
    if ticket.merged_into_id:
        return standing().filter(pk=ticket.merged_into_id, customer=ticket.customer_id).first() or ticket
    return ticket


def public(ticket: Ticket) -> QuerySet[Message]:
    """Return what the ticket's customer may read: said in public, by or to them, also in a ticket merged with it."""
    said = Message.objects.in_conversation(ticket.merged_into_id or ticket.pk)
    theirs = Q(customer=ticket.customer_id) | Q(customer=None, ticket__customer=ticket.customer_id)
    return said.filter(theirs, visibility=Message.Visibility.PUBLIC)


def public_messages(ticket: Ticket) -> list[Message]:
    """Return what was said in public, oldest first, with files."""
    return list(
        public(ticket)
        .select_related("author")
        .prefetch_related(Prefetch("attachments", queryset=Attachment.objects.order_by("pk")))
    )


def names(ticket: Ticket, message: Message) -> str:
    """Return who of us wrote: a first name where the house shows names, never an address.

    Who answers somebody that insulted or threatened us stays without a name (P2.3).
    """
    if settings.STAFF_NAMES == "none" or ticket.abused or not message.author or not message.author.name:
        return _("Our team")
    return message.author.name.split(" ")[0]


def plain_word(*, closed: bool, resolved: bool, waits: bool, floor: int | None, touched: bool) -> str:
    """Return where a ticket is in one word of the customer's own scale."""
    if closed:
        return _("Closed")
    if resolved:
        return _("Answered")
    if waits:
        return _("Waiting for you")
    if floor and floor > 1:
        return _("With a specialist")
    return _("Being looked at") if touched else _("Received")


def word(ticket: Ticket) -> str:
    """Return where TICKET, one of `standing`, is in one word of the customer's own scale."""
    return plain_word(
        closed=ticket.closed_at is not None,
        resolved=ticket.escalation.state == State.RESOLVED,
        waits=ticket.waits,
        floor=ticket.escalation.floor,
        touched=bool(ticket.assignee_id or ticket.first_response_at or ticket.moved),
    )


def stand(ticket: Ticket, now: datetime) -> Stand:
    """Return where TICKET, one of `standing`, is, in words that are true at NOW."""
    name = word(ticket)
    if ticket.merged_into_id:
        sentence = _("We go on with this in request #%(number)s, which you opened from another address.")
        return Stand(name, sentence % {"number": ticket.merged_into_id}, "ok", 4, answered=True, closed=True)
    continues = conversation.may_continue(ticket, now=now)
    if ticket.closed_at:
        sentence = _("You told us that this is solved.")
        if continues:
            sentence = _("You told us that this is solved. Write again and we take it up again.")
        return Stand(name, sentence, "ok", 4, answered=True, closed=True, continues=continues)
    if ticket.escalation.state == State.RESOLVED:
        sentence = _("We have answered.")
        if continues:
            sentence = _("We have answered. If that did not solve it, write below.")
        return Stand(name, sentence, "ok", 3, answered=True, continues=continues)
    if ticket.waits:
        return Stand(name, _("We need something from you. Please answer below."), "warn", 2)
    if ticket.escalation.floor > 1:
        return Stand(name, _("A specialist has your case and everything you told us."), "held", 2)
    if ticket.assignee_id or ticket.first_response_at or ticket.moved:
        return Stand(name, _("Somebody is working on it."), "held", 1)
    promise = responses.promised(ticket.channel, ticket.created_at)
    if promise and promise.answer_at < now:
        return Stand(name, _("This takes longer than we promised. We are sorry, and we are on it."), "warn", 0)
    return Stand(name, _("Your request has arrived."), "held", 0)
