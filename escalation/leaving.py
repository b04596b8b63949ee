"""Switching an account off, and on again. Nothing that somebody had is left lying."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from escalation import assignment, audit, reasons
from escalation.case import locked
from tickets import duty, house, people
from tickets.models import ApiToken, HouseChange, Ticket, User
from tickets.refusals import NotAllowed


def held_by(person: User) -> list[int]:
    """Return the numbers of the open tickets that PERSON has."""
    mine = Ticket.objects.filter(assignee=person, escalation__visits__left_at__isnull=True)
    return list(mine.order_by("pk").values_list("pk", flat=True))


def switch_off(person: User, *, actor: User, now: datetime) -> int:
    """End sign-in, tokens and duty of PERSON, and give their open tickets back to the queues; return how many.

    First the account, then each ticket by itself: repeated after a failure it gives back what is left.
    """
    house.require_admin(actor)
    if person.pk == actor.pk:
        raise NotAllowed(_("Nobody switches their own account off; another administrator can."), code="four_eyes")
    with transaction.atomic():
        people.keep_an_administrator(without=person)
        was_active = User.objects.filter(pk=person.pk, is_active=True).update(
            is_active=False, left_on=person.left_on or max(now.date(), person.joined_on)
        )
        ApiToken.objects.filter(user=person, revoked_at__isnull=True).update(revoked_at=now)
        duty.go_off(person, now=now)
        numbers = held_by(person)
        if was_active:
            house.record(actor, HouseChange.Action.SWITCHED_OFF, person.email, tickets=numbers[:500])
    given_back = 0
    for number in numbers:
        with locked(number) as case:
            if case.visit and case.ticket.assignee_id == person.pk:
                assignment.hand(case, None, actor=audit.person(actor), reason=reasons.SWITCHED_OFF)
                given_back += 1
    return given_back


@transaction.atomic
def switch_on(person: User, *, actor: User) -> None:
    """Let PERSON sign in again, with the roles and teams they had."""
    house.require_admin(actor)
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True, left_on=None):
        house.record(actor, HouseChange.Action.SWITCHED_ON, person.email)
