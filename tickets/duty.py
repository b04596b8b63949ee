"""Coming on duty, going off, and being seen."""

from collections.abc import Iterable
from datetime import datetime

from tickets.models import Duty, User

SEEN_EVERY = 60
"""Seconds between two notes of the same person being seen."""


def come_on(user: User, *, now: datetime) -> None:
    """USER says that they are on duty: rules may give them work from now on."""
    _change(user, on=True, now=now)


def go_off(user: User, *, now: datetime) -> None:
    """USER says that they are off duty: they are given nothing more, and what the rules gave them goes back."""
    _change(user, on=False, now=now)


def seen(user: User, *, now: datetime) -> None:
    """Note that USER is there. Only people on duty are noted."""
    Duty.objects.filter(user=user, on_duty=True).update(seen_at=now)


def is_on(user: User) -> bool:
    return Duty.objects.filter(user=user, on_duty=True).exists()


def present_among(people: Iterable[int], now: datetime) -> set[int]:
    """Return which of PEOPLE (keys) are on duty and were seen lately."""
    return set(Duty.objects.present(now).filter(user_id__in=people).values_list("user_id", flat=True))


def _change(user: User, *, on: bool, now: datetime) -> None:
    duty, created = Duty.objects.get_or_create(
        user=user, defaults={"on_duty": on, "changed_at": now, "seen_at": now if on else None}
    )
    if created or duty.on_duty == on:
        if on:
            Duty.objects.filter(pk=duty.pk).update(seen_at=now)
        return
    fields = {"on_duty": on, "changed_at": now} | ({"seen_at": now} if on else {})
    Duty.objects.filter(pk=duty.pk).update(**fields)
