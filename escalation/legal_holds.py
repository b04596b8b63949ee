"""Legal holds: what a court or an authority may ask for is neither merged nor erased, whatever else would say so.

Head of Risk or Legal place one on a ticket or on a customer, one of them asks for its release and the other signs it.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from escalation import access, audit, reasons
from escalation.case import Case, locked
from escalation.justification import justified
from escalation.models import Action, LegalHold
from tickets import roles
from tickets.clock import database_now
from tickets.models import Customer, Ticket, User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

MAY = (roles.HEAD_OF_RISK, roles.LEGAL)


def on_ticket(
    number: int,
    *,
    actor: User,
    reason: str,
    review_on: date,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> LegalHold:
    """Keep ticket NUMBER as it is until a release is signed; REVIEW_ON is when Risk and Legal look at it again."""
    access.get_ticket(actor, number)
    _require(actor)
    with locked(number, now=now, expected_version=expected_version, ended=True) as case:
        hold = _place(reason, review_on, actor=actor, now=case.now, escalation=case.escalation)
        _record(Action.LEGAL_HOLD_PLACED, case, hold, actor, hold.reason, {"review_on": review_on.isoformat()})
        return hold


def on_customer(customer: int, *, actor: User, reason: str, review_on: date, now: datetime | None = None) -> LegalHold:
    """Keep everything of a customer, also what is still to come, until a release is signed."""
    _require(actor)
    with transaction.atomic():
        # The same lock is taken by what erases, so that neither overlooks the other.
        who = Customer.objects.select_for_update(no_key=True).filter(pk=customer).first()
        if who is None:
            raise NotFound(_("There is no customer %(number)s.") % {"number": customer}, code="not_found")
        return _place(reason, review_on, actor=actor, now=now or database_now(), customer=who)


def ask_release(hold_id: int, *, actor: User, reason: str, now: datetime | None = None) -> LegalHold:
    """Ask the other of Risk and Legal to release a hold; asking again replaces what was asked."""
    return _step(hold_id, Action.LEGAL_RELEASE_ASKED, _ask, actor=actor, why=justified(reason, field="reason"), now=now)


def release(hold_id: int, *, actor: User, note: str, now: datetime | None = None) -> LegalHold:
    """Sign the release that somebody else has asked for. The hold's row stays."""
    return _step(hold_id, Action.LEGAL_HOLD_RELEASED, _sign, actor=actor, why=justified(note, field="note"), now=now)


def covering(ticket: Ticket) -> QuerySet[LegalHold]:
    """Return the holds in force that keep TICKET: its own and its customer's."""
    return in_force().filter(Q(escalation=ticket.pk) | Q(customer=ticket.customer_id)).select_related("placed_by")


def of_customer(who: Customer) -> QuerySet[LegalHold]:
    """Return the holds in force on a customer or on one of their tickets."""
    theirs = Q(customer=who) | Q(escalation__ticket__customer=who)
    return in_force().filter(theirs).select_related("placed_by", "release_asked_by")


def in_force() -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(released_at__isnull=True)


def words(hold: LegalHold) -> str:
    """Say in a sentence what stands in the way, as it goes on record."""
    words = reasons.LEGAL_HOLD if hold.escalation_id else reasons.LEGAL_HOLD_ON_CUSTOMER
    return reasons.put(words, number=hold.escalation_id, when=hold.placed_at.date(), who=hold.placed_by)


def _require(actor: User) -> None:
    if not actor.has_role(*MAY):
        raise NotAllowed(_("Legal holds are placed and released by Head of Risk and Legal."), code="role")


def _place(reason: str, review_on: date, *, actor: User, now: datetime, **on) -> LegalHold:
    why = justified(reason, field="reason")
    if review_on <= now.date():
        raise Invalid(_("The day of review must lie ahead."), code="out_of_range", field="review_on")
    try:
        with transaction.atomic():
            return LegalHold.objects.create(reason=why, review_on=review_on, placed_by=actor, placed_at=now, **on)
    except IntegrityError as error:
        if "legal_hold_one_in_force" not in str(error):
            raise
        raise Conflict(_("A legal hold is in force here already."), code="already_held") from None


def _step(hold_id: int, action: Action, change: Callable, *, actor: User, why: str, now: datetime | None) -> LegalHold:
    """Change a hold under its own lock; a ticket's is changed under the ticket's too, and on its record."""
    _require(actor)
    number = LegalHold.objects.filter(pk=hold_id).values_list("escalation", flat=True).first()
    if number is None:
        with transaction.atomic():
            return change(_locked(hold_id), actor, why, now or database_now())
    with locked(number, now=now, ended=True) as case:
        hold = change(_locked(hold_id), actor, why, case.now)
        _record(action, case, hold, actor, why)
        return hold


def _locked(hold_id: int) -> LegalHold:
    hold = LegalHold.objects.select_for_update(no_key=True, of=["self"]).filter(pk=hold_id).first()
    if hold is None:
        raise NotFound(_("There is no legal hold %(number)s.") % {"number": hold_id}, code="not_found")
    if hold.released_at:
        raise Conflict(_("This legal hold is released already."), code="not_held")
    return hold


def _ask(hold: LegalHold, actor: User, why: str, now: datetime) -> LegalHold:
    hold.release_because = why
    hold.release_asked_by, hold.release_asked_at = actor, now
    hold.save(update_fields=["release_because", "release_asked_by", "release_asked_at"])
    return hold


def _sign(hold: LegalHold, actor: User, why: str, now: datetime) -> LegalHold:
    if hold.release_asked_by_id is None:
        raise Conflict(_("Nobody has asked to release this legal hold."), code="not_requested")
    if hold.release_asked_by_id == actor.pk:
        raise NotAllowed(_("You asked for this release yourself; somebody else must sign."), code="four_eyes")
    hold.release_note = why
    hold.released_by, hold.released_at = actor, now
    hold.save(update_fields=["release_note", "released_by", "released_at"])
    return hold


def _record(action: Action, case: Case, hold: LegalHold, actor: User, why: str, data: dict | None = None) -> None:
    case.record(action, audit.person(actor), reason=why, data={"legal_hold": hold.pk} | (data or {}), activity=False)
