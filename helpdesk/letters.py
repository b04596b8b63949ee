"""The mails that the outbox owes, written when they are sent, so that they say what is true by then.

What customers read is in `helpdesk.customer_letters`; here is what staff get: a link to a page, never one that signs
anything, and nothing that a customer wrote. An acknowledgement repeats nothing that was submitted either.
"""

from collections.abc import Callable, Iterable
from datetime import UTC

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation

from escalation import signers
from escalation.access import WORKERS
from escalation.models import Approval, FloorVisit, OutboxMessage
from helpdesk import customer_letters, reminder_letters
from helpdesk.mailing import post
from tickets import roles
from tickets.models import Ticket, User


def send(owed: OutboxMessage) -> None:
    """Write and send what is owed; nothing is sent when the reason for it has gone by now."""
    if owed.ticket_id is None:
        WITHOUT_TICKET[owed.topic](owed)
        return
    ticket = Ticket.objects.select_related("customer", "channel", "escalation").get(pk=owed.ticket_id)
    with translation.override(customer_letters.language_of(ticket)):
        LETTERS[owed.topic](ticket, owed)


def _notify_floor_3(ticket: Ticket, owed: OutboxMessage) -> None:
    customer_letters.moved_on(ticket, owed)
    _to_roles(ticket, owed, {roles.HEAD_OF_RISK, roles.LEGAL}, "A case has arrived on Floor 3", _ticket_page(ticket))


def _alarm(ticket: Ticket, owed: OutboxMessage) -> None:
    people = {roles.EXECUTIVE, roles.HEAD_OF_RISK, roles.LEGAL}
    _to_roles(ticket, owed, people, "A decision on Floor 3 is late", _ticket_page(ticket))


def _signature_wanted(ticket: Ticket, owed: OutboxMessage) -> None:
    approval = Approval.objects.get(pk=owed.payload["approval"])
    if approval.state == Approval.State.PENDING:
        page = settings.SITE_URL + reverse("desk:approvals")
        _to_people(owed, signers.people(approval), "A signature is asked for", page)


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
        people |= set(signers.people(approval).values_list("email", flat=True))
    if people:
        post(owed, f"[#{ticket.pk}] {what}", f"{what}: ticket {ticket.pk}.\n\n{_ticket_page(ticket)}\n", sorted(people))


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


def _unassigned(ticket: Ticket, owed: OutboxMessage) -> None:
    if ticket.escalation.floor and ticket.assignee_id is None:
        what = f"Nobody could be given a ticket on Floor {ticket.escalation.floor}"
        _to_supervisors(ticket, owed, what)


def _taken_back(ticket: Ticket, owed: OutboxMessage) -> None:
    if ticket.escalation.floor:
        why = {"offline": "its owner went offline", "idle": "its owner did nothing with it"}[owed.payload["why"]]
        _to_supervisors(ticket, owed, f"A ticket on Floor {ticket.escalation.floor} came back to its queue: {why}")


def _to_supervisors(ticket: Ticket, owed: OutboxMessage, what: str) -> None:
    """Tell the supervisors of the ticket's team, or all when it has none; on Floor 3 those whose floor it is."""
    if ticket.escalation.floor == 3:
        _to_roles(ticket, owed, {roles.HEAD_OF_RISK, roles.LEGAL}, what, _ticket_page(ticket))
        return
    own = User.objects.filter(is_active=True, groups__name=roles.SUPERVISOR, teams=ticket.team_id)
    _to_roles(ticket, owed, {roles.SUPERVISOR}, what, _ticket_page(ticket), team=ticket.team_id if own else None)


LETTERS: dict[str, Callable[[Ticket, OutboxMessage], None]] = {
    "received": customer_letters.received,
    "answered": customer_letters.answered,
    "floor_2": customer_letters.moved_on,
    "specialist": customer_letters.with_specialist,
    "answer_late": customer_letters.answer_late,
    "floor_3": _notify_floor_3,
    "nearly_late": _nearly_late,
    "alarm": _alarm,
    "signature_wanted": _signature_wanted,
    "warned": _warned,
    "unassigned": _unassigned,
    "taken_back": _taken_back,
    "resolved": customer_letters.resolved,
    "under_review": customer_letters.under_review,
    "signature_reminder": reminder_letters.signature,
    "next_in_line": reminder_letters.next_in_line,
    "justification_owed": reminder_letters.justification,
    "notice_due": reminder_letters.notice,
    "hold_review": reminder_letters.hold,
}

WITHOUT_TICKET: dict[str, Callable[[OutboxMessage], None]] = {
    "sign_in": customer_letters.sign_in,
    "policy_review": reminder_letters.policy,
}


def _to_roles(
    ticket: Ticket,
    owed: OutboxMessage,
    allowed: set[str],
    what: str,
    page: str,
    *,
    without: int | None = None,
    team: int | None = None,
) -> None:
    people = User.objects.filter(is_active=True, groups__name__in=allowed).exclude(pk=without).distinct()
    if team:
        people = people.filter(teams=team)
    _to_people(owed, people, what, page)


def _to_people(owed: OutboxMessage, people: QuerySet[User], what: str, page: str) -> None:
    addresses = sorted(set(people.values_list("email", flat=True)))
    if addresses:
        # No subject line of the customer here: it may say what only Floor 3 may know.
        number = owed.ticket_id
        post(owed, f"[#{number}] {what}", f"{what}: ticket {number}.\n\n{page}\n", addresses)


def _ticket_page(ticket: Ticket) -> str:
    return settings.SITE_URL + reverse("desk:ticket", args=[ticket.pk])
