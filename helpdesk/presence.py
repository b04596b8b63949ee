"""Who is at a ticket right now, and up to where they have read it: kept in Redis only, and all works without it."""

import time
from dataclasses import dataclass

from django.core.cache import cache

from tickets.models import User

FORGOTTEN_AFTER = 25
"""Seconds without a sign after which somebody is taken to have left; an open page gives one every 5."""

WRITES_FOR = 15
"""Seconds for which somebody counts as writing after their words were last kept."""

READ_FOR = 60 * 24 * 60 * 60
"""Seconds for which it is known up to where somebody has read a ticket."""

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
    now = _now()
    fields = {f"{user.pk}": f"{now} {user}"} | ({f"{user.pk}w": str(now)} if writing else {})
    found = cache.note(f"here:{number}", fields, FORGOTTEN_AFTER * 2)
    return _others(found, user, now)


def at(numbers: list[int], user: User) -> dict[int, list[Person]]:
    """Return who else than USER has which of the tickets NUMBERS before them; one round trip, and nothing is noted."""
    if not numbers:
        return {}
    now, found = _now(), cache.read_hashes([f"here:{number}" for number in numbers])
    return {
        number: people for number, fields in zip(numbers, found, strict=True) if (people := _others(fields, user, now))
    }


def _now() -> int:
    return int(time.time())


def _others(found: dict[str, str], user: User, now: int) -> list[Person]:
    """Read the hash of one ticket: who else than USER is there, writers first."""
    people = []
    for field, value in found.items():
        seen, _space, name = value.partition(" ")
        if field.endswith("w") or field == str(user.pk) or int(seen) < now - FORGOTTEN_AFTER:
            continue
        wrote = int(found.get(f"{field}w", 0))
        people.append(Person(int(field), name, writing=wrote >= now - WRITES_FOR))
    return sorted(people, key=lambda person: (not person.writing, person.name))[:SHOWN]


def read_up_to(number: int, user: User, newest: int) -> int:
    """Return the newest message of ticket NUMBER that USER had before them so far (0: not known), and note NEWEST."""
    key = _read_key(number, user)
    before = cache.get(key, 0)
    if newest != before:
        cache.set(key, newest, READ_FOR)
    return before


def last_read(numbers: list[int], user: User) -> dict[int, int]:
    """Return the newest message that USER had before them of each of the tickets NUMBERS that they looked at."""
    keys = {_read_key(number, user): number for number in numbers}
    return {keys[key]: newest for key, newest in cache.get_many(keys).items()}


def _read_key(number: int, user: User) -> str:
    return f"read:{user.pk}:{number}"


def words(present: dict[int, list[Person]]) -> str:
    """Return a word for who is at which ticket, as `word` does for one."""
    return " ".join(f"{number}:{word(people)}" for number, people in present.items())


def word(people: list[Person]) -> str:
    """Return a word for who is there: a page that knows the same word need not be told anew."""
    return ".".join(f"{person.pk}{'w' if person.writing else ''}" for person in people)
