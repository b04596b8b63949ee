"""Sentences that the program itself puts on record: kept in English, shown in the reader's language.

A `%(name)s` in a sentence says by its name what stands there (`_PLACES`); a name that is not there is a whole number.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, override

NOT_IN_TIME = gettext_noop("Not resolved on Floor %(floor)s in time.")
UNDECIDED = gettext_noop("The time for a decision on Floor 3 has passed.")
CUSTOMER_WROTE = gettext_noop("The customer wrote again.")
CUSTOMER_ANSWERED = gettext_noop("The customer answered.")
WAITING = gettext_noop("Waiting for the customer.")
MERGED_RAN = gettext_noop("The clock of the merged ticket was running.")
SWITCHED_OFF = gettext_noop("The account of its owner was switched off.")
WENT_OFFLINE = gettext_noop("Its owner went offline while its clock ran.")
STOOD_IDLE = gettext_noop("Its owner did nothing with it while its clock ran.")
BEST_FIT = gettext_noop("The best fit of %(count)s on duty: had %(open)s of %(capacity)s open tickets.")
BEST_FIT_SPEAKS = gettext_noop(
    "The best fit of %(count)s on duty: speaks the language, had %(open)s of %(capacity)s open tickets."
)
BEST_FIT_KNOWS = gettext_noop(
    "The best fit of %(count)s on duty: knows the category, had %(open)s of %(capacity)s open tickets."
)
BEST_FIT_BOTH = gettext_noop(
    "The best fit of %(count)s on duty: speaks the language, knows the category, had %(open)s of %(capacity)s open "
    "tickets."
)
RETENTION = gettext_noop("Retention: %(months)s months after it was resolved (version %(version)s).")
CUSTOMER_ASKED = gettext_noop("Asked for by the customer.")
COPY_MADE = gettext_noop("Copy of the data.")
ERASED = gettext_noop("erased")
READER_LEFT = gettext_noop("The account is switched off.")
TOPIC_ENDED = gettext_noop("Nobody is told of this any more.")
NOT_WANTED = gettext_noop("Its reader does not want to be told so any more.")
OUT_OF_SIGHT = gettext_noop("The ticket is out of its reader's sight.")
OVERTAKEN = gettext_noop("The reason for it has gone.")

BY_RULE = gettext_noop("Rule “%(name)s”.")
HELD = gettext_noop(
    "This ticket is on hold since %(when)s by %(who)s: %(why)s The hold must be released by approval first."
)
LEGAL_HOLD = gettext_noop(
    "A legal hold keeps everything of ticket #%(number)s since %(when)s (by %(who)s). Head of Risk and Legal must "
    "release it first."
)
LEGAL_HOLD_ON_CUSTOMER = gettext_noop(
    "A legal hold keeps everything of this customer since %(when)s (by %(who)s). Head of Risk and Legal must release "
    "it first."
)
STILL_OPEN = gettext_noop("#%(number)s is still open. Resolve it first.")
ON_HOLD = gettext_noop("#%(number)s is on hold: %(why)s")
CAME_UP = gettext_noop("Something came up while it was erased.")
TARGET_OF_PROTOCOL = gettext_noop("The protocol's own figure.")

# What the decision matrix says (`escalation.authority`).
NO_RULE = gettext_noop("The matrix has no rule for “%(remedy)s” for “%(problem)s” on Floor %(floor)s.")
OTHER_ROLES = gettext_noop("“%(remedy)s” for “%(problem)s” is decided alone by: %(roles)s.")
COSTS_NOTHING = gettext_noop("This remedy costs nothing by the matrix; an amount needs a review.")
NAME_THE_COST = gettext_noop("Name what it costs: the limit is %(limit)s.")
OTHER_CURRENCY = gettext_noop("The limit is in %(limit)s and this is in %(currency)s.")
FOR_CUSTOMER = gettext_noop("One customer gets up to %(limit)s within %(time)s; %(given)s were given before.")
FOR_PERSON = gettext_noop("You may give alone up to %(limit)s within %(time)s; %(given)s were given.")
TWO_CURRENCIES = gettext_noop("Within %(time)s the customer was also given %(given)s; two currencies are not added up.")
ALONE = gettext_noop("You may decide this alone.")
ALONE_UP_TO = gettext_noop("You may decide this alone: up to %(limit)s for one customer within %(time)s.")

_OWN = [value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)]


def put(sentence: str, **facts: object) -> str:
    """Return one of our own sentences as it goes on record: in English, whoever is at work."""
    with override(settings.LANGUAGE_CODE):
        return sentence % {name: _written(fact) for name, fact in facts.items()}


def shown(reason: str) -> str:
    """Return REASON as its reader is to read it: what people wrote as they wrote it, our own sentences translated."""
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            return _(sentence) % {place: _place(place)[1](text) for place, text in found.groupdict().items()}
    return "\n".join(map(shown, reason.split("\n"))) if "\n" in reason else reason


def money(amount: Decimal, currency: str) -> str:
    """Return AMOUNT of CURRENCY as it goes on record."""
    return f"{amount:,.2f} {currency}"


def _written(fact: object) -> str:
    match fact:
        case datetime():
            return f"{fact.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case date():
            return fact.isoformat()
        case timedelta():
            return _time(fact)
        case list():
            return ", ".join(str(part) for part in fact)
    return str(fact)


def _time(length: timedelta) -> str:
    """Return LENGTH in minutes, hours up to two days, or days."""
    hours = int(length.total_seconds() // 3600)
    if hours and hours <= 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    if hours:
        return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    return _("%(n)s minutes") % {"n": int(length.total_seconds() // 60)}


def _shown_time(text: str) -> str:
    number, unit = text.split()
    return _time(timedelta(**{f"{unit.rstrip('s')}s": int(number)}))


def _shown_sums(text: str) -> str:
    return _AMOUNT.sub(
        lambda sum: number_format(Decimal(sum[0].replace(",", "")), 2, use_l10n=True, force_grouping=True), text
    )


def _shown_when(text: str) -> str:
    if len(text) == len("2026-11-22"):
        return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")
    instant = datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)
    return date_format(timezone.localtime(instant), "SHORT_DATETIME_FORMAT")


def _shown_labels(text: str) -> str:
    return ", ".join(_(label) for label in text.split(", "))


_AMOUNT = re.compile(r"[\d,]+\.\d\d")

_PLACES: dict[str, tuple[str, Callable[[str], str]]] = {
    "name": (r"[^\n]{1,200}", str),
    "who": (r"[^\n]{1,200}?", lambda text: _("a rule") if text == "a rule" else text),
    "why": (r"(?s:.*)", shown),
    "when": (r"\d{4}-\d\d-\d\d(?: \d\d:\d\d UTC)?", _shown_when),
    "time": (r"\d+ (?:minute|hour|day)s?", _shown_time),
    "limit": (r"[\d.,]* ?[A-Z]{3}", _shown_sums),
    "given": (r"[\d., A-Z]+", _shown_sums),
    "currency": (r"[A-Z]{3}", str),
    "remedy": (r"[^“”\n]{1,80}", _shown_labels),
    "problem": (r"[^“”\n]{1,80}", _shown_labels),
    "roles": (r"[^“”\n]{1,400}", _shown_labels),
}
"""What may stand at a place of a sentence, and how it is shown."""


@cache
def _patterns() -> list[tuple[str, re.Pattern]]:
    return [(sentence, _pattern(sentence)) for sentence in _OWN]


def _pattern(sentence: str) -> re.Pattern:
    parts = enumerate(re.split(r"%\((\w+)\)s", sentence))
    return re.compile("".join(rf"(?P<{part}>{_place(part)[0]})" if n % 2 else re.escape(part) for n, part in parts))


def _place(name: str) -> tuple[str, Callable[[str], str]]:
    return _PLACES.get(name, (r"\d+", str))
