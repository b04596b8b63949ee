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
    ticket = decision.escalation.ticket
    if access.works_on(reader, decision.escalation):
        return decision.rationale
    return masked(decision.rationale, ticket.customer)
