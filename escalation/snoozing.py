"""Putting a ticket out of one's own sight for a while. It stops no clock: only waiting for the customer does."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from escalation import access
from escalation.models import Snooze
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Invalid

LONGEST = timedelta(days=30)


def snooze(number: int, *, actor: User, until: datetime | None, now: datetime | None = None) -> bool:
    """Keep the ticket out of ACTOR's view of their own tickets: UNTIL a time, or (None) until its customer writes.

    It is back earlier when the customer writes, or when the last third of its time on the floor begins. Return whether
    it was not snoozed like that already.
    """
    access.get_ticket(actor, number)
    instant = now or database_now()
    require_soon(until, instant)
    asleep = {"ticket_id": number, "user": actor}
    if Snooze.objects.filter(**asleep, until=until).exists():
        return False
    Snooze.objects.update_or_create(**asleep, defaults={"until": until, "since": instant})
    return True


def require_soon(until: datetime | None, instant: datetime) -> None:
    """Refuse a time that has passed at INSTANT, or is far away."""
    if until is not None and not instant < until <= instant + LONGEST:
        raise Invalid(
            _("Choose a time within the next %(days)s days.") % {"days": LONGEST.days},
            code="out_of_range",
            field="until",
        )


def wake(number: int, *, actor: User | None = None) -> None:
    """Bring the ticket back: for ACTOR, or for everybody when its customer wrote."""
    asleep = Snooze.objects.filter(ticket=number)
    (asleep.filter(user=actor) if actor else asleep).delete()
