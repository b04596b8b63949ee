"""What people are written who let something lie: a link to the page, never the words of a case."""

from django.conf import settings
from django.urls import reverse

from escalation import signers
from escalation.models import Approval, ExternalNotification, Hold, OutboxMessage
from helpdesk.mailing import post
from policies import book, reviews
from tickets import roles
from tickets.models import Ticket, User

RISK_LEGAL = {roles.HEAD_OF_RISK, roles.LEGAL}


def signature(ticket: Ticket, owed: OutboxMessage) -> None:
    """Those who may sign and have not."""
    if approval := _pending(owed):
        _tell(owed, _addresses(signers.people(approval)), "A signature is still missing", _inbox())


def next_in_line(ticket: Ticket, owed: OutboxMessage) -> None:
    """Those above the silent signers: Risk and Legal above supervisors, executives above Risk and Legal."""
    approval = _pending(owed)
    if approval is None:
        return
    asked = set(signers.asked_of(approval.kind, ticket.escalation))
    above = {roles.EXECUTIVE} if asked <= RISK_LEGAL else RISK_LEGAL
    people = User.objects.filter(is_active=True, groups__name__in=above).exclude(pk=approval.requested_by_id)
    _tell(owed, _addresses(people), "Nobody has signed", _page(ticket))


def justification(ticket: Ticket, owed: OutboxMessage) -> None:
    """Those who owe words for what the clock moved past them (P2.1)."""
    approval = Approval.objects.select_related("escalation").get(pk=owed.payload["approval"])
    if approval.justification_owed:
        _tell(owed, _addresses(signers.people(approval)), "A justification is still owed", _inbox())


def notice(ticket: Ticket, owed: OutboxMessage) -> None:
    """Who asked for a notice to an authority, and Risk and Legal, before its deadline and once it has passed."""
    row = ExternalNotification.objects.select_related("asked_by").get(pk=owed.payload["notice"])
    if row.sent_at is None:
        people = User.objects.filter(is_active=True, groups__name__in=RISK_LEGAL)
        _tell(owed, _addresses(people) | {row.asked_by.email}, "A notice to an authority is due", _page(ticket))


def hold(ticket: Ticket, owed: OutboxMessage) -> None:
    """Who owns a hold whose day of review has come."""
    row = Hold.objects.select_related("owner").get(pk=owed.payload["hold"])
    if row.released_at is None and row.owner and row.owner.is_active:
        _tell(owed, {row.owner.email}, "A hold is to be looked at again", _page(ticket))


def policy(owed: OutboxMessage) -> None:
    """The owner of a policy whose day of review has come, unless it was superseded meanwhile."""
    kind = book.kind(owed.payload["kind"])
    row = kind.model.objects.in_force().filter(pk=owed.payload["policy"]).first()
    if row and (people := reviews.people(row)):
        page = settings.SITE_URL + reverse("desk:policy_version", args=[kind.slug, row.pk])
        what = f"To be looked at again since {row.review_on:%Y-%m-%d}: {row}"
        post(owed, what, f"{what}.\n\n{page}\n", people)


def _pending(owed: OutboxMessage) -> Approval | None:
    found = Approval.objects.select_related("escalation").filter(pk=owed.payload["approval"])
    return found.filter(state=Approval.State.PENDING).first()


def _addresses(people) -> set[str]:
    return set(people.values_list("email", flat=True))


def _tell(owed: OutboxMessage, addresses: set[str], what: str, page: str) -> None:
    if addresses:
        number = owed.ticket_id
        post(owed, f"[#{number}] {what}", f"{what}: ticket {number}.\n\n{page}\n", sorted(addresses))


def _page(ticket: Ticket) -> str:
    return settings.SITE_URL + reverse("desk:ticket", args=[ticket.pk])


def _inbox() -> str:
    return settings.SITE_URL + reverse("desk:approvals")
