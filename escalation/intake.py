"""A new ticket: customer, words, order, first floor and clock, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import audit, edits, effects, notices, overview, rules, visits
from escalation.case import Case
from escalation.conversation import cite
from escalation.models import Action, Escalation, FloorVisit
from policies import floors
from policies.triggers import Occasion
from tickets import files as attachments
from tickets.clock import database_now
from tickets.models import Attachment, Category, Channel, Customer, Message, Tag, Ticket, User, Wish
from tickets.refusals import Invalid
from tickets.texts import clean_line, clean_text


def open_ticket(
    *,
    subject: str,
    body: str,
    channel: Channel,
    customer_email: str,
    customer_name: str = "",
    customer_language: str = "",
    category: Category | None = None,
    tags: Sequence[Tag] = (),
    order: dict | None = None,
    language: str = "",
    wish: str = "",
    files: Sequence[UploadedFile] = (),
    actor: User | None = None,
    acknowledge: bool = True,
    copy: bool = False,
    now: datetime | None = None,
) -> Ticket:
    """Open a ticket, start its clock on the floor that the triggers name (P2.2), else on Floor 1; return how it stands.

    ACTOR is the member of staff who enters it for the customer; none when the customer does it alone. Without
    ACKNOWLEDGE the customer gets no letter about it: a door that anybody can use must not mail strangers without limit.
    With COPY the letter repeats their words, so only where the address is known to be theirs.
    """
    text = clean_text(body, field="body", required=True)
    title = clean_line(subject, field="subject", limit=250, required=True)
    columns = edits.order_fields(order)
    if wish and wish not in Wish.values:
        raise Invalid(_("There is no such wish."), code="unknown", field="wish")
    attachments.check(files)
    with transaction.atomic():
        instant = now or database_now()
        customer = _customer(customer_email, customer_name, customer_language or language)
        ticket = Ticket.objects.create(
            subject=title,
            channel=channel,
            team=channel.team,
            customer=customer,
            category=category,
            language=clean_line(language, field="language", limit=10),
            wish=wish,
            created_at=instant,
            updated_at=instant,
            **columns,
        )
        if tags:
            ticket.tags.set(tags)
        message = Message.objects.create(ticket=ticket, body=text, created_at=instant)
        stored = attachments.attach(message, files)
        by = audit.person(actor) if actor else audit.customer(customer)
        case = start(ticket, message, stored, action=Action.OPENED, by=by, now=instant)
        risks = []
        if case.escalation.floor > 1:
            risks = case.escalation.risk_flags.values_list("risk", flat=True)
            notices.arrived(ticket.pk, floor=case.escalation.floor, seq=case.escalation.version, now=instant)
        if acknowledge:
            notices.received(ticket.pk, copy=copy, now=instant)
        if case.escalation.version > 1:  # rules have put more on it than what is known here
            return overview.with_stand(Ticket.objects.all()).get(pk=ticket.pk)
        return overview.of_new(ticket, case.visit, risks=risks, tags=tags)


def start(
    ticket: Ticket,
    message: Message,
    stored: Sequence[Attachment] = (),
    *,
    action: Action,
    by: audit.Actor,
    data: dict | None = None,
    at_least: int = 1,
    now: datetime,
) -> Case:
    """Put a new ticket on the floor that the triggers name, its clock running from NOW; ACTION is its first event.

    AT_LEAST is the floor below which it must not begin. Nobody is told of it here, except those whom a rule warns.
    """
    found = rules.findings_for(ticket, text=f"{ticket.subject}\n{message.body}", occasion=Occasion.ARRIVAL, now=now)
    named = rules.floor_named_by(found)
    floor = max(named, at_least)
    case = Case(Escalation.objects.create(ticket=ticket, state=f"floor_{floor}"), None, now)
    if found:
        rules.flag_found(case, found)
    how = FloorVisit.How.PERSON if floor > named else FloorVisit.How.RULE if floor > 1 else FloorVisit.How.ARRIVAL
    visits.enter(case, floor, how=how, by=by.person if floor > named else None)
    case.record(
        action,
        by,
        floor_to=floor,
        data=cite(message, stored)
        | {"channel": ticket.channel.slug, "policy": floors.cite(case.visit.policy)}
        | ({"found": [finding.citation for finding in found]} if found else {})
        | (data or {}),
        activity=False,
    )
    effects.carry_out(case, found)
    return case


def _customer(email: str, name: str, language: str) -> Customer:
    address = clean_line(email, field="customer.email", limit=254, required=True).lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(_("This is not an e-mail address."), code="invalid", field="customer.email") from None
    called = clean_line(name, field="customer.name", limit=120)
    spoken = clean_line(language, field="customer.language", limit=10)
    known = Customer.objects.filter(email=address).first()
    if known is not None:
        return known
    # Where somebody else has just made the same customer, theirs is taken: no savepoint is needed for that.
    made = Customer.objects.bulk_create(
        [Customer(email=address, name=called, language=spoken)],
        update_conflicts=True,
        unique_fields=["email"],
        update_fields=["email"],
    )
    return made[0]
