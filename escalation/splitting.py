"""A second matter in the same conversation becomes a ticket of its own."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from escalation import access, audit, intake, linking, notices
from escalation.case import Case, locked
from escalation.conversation import cite
from escalation.models import Action
from tickets import files
from tickets.models import Message, Ticket, TicketLink, User
from tickets.refusals import Invalid
from tickets.texts import clean_line

MOST = 50
"""So many messages can be taken to a new ticket at a time."""


def split(
    number: int,
    *,
    messages: Sequence[int],
    subject: str,
    actor: User,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Ticket:
    """Open a ticket of the same customer and channel that begins with copies of MESSAGES (ids); return it.

    The originals stay where they are, since record and evidence name them. The triggers read what the customer said in
    them as at arrival (P2.2); what comes from Floor 3 stays on Floor 3.
    """
    title = clean_line(subject, field="subject", limit=250, required=True)
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        chosen = _chosen(case, messages)
        old = case.ticket
        ticket = Ticket.objects.create(
            subject=title,
            channel=old.channel,
            customer=old.customer,
            category=old.category,
            language=old.language,
            created_at=case.now,
            updated_at=case.now,
        )
        copies = [_copy(message, ticket) for message in chosen]
        # What the rules read is what the customer said; no message of the conversation is in these words.
        heard = Message(pk=copies[0].pk, body="\n".join(copy.body for copy in copies if copy.from_customer))
        new = intake.start(
            ticket,
            heard,
            action=Action.OPENED,
            by=audit.person(actor),
            data=cite(copies[0]) | {"split_from": number, "copies": _pairs(chosen, copies)},
            at_least=3 if case.escalation.sensitive_floor == 3 else 1,
            now=case.now,
        )
        notices.received(ticket.pk, now=case.now)
        if new.escalation.floor > 1:
            notices.arrived(ticket.pk, floor=new.escalation.floor, seq=new.escalation.version, now=case.now)
        case.record(
            Action.SPLIT_OFF,
            audit.person(actor),
            data={"ticket": ticket.pk, "messages": [message.pk for message in chosen]},
        )
        linking.put(case.ticket, ticket, TicketLink.Kind.RELATED, actor=actor, now=case.now)
        return ticket


def _chosen(case: Case, ids: Sequence[int]) -> list[Message]:
    wanted = set(ids)
    if not wanted or len(wanted) > MOST:
        raise Invalid(_("Choose from one to %(most)s messages.") % {"most": MOST}, code="required", field="messages")
    said = Message.objects.in_conversation(case.number).filter(pk__in=wanted).order_by("created_at", "pk")
    chosen = list(said.prefetch_related("attachments"))
    if len(chosen) < len(wanted):
        raise Invalid(_("One of these is no message of this ticket."), code="unknown", field="messages")
    if not any(message.from_customer for message in chosen):
        raise Invalid(_("Choose at least one message of the customer's."), code="required", field="messages")
    return chosen


def _copy(message: Message, ticket: Ticket) -> Message:
    copy = Message.objects.create(
        ticket=ticket,
        author=message.author,
        visibility=message.visibility,
        body=message.body,
        created_at=message.created_at,
    )
    files.copy(message.attachments.all(), to=copy)
    return copy


def _pairs(chosen: list[Message], copies: list[Message]) -> list[list[int]]:
    """Return which copy is of which message."""
    return [[old.pk, new.pk] for old, new in zip(chosen, copies, strict=True)]
