"""Reading a message or an order with the triggers in force (P2.2).

Phrases are literal: they are escaped before they become one regular expression per trigger, so no policy text can make
matching slow. Case and accents do not matter. Conditions are bounded in size and time (`policies.expressions`).
"""

import enum
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from policies import expressions
from policies.folding import fold
from policies.models import Trigger, TriggerFault
from policies.phrases import alternatives
from policies.risks import Risk
from tickets.clock import database_now
from tickets.refusals import Invalid

__all__ = ["Finding", "Occasion", "Reading", "evaluate", "floor_for", "fold", "in_force", "read"]

logger = logging.getLogger(__name__)


class Occasion(enum.Enum):
    """Why the rules are asked, which decides who is asked: what has not changed is not judged twice."""

    ARRIVAL = "arrival"
    MESSAGE = "message"
    ORDER = "order"


@dataclass
class Reading:
    """What the rules are asked about: a message or an order, and what is known around it.

    `tags` and `history` are called once, and only when a rule names `tags` or `customer`; the latter returns its parts
    by name.
    """

    text: str
    occasion: Occasion = Occasion.ARRIVAL
    subject: str = ""
    language: str = ""
    channel: str = ""
    category: str = ""
    tags: Callable[[], tuple[str, ...]] = tuple
    order_reference: str = ""
    order_value: Decimal | None = None
    order_currency: str = ""
    order_products: tuple[str, ...] = ()
    history: Callable[[], Mapping[str, object]] | None = None
    _words: dict[object, list[str]] = field(default_factory=dict, repr=False)

    @cached_property
    def folded_text(self) -> str:
        return fold(self.text)

    @cached_property
    def values(self) -> dict[str, object]:
        """What conditions may name, except tags, customer and the risks found so far."""
        values = {name: getattr(self, name) for name in ("subject", "language", "channel", "category")}
        values["order"] = {
            "reference": expressions.folded(self.order_reference),
            "value": self.order_value or Decimal(0),
            "currency": expressions.folded(self.order_currency),
            "products": expressions.folded(self.order_products),
        }
        return {name: expressions.folded(value) for name, value in values.items()} | {"text": self.folded_text}

    @cached_property
    def folded_tags(self) -> list[str]:
        return expressions.folded(self.tags())

    @cached_property
    def customer(self) -> dict[str, object]:
        nothing = {part: 0 for part in expressions.NAMES["customer"]}
        return nothing | dict(self.history() if self.history else {})

    def phrases_of(self, trigger: Trigger) -> list[str]:
        """Return the phrases of TRIGGER that the text contains; each trigger looks once."""
        key = (trigger.pk, trigger.slug, trigger.version)
        if key not in self._words:
            pattern = _pattern(tuple(phrase for phrases in trigger.phrases.values() for phrase in phrases))
            said = (match.group() for match in pattern.finditer(self.folded_text) if match.lastgroup != "excepted")
            self._words[key] = list(dict.fromkeys(said))[:10]
        return self._words[key]


@dataclass(frozen=True)
class Finding:
    """A trigger that fired, with the words of the text that fired it and what its condition read."""

    trigger: Trigger
    words: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def citation(self) -> dict:
        """What the audit trail keeps: rule, version, words and facts."""
        cited = {"trigger": self.trigger.slug, "version": self.trigger.version, "words": list(self.words)}
        return cited | {"facts": dict(self.facts)} if self.facts else cited


def in_force(at: datetime | None = None) -> list[Trigger]:
    """Return the rules that hold at AT (default: now), in their order."""
    return list(Trigger.objects.in_force(at).select_related("team"))


def read(rules: Iterable[Trigger], reading: Reading, *, on_fault: Callable[[Trigger, str], None]) -> list[Finding]:
    """Return which of RULES fire on READING, highest floor first. A rule that cannot answer has not fired."""
    findings: list[Finding] = []
    for trigger in rules:
        if not any(trigger.phrases.values()) and trigger.min_order_value is None and not trigger.condition:
            continue
        try:
            finding = _ask(trigger, reading, findings)
        except (expressions.NotTold, Invalid) as fault:
            on_fault(trigger, str(fault))
        else:
            findings += [finding] if finding else []
    return sorted(findings, key=lambda finding: -(finding.trigger.floor or 0))


def evaluate(
    *, text: str, order_value: Decimal | None = None, order_in_shop_currency: bool = False, at: datetime | None = None
) -> list[Finding]:
    """Return what fires on TEXT and an order of that value alone, highest floor first."""
    currency = settings.CURRENCY if order_in_shop_currency else ""
    reading = Reading(text=text, order_value=order_value, order_currency=currency)
    return read(in_force(at), reading, on_fault=note_fault)


def note_fault(trigger: Trigger, why: str) -> None:
    """Remember that TRIGGER could not answer, for its owner."""
    logger.warning("Rule %s, version %s, could not answer: %s", trigger.slug, trigger.version, why)
    now = database_now()
    TriggerFault.objects.get_or_create(trigger=trigger, defaults={"last_at": now, "last_error": ""})
    TriggerFault.objects.filter(trigger=trigger).update(count=F("count") + 1, last_at=now, last_error=why[:250])


def floor_for(risk: str, at: datetime | None = None) -> Trigger:
    """Return the trigger that says where a ticket goes when a person flags RISK: the lowest floor named for it."""
    if risk not in Risk.values:
        raise Invalid(
            _("Unknown risk. Use one of: %(names)s.") % {"names": ", ".join(Risk.values)}, code="unknown", field="risk"
        )
    rules = Trigger.objects.in_force(at).filter(risk=risk, floor__isnull=False)
    trigger = rules.order_by("floor", "slug").first()
    if trigger is None:
        raise Invalid(_("No rule in force says where '%(risk)s' goes.") % {"risk": risk}, code="no_rule", field="risk")
    return trigger


def _ask(trigger: Trigger, reading: Reading, found: list[Finding]) -> Finding | None:
    """Ask one rule: all that it names must hold."""
    condition = expressions.read(trigger.condition) if trigger.condition else None
    if not _is_news(trigger, condition, reading.occasion):
        return None
    words: list[str] = []
    if trigger.min_order_value is not None:
        in_shop_currency = reading.order_currency == settings.CURRENCY
        if reading.order_value is None or not in_shop_currency or reading.order_value < trigger.min_order_value:
            return None
        words.append(str(reading.order_value))
    if any(trigger.phrases.values()):
        said = reading.phrases_of(trigger)
        if not said:
            return None
        words += said
    if condition is None:
        return Finding(trigger, tuple(words))
    values = reading.values | {"risks": list(dict.fromkeys(f.trigger.risk for f in found if f.trigger.risk))}
    if condition.reads("tags"):
        values["tags"] = reading.folded_tags
    if condition.reads("customer"):
        values["customer"] = reading.customer
    if not condition.holds(values):
        return None
    return Finding(trigger, tuple(words), tuple(condition.facts(values).items()))


def _is_news(trigger: Trigger, condition: expressions.Condition | None, occasion: Occasion) -> bool:
    """Whether what TRIGGER looks at can have changed: a rule about orders alone must not send a ticket up again with
    every message after people have sent it down."""
    if occasion is Occasion.MESSAGE:
        about_words = condition and any(condition.reads(name) for name in ("text", "risks"))
        return any(trigger.phrases.values()) or bool(about_words)
    if occasion is Occasion.ORDER:
        return trigger.min_order_value is not None or bool(condition and condition.reads("order"))
    return True


@lru_cache(maxsize=512)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern:
    """Compile a trigger's phrases, longest first so that the longest wording is the one shown.

    A wording that is excepted swallows the phrases within it, so that they are not seen.
    """
    said = alternatives(phrase for phrase in phrases if not phrase.startswith("!"))
    excepted = alternatives(phrase for phrase in phrases if phrase.startswith("!"))
    return re.compile(rf"(?<!\w)(?:(?P<excepted>{excepted or '(?!)'})|(?:{said or '(?!)'}))(?!\w)")
