"""Reading a message or an order with the triggers in force (P2.2).

Phrases are literal: they are escaped before they become one regular expression per trigger, so no policy text can make
matching slow. Case and accents do not matter.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from policies.models import Trigger
from policies.risks import Risk
from tickets.refusals import Invalid


@dataclass(frozen=True)
class Finding:
    """A trigger that fired, with the words of the text that fired it."""

    trigger: Trigger
    words: tuple[str, ...]

    @property
    def citation(self) -> dict:
        """What the audit trail keeps: rule, version and words."""
        return {"trigger": self.trigger.slug, "version": self.trigger.version, "words": list(self.words)}


def evaluate(
    *, text: str, order_value: Decimal | None = None, order_in_shop_currency: bool = False, at: datetime | None = None
) -> list[Finding]:
    """Return what fires on TEXT and the order, highest floor first."""
    folded = fold(text)
    findings = []
    for trigger in Trigger.objects.in_force(at):
        words: list[str] = []
        if trigger.min_order_value is not None:
            if order_value is None or not order_in_shop_currency or order_value < trigger.min_order_value:
                continue
            words.append(str(order_value))
        if any(trigger.phrases.values()):
            pattern = _pattern(tuple(phrase for phrases in trigger.phrases.values() for phrase in phrases))
            words += list(dict.fromkeys(match.group() for match in pattern.finditer(folded)))[:10]
        if words:
            findings.append(Finding(trigger, tuple(words)))
    return findings


def floor_for(risk: str, at: datetime | None = None) -> Trigger:
    """Return the trigger that says where a ticket goes when a person flags RISK: the lowest floor named for it."""
    if risk not in Risk.values:
        raise Invalid(f"Unknown risk. Use one of: {', '.join(Risk.values)}.", code="unknown", field="risk")
    trigger = Trigger.objects.in_force(at).filter(risk=risk).order_by("floor", "slug").first()
    if trigger is None:
        raise Invalid(f"No rule in force says where '{risk}' goes.", code="no_rule", field="risk")
    return trigger


def fold(text: str) -> str:
    """Lower-case TEXT and take its accents away, with typographic apostrophes made plain."""
    text = text.replace("\u2019", "'")
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=512)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern:
    """Compile a trigger's phrases, longest first so that the longest wording is the one shown."""
    folded = sorted({fold(phrase).strip() for phrase in phrases} - {""}, key=len, reverse=True)
    parts = [
        r"\s+".join(re.escape(word) for word in phrase.rstrip("*").split()) + (r"\w*" if phrase.endswith("*") else "")
        for phrase in folded
    ]
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)")
