"""Coming on duty, going off, being seen, and saying what one is good at."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from tickets.models import Category, Duty, Skills, User
from tickets.refusals import Invalid
from tickets.texts import clean_line

SEEN_EVERY = 60
"""Seconds between two notes of the same person being seen."""

LARGEST_CAPACITY = 1000


def come_on(user: User, *, now: datetime) -> None:
    """USER says that they are on duty: rules may give them work from now on."""
    _change(user, on=True, now=now)


def go_off(user: User, *, now: datetime) -> None:
    """USER says that they are off duty: they are given nothing more, and what the rules gave them goes back."""
    _change(user, on=False, now=now)


def seen(user: User, *, now: datetime) -> None:
    """Note that USER is there: people on duty only, and at most once in SEEN_EVERY seconds.

    What the person's own row says decides, so most requests ask and write nothing.
    """
    duty = of(user)
    if duty and duty.on_duty and (duty.seen_at is None or now - duty.seen_at >= timedelta(seconds=SEEN_EVERY)):
        Duty.objects.filter(pk=user.pk, on_duty=True).update(seen_at=Greatest("seen_at", now))


def of(user: User) -> Duty | None:
    """Return the duty of USER, or None when they never said anything."""
    return getattr(user, "duty", None)


def describe(user: User, *, languages: Iterable[str], categories: Iterable[Category], capacity: int) -> Skills:
    """Store what USER speaks and knows, and how many open tickets they can hold (0 to LARGEST_CAPACITY)."""
    spoken = [clean_line(language, field="languages", limit=10).lower() for language in languages]
    if not 0 <= capacity <= LARGEST_CAPACITY:
        raise Invalid(_("Between 0 and %(most)s.") % {"most": LARGEST_CAPACITY}, code="out_of_range", field="capacity")
    with transaction.atomic():
        skills, _created = Skills.objects.update_or_create(
            user=user, defaults={"languages": [word for word in spoken if word][:20], "capacity": capacity}
        )
        skills.categories.set(categories)
    return skills


def is_on(user: User) -> bool:
    duty = of(user)
    return duty is not None and duty.on_duty


def is_present(user: User, now: datetime) -> bool:
    """Whether USER is on duty and was seen lately."""
    duty = of(user)
    return duty is not None and duty.is_present(now)


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
