"""The words of the mails that the outbox owes, written when they are sent, so that they say what is true by then.

Customers read plain words in their language, never floors or staff notes. Staff get a link to a page, never one that
signs anything. An acknowledgement repeats nothing that was submitted, so the form mails nobody's text to others.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from escalation.access import WORKERS
from escalation.models import Approval, FloorVisit, OutboxMessage
from escalation.signatures import signers
from policies import responses
from tickets import roles
from tickets.links import personal_token
from tickets.models import Message, Ticket, User


def send(owed: OutboxMessage) -> None:
    """Write and send what is owed; nothing is sent when the reason for it has gone by now."""
    ticket = Ticket.objects.select_related("customer", "channel", "escalation").get(pk=owed.ticket_id)
    with translation.override(ticket.language or ticket.customer.language or settings.LANGUAGE_CODE):
        LETTERS[owed.topic](ticket, owed)


def _received(ticket: Ticket, owed: OutboxMessage) -> None:
    promised = responses.promise(ticket.channel, ticket.created_at)
    minutes = int(promised.first_response.total_seconds() // 60)
    _to_customer(
        ticket,
        owed,
        _("We have received your request"),
        _("your request has arrived. You will hear from us within %(minutes)s minutes.") % {"minutes": minutes},
    )


def _answered(ticket: Ticket, owed: OutboxMessage) -> None:
    message = Message.objects.get(pk=owed.payload["message"])
    _to_customer(ticket, owed, _("Our answer to your request"), message.body, plain=True)


def _with_specialist(ticket: Ticket, owed: OutboxMessage) -> None:
    stays = ticket.escalation.visits.filter(floor__gte=2).count()
    if stays == 1 and ticket.escalation.floor == 2:  # said once, and only while it is true
        _to_customer(
            ticket,
            owed,
            _("A specialist has your request"),
            _("your case is now with a specialist, who has read everything so far. You need not repeat anything."),
        )


def _resolved(ticket: Ticket, owed: OutboxMessage) -> None:
    if ticket.escalation.resolved_at:
        _to_customer(
            ticket,
            owed,
            _("Your request is answered"),
            _("we believe that your request is solved. Please tell us on your page how it went, or write to us again."),
        )


def _notify_floor_3(ticket: Ticket, owed: OutboxMessage) -> None:
    _to_roles(ticket, owed, {roles.HEAD_OF_RISK, roles.LEGAL}, "A case has arrived on Floor 3", _ticket_page(ticket))


def _alarm(ticket: Ticket, owed: OutboxMessage) -> None:
    people = {roles.EXECUTIVE, roles.HEAD_OF_RISK, roles.LEGAL}
    _to_roles(ticket, owed, people, "A decision on Floor 3 is late", _ticket_page(ticket))


def _signature_wanted(ticket: Ticket, owed: OutboxMessage) -> None:
    approval = Approval.objects.get(pk=owed.payload["approval"])
    if approval.state == Approval.State.PENDING:
        allowed = signers(approval.kind, ticket.escalation.sensitive_floor)
        page = settings.SITE_URL + reverse("desk:approvals")
        _to_roles(ticket, owed, allowed, "A signature is asked for", page, without=approval.requested_by_id)


def _nearly_late(ticket: Ticket, owed: OutboxMessage) -> None:
    visit = FloorVisit.objects.filter(pk=owed.payload["visit"], left_at=None, due_at__gt=Now()).first()
    if visit is None:  # it has moved on, waits for the customer, or is late by now
        return
    pending = ticket.escalation.approvals.filter(state=Approval.State.PENDING)
    pending = list(pending.filter(kind__in=[Approval.Kind.FLOOR_3, Approval.Kind.FINAL_RESOLUTION]))
    people = {person.email for person in _who_can_act(ticket, visit.floor)}
    what = f"Due at {visit.due_at.astimezone(UTC):%H:%M} UTC on Floor {visit.floor}"
    for approval in pending:
        what = f"A signature is still missing. {what}"
        allowed = signers(approval.kind, visit.floor)
        signing = User.objects.filter(is_active=True, groups__name__in=allowed).exclude(pk=approval.requested_by_id)
        people |= set(signing.values_list("email", flat=True))
    if people:
        _post(
            owed, f"[#{ticket.pk}] {what}", f"{what}: ticket {ticket.pk}.\n\n{_ticket_page(ticket)}\n", sorted(people)
        )


def _who_can_act(ticket: Ticket, floor: int) -> Iterable[User]:
    """Whoever has the ticket; else those of its team who work on this floor; else, and on Floor 3, all who do."""
    if ticket.assignee_id and ticket.assignee.is_active:
        return [ticket.assignee]
    working = User.objects.filter(is_active=True, groups__name__in=WORKERS[floor]).distinct()
    team = working.filter(teams=ticket.team_id) if floor < 3 else working.none()
    return team if team.exists() else working


def _warned(ticket: Ticket, owed: OutboxMessage) -> None:
    on_floor_3 = ticket.escalation.sensitive_floor == 3
    people = {roles.HEAD_OF_RISK, roles.LEGAL} if on_floor_3 else {roles.SUPERVISOR}
    _to_roles(ticket, owed, people, owed.payload["warning"], _ticket_page(ticket))


LETTERS: dict[str, Callable[[Ticket, OutboxMessage], None]] = {
    "received": _received,
    "answered": _answered,
    "floor_2": _with_specialist,
    "floor_3": _notify_floor_3,
    "nearly_late": _nearly_late,
    "alarm": _alarm,
    "signature_wanted": _signature_wanted,
    "warned": _warned,
    "resolved": _resolved,
}


def _to_customer(ticket: Ticket, owed: OutboxMessage, subject: str, text: str, *, plain: bool = False) -> None:
    link = settings.SITE_URL + reverse("portal:follow", args=[personal_token(ticket.pk)])
    greeting = "" if plain else _("Good day,") + "\n\n"
    footer = _("Your personal page for request %(number)s: %(link)s") % {"number": ticket.pk, "link": link}
    _post(owed, f"[#{ticket.pk}] {subject}", f"{greeting}{text}\n\n--\n{footer}\n", [ticket.customer.email])


def _to_roles(
    ticket: Ticket, owed: OutboxMessage, allowed: set[str], what: str, page: str, *, without: int | None = None
) -> None:
    people = User.objects.filter(is_active=True, groups__name__in=allowed).exclude(pk=without).distinct()
    addresses = sorted(people.values_list("email", flat=True))
    if addresses:
        # No subject line of the customer here: it may say what only Floor 3 may know.
        _post(owed, f"[#{ticket.pk}] {what}", f"{what}: ticket {ticket.pk}.\n\n{page}\n", addresses)


def _post(owed: OutboxMessage, subject: str, body: str, to: list[str]) -> None:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    # The same cause gives the same Message-ID, so a mail that is sent twice after a crash is one for its reader.
    identity = hashlib.sha256(f"{owed.pk}:{owed.key}".encode()).hexdigest()[:32]
    EmailMessage(
        subject=subject,
        body=body,
        to=to,
        headers={"Message-ID": f"<{identity}@{host}>", "Auto-Submitted": "auto-generated"},
    ).send()


def _ticket_page(ticket: Ticket) -> str:
    return settings.SITE_URL + reverse("desk:ticket", args=[ticket.pk])
