"""Naming colleagues in a note: `@Anna Rossi`, or `@anna.rossi` as their address begins, tells them of it."""

from collections.abc import Iterable
from datetime import datetime

from escalation import access, notices, watching
from policies.triggers import fold
from tickets.models import Message, User

AT_MOST = 20
"""People whom one note can tell."""


def named(text: str) -> list[User]:
    """Return the active people whom TEXT names; of two names that begin alike the longer one is meant."""
    if "@" not in text:
        return []
    people = User.objects.filter(is_active=True, groups__isnull=False).distinct().order_by("pk")
    known = sorted(((name, person) for person in people for name in _names(person)), key=lambda pair: -len(pair[0]))
    found: dict[int, User] = {}
    for part in fold(text).split("@")[1:]:
        begins = [(name, person) for name, person in known if part.startswith(name)]
        heard = [(name, person) for name, person in begins if not part[len(name) :][:1].isalnum()]
        longest = len(heard[0][0]) if heard else 0
        found |= {person.pk: person for name, person in heard if len(name) == longest}
    return list(found.values())[:AT_MOST]


def tell(message: Message, *, by: User, now: datetime) -> None:
    """Tell those whom a note names and who may see its ticket; they watch it from now on."""
    for person in _seeing(message, named(message.body), by):
        watching.begin(message.ticket_id, person)
        notices.mentioned(message.ticket_id, message=message.pk, person=person.pk, now=now)


def not_told(message: Message) -> list[User]:
    """Return those whom a note names and who may not see its ticket: they heard nothing, and its writer should know."""
    people = named(message.body)
    told = {person.pk for person in _seeing(message, people, message.author)}
    return [person for person in people if person.pk not in told and person.pk != message.author_id]


def _names(person: User) -> set[str]:
    return {fold(name) for name in (person.name, person.email.split("@")[0]) if name}


def _seeing(message: Message, people: Iterable[User], by: User) -> list[User]:
    return [person for person in people if person.pk != by.pk and access.can_see(person, message.ticket_id)]
