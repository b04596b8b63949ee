"""Who else is at a ticket right now, kept in Redis only: without it nobody seems to be there, and all else works."""

import time
from dataclasses import dataclass

from django.core.cache import cache

from tickets.models import User

FORGOTTEN_AFTER = 25
"""Seconds without a sign after which somebody is taken to have left; an open page gives one every 5."""

WRITES_FOR = 15
"""Seconds for which somebody counts as writing after their words were last kept."""

SHOWN = 5
"""People whom a page names."""


@dataclass(frozen=True)
class Person:
    """Somebody else at the ticket."""

    pk: int
    name: str
    writing: bool


def note(number: int, user: User, *, writing: bool = False) -> list[Person]:
    """Note that USER has ticket NUMBER before them, and return who else has: writers first."""
    now = int(time.time())
    fields = {f"{user.pk}": f"{now} {user}"} | ({f"{user.pk}w": str(now)} if writing else {})
    found = cache.note(f"here:{number}", fields, FORGOTTEN_AFTER * 2)
    people = []
    for field, value in found.items():
        seen, _space, name = value.partition(" ")
        if field.endswith("w") or field == str(user.pk) or int(seen) < now - FORGOTTEN_AFTER:
            continue
        wrote = int(found.get(f"{field}w", 0))
        people.append(Person(int(field), name, writing=wrote >= now - WRITES_FOR))
    return sorted(people, key=lambda person: (not person.writing, person.name))[:SHOWN]


def word(people: list[Person]) -> str:
    """Return a word for who is there: a page that knows the same word need not be told anew."""
    return ".".join(f"{person.pk}{'w' if person.writing else ''}" for person in people)
