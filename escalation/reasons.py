"""Reasons that the program itself puts on record: kept in English, shown in the reader's language."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

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

_OWN = [value for name, value in list(globals().items()) if name.isupper()]


def shown(reason: str) -> str:
    """Return REASON as its reader is to read it: what people wrote as they wrote it, our own sentences translated."""
    for sentence, pattern in _PATTERNS:
        if found := pattern.fullmatch(reason):
            return _(sentence) % found.groupdict()
    return reason


def _pattern(sentence: str) -> re.Pattern:
    parts = re.split(r"%\((\w+)\)s", sentence)
    return re.compile("".join(rf"(?P<{part}>\d+)" if n % 2 else re.escape(part) for n, part in enumerate(parts)))


_PATTERNS = [(sentence, _pattern(sentence)) for sentence in _OWN]
