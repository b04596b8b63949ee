"""What names a customer, taken out of texts for readers who do not work on the case (P7.3)."""

import re

from escalation import access
from escalation.models import Decision
from policies.folding import fold
from tickets.models import Customer, User

MASK = "▒▒▒"

_ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,255}")
_NUMBER = re.compile(r"\+?\d[\d ./-]{4,30}\d")
"""Telephone, card, account and order numbers; amounts and dates of few digits stay."""


def masked(text: str, customer: Customer) -> str:
    """Return TEXT without addresses, long numbers, and the customer's own names, also without their accents."""
    text = _NUMBER.sub(MASK, _ADDRESS.sub(MASK, text))
    parts = sorted({part for part in customer.name.split() if len(part) > 1}, key=len, reverse=True)
    for part in parts:
        text = _without(text, part)
    return text


def _without(text: str, name: str) -> str:
    """Return TEXT without NAME; one of two letters only as it is written, since "di" and "Li" are words too."""
    if len(name) < 3:
        return re.sub(rf"\b{re.escape(name)}\b", MASK, text)
    folded = "".join(plain if len(plain := fold(letter)) == 1 else letter.lower() for letter in text)
    kept, after = [], 0
    ways = "|".join(re.escape(way) for way in {fold(name), name.lower()})
    for found in re.finditer(rf"\b(?:{ways})\b", folded):
        kept += [text[after : found.start()], MASK]
        after = found.end()
    return "".join([*kept, text[after:]])


def rationale(decision: Decision, reader: User) -> str:
    """Return why a decision was made, as READER may read it: in full only for those who work on such a ticket."""
    return reasons(decision, reader)[0]


def reasons(decision: Decision, reader: User) -> tuple[str, str]:
    """Return why a decision was made, and why it differs from similar ones, as READER may read them."""
    texts = decision.rationale, decision.departs_because
    if access.works_on(reader, decision.escalation):
        return texts
    customer = decision.escalation.ticket.customer
    return masked(texts[0], customer), masked(texts[1], customer)
