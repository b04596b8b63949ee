"""What a customer may ask of their data: to have it erased (GDPR art. 17), to have a copy of it (art. 15 and 20)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from escalation import audit, erasure, holds, legal_holds, reasons
from escalation.case import Held, locked
from escalation.justification import justified
from escalation.models import Blocked, Decision, Evidence, ExternalNotification, Hold, PrivacyRequest
from tickets import roles, sign_in, vocabulary
from tickets.clock import database_now
from tickets.models import Attachment, Customer, Message, Ticket, User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal

MAY = (roles.LEGAL, roles.ADMIN)
"""Who erases and copies a customer's data."""

Kind, State = PrivacyRequest.Kind, PrivacyRequest.State


@dataclass(frozen=True)
class Preview:
    """What an erasure would take, what it would leave, and what stands in its way, in sentences."""

    customer: Customer
    goes: dict[str, int]
    stays: dict[str, int]
    obstacles: list[str]


def require_reader(actor: User) -> None:
    if not actor.has_role(*MAY, *legal_holds.MAY):
        raise NotAllowed(_("Customers' data is dealt with by Head of Risk, Legal and administrators."), code="role")


def customer(customer_id: int, actor: User) -> Customer:
    """Return a customer to somebody who may deal with their data."""
    require_reader(actor)
    found = Customer.objects.filter(pk=customer_id).first()
    if found is None:
        raise NotFound(_("There is no customer %(number)s.") % {"number": customer_id}, code="not_found")
    return found


def preview(who: Customer) -> Preview:
    """Return what erasing WHO would do now."""
    theirs = Ticket.objects.filter(customer=who, erased_at__isnull=True)
    pinned = Evidence.objects.filter(message__isnull=False).values("message")
    filed = {"escalation__ticket__customer": who}
    goes = {
        "tickets": theirs.count(),
        "messages": Message.objects.filter(_written_to(who)).exclude(pk__in=pinned).count(),
        "files": Attachment.objects.filter(Q(message__ticket__in=theirs) | Q(message__customer=who)).count(),
    }
    stays = {
        "evidence": Evidence.objects.filter(**filed).count(),
        "decisions": Decision.objects.filter(**filed).count(),
        "notices": ExternalNotification.objects.filter(**filed).count(),
    }
    return Preview(who, goes, stays, [reasons.shown(obstacle) for obstacle in obstacles(who)])


def obstacles(who: Customer) -> list[str]:
    """Say what stands in the way of erasing WHO, as it goes on record: open tickets, holds, legal holds."""
    theirs = Ticket.objects.filter(customer=who, erased_at__isnull=True)
    found = [legal_holds.words(hold) for hold in legal_holds.of_customer(who)]
    for number in theirs.filter(_open()).order_by("pk").values_list("pk", flat=True)[:20]:
        found.append(reasons.put(reasons.STILL_OPEN, number=number))
    for hold in _holds(who):
        found.append(reasons.put(reasons.ON_HOLD, number=hold.escalation_id, why=hold.reason))
    return found


def erase_customer(
    customer_id: int, *, actor: User, reason: str, confirm: str, now: datetime | None = None
) -> PrivacyRequest:
    """Erase a customer and what is personal in all their tickets. It cannot be undone.

    CONFIRM is their name or address, typed. What stands in the way refuses it as a whole, and the attempt is kept. An
    erasure that was interrupted is taken up again by the next call; one that is done is returned as it is.
    """
    who = customer(customer_id, actor)
    if not actor.has_role(*MAY):
        raise NotAllowed(_("A customer's data is erased by Legal and administrators."), code="role")
    if who.erased_at:
        return who.privacy_requests.filter(kind=Kind.ERASE, state=State.DONE).latest("asked_at")
    if confirm.strip().casefold() not in {who.email.casefold(), who.name.strip().casefold() or who.email}:
        raise Invalid(
            _("Type the name or the address of the customer: %(who)s.") % {"who": who}, code="mismatch", field="confirm"
        )
    request = _begin(who, actor=actor, ground=justified(reason, field="reason"), now=now or database_now())
    if stands := obstacles(who):
        _put_on_record(who, actor, now)
        _end(request, State.REFUSED, now, refusal="\n".join(stands))
        told = [reasons.shown(obstacle) for obstacle in stands]
        raise Conflict(" ".join(told), code="kept", data={"obstacles": told, "request": request.pk})
    try:
        erase_all(who, by=audit.person(actor), ground=reasons.CUSTOMER_ASKED, now=now)
    except Refusal:  # something came up meanwhile
        _end(request, State.REFUSED, now, refusal="\n".join(obstacles(who)) or reasons.put(reasons.CAME_UP))
        raise
    _end(request, State.DONE, now)
    return request


def erase_all(who: Customer, *, by: audit.Actor, ground: str, now: datetime | None = None) -> None:
    """Erase the tickets of WHO that are not yet, one transaction each, then their name."""
    for number in Ticket.objects.filter(customer=who, erased_at=None).order_by("pk").values_list("pk", flat=True):
        erasure.erase(number, by=by, ground=ground, now=now)
    elsewhere = Message.objects.filter(customer=who).exclude(body__in=Message.personal.blanks.values())
    for number in sorted(set(elsewhere.values_list("ticket", flat=True))):
        erasure.erase_messages(number, writer=who, by=by, ground=ground, now=now)
    forget(who, now=now)


def forget(who: Customer, *, now: datetime | None = None) -> None:
    """Take a customer's name away once all their tickets are erased; the row stays, since figures count by it."""
    with transaction.atomic():
        # This lock waits for whoever opens a ticket for them just now, and keeps out who comes next.
        row = Customer.objects.select_for_update().get(pk=who.pk)
        left = Ticket.objects.filter(customer=row, erased_at=None).order_by("pk").first()
        if left is not None:
            raise Conflict(
                _("#%(number)s has come in meanwhile.") % {"number": left.pk}, code="open", data={"ticket": left.pk}
            )
        if hold := legal_holds.in_force().filter(customer=row).first():
            raise Conflict(reasons.shown(legal_holds.words(hold)), code="held")
        sign_in.forget_customer(row)
        words = [*row.name.lower().split(), *row.email.split("@")]
        Customer.objects.filter(pk=row.pk).update(
            email=f"erased-{row.pk}@erased.invalid", name="", language="", erased_at=now or database_now()
        )
        vocabulary.forget(words)


def _begin(who: Customer, *, actor: User, ground: str, now: datetime) -> PrivacyRequest:
    running = who.privacy_requests.filter(kind=Kind.ERASE, state=State.RUNNING).first()
    if running:
        return running
    try:
        with transaction.atomic():
            return PrivacyRequest.objects.create(
                customer=who, kind=Kind.ERASE, reason=ground, asked_by=actor, asked_at=now
            )
    except IntegrityError:  # somebody else began at the same moment; both go through the same tickets
        return who.privacy_requests.get(kind=Kind.ERASE, state=State.RUNNING)


def _end(request: PrivacyRequest, state: str, now: datetime | None, *, refusal: str = "") -> None:
    request.state, request.ended_at, request.refusal = state, now or database_now(), refusal
    request.save(update_fields=["state", "ended_at", "refusal"])


def _put_on_record(who: Customer, actor: User, now: datetime | None) -> None:
    """Let each ticket that is kept by a hold of its own say that somebody tried."""
    kept = {hold.escalation_id for hold in [*legal_holds.of_customer(who), *_holds(who)] if hold.escalation_id}
    for number in sorted(kept):
        with suppress(Held), locked(number, now=now, ended=True) as case:
            holds.forbid(case, Blocked.ERASE, audit.person(actor))


def _holds(who: Customer) -> QuerySet[Hold]:
    return Hold.objects.filter(
        escalation__ticket__customer=who, released_at__isnull=True, blocks__contains=[Blocked.ERASE]
    )


def _open() -> Q:
    merged = Q(merged_into__escalation__resolved_at__isnull=True, merged_into__isnull=False)
    return Q(escalation__resolved_at__isnull=True) | merged


def _written_to(who: Customer) -> Q:
    return Q(ticket__customer=who, ticket__erased_at__isnull=True) | Q(customer=who)
