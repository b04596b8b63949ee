"""What the forms of a ticket's page offer to choose from: people, tags, macros, texts.

All of it is fetched in one round trip and may be some seconds old: what is chosen is looked up again when it is sent.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from escalation import assignment
from escalation.models import Escalation
from helpdesk.desk import filters, texts
from helpdesk.desk.act_forms import person_label

_PEOPLE_FOR = 5
"""Seconds for which the people of a floor, who is on duty and how many tickets each has are kept."""


class Choices:
    """Everything that may be chosen on the page of one ticket. Asked for when the first of it is drawn."""

    def __init__(self, escalation: Escalation, now: datetime):
        self._escalation, self._now = escalation, now

    @property
    def tags(self) -> list[tuple[str, str]]:
        """All tags as (slug, name)."""
        return self._names[0]["tag"]

    @property
    def macros(self) -> list[tuple[str, str]]:
        """The macros that are offered, as (slug, name)."""
        return self._names[0]["macro"]

    @property
    def colleagues(self) -> list[tuple[str, str]]:
        """The names of the people who work on tickets, each as (what is put into a note, name)."""
        return [(name, name) for _email, name in self._names[1]]

    @cached_property
    def texts(self) -> list[texts.Listed]:
        """The scripts and handouts in force."""
        return self._find(texts.KEY, texts.listed, texts.FRESH_FOR)

    def people(self, chosen: int | None) -> SafeString:
        """Draw those who may be given the ticket as options, CHOSEN being chosen already."""
        drawn = (
            f'\n  <option value="{pk}"{" selected" if pk == chosen else ""}>'
            f"{escape(person_label(name, here, count))}</option>"
            for pk, name, here, count in self._people
        )
        return mark_safe("".join(drawn))

    @cached_property
    def _people(self) -> list[tuple[int, str, bool, int]]:
        return self._find(self._people_key, self._read_people, _PEOPLE_FOR)

    def _read_people(self) -> list[tuple[int, str, bool, int]]:
        found = assignment.candidates(self._escalation, self._now)
        return [(person.pk, str(person), person.is_here, person.open_tickets) for person in found]

    @property
    def _people_key(self) -> str:
        return f"candidates:{self._escalation.floor}"

    @cached_property
    def _names(self) -> tuple:
        return self._find(filters.KEY, filters.read_names, filters.FRESH_FOR)

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return cache.get_many([filters.KEY, texts.KEY, self._people_key])

    def _find(self, key: str, read: Callable[[], Any], seconds: int) -> Any:
        if key not in self._kept:
            self._kept[key] = read()
            cache.set(key, self._kept[key], seconds)
        return self._kept[key]
