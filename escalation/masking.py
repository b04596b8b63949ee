"""What names a customer, taken out of texts for readers who do not work on the case (P7.3)."""

import re

from escalation import access
from escalation.models import Decision
from tickets.models import Customer, User

MASK = "▒▒▒"

_ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,255}")
_NUMBER = re.compile(r"\+?\d[\d ./-]{4,30}\d")
"""Telephone, card, account and order numbers; amounts and dates of few digits stay."""


def masked(text: str, customer: Customer) -> str:
    """Return TEXT without addresses, long numbers, and the customer's own names."""
    text = _NUMBER.sub(MASK, _ADDRESS.sub(MASK, text))
    for name in {part for part in customer.name.split() if len(part) > 2}:
        text = re.sub(rf"\b{re.escape(name)}\b", MASK, text, flags=re.IGNORECASE)
    return text


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
