"""Conditions of triggers: small expressions that say yes or no about a message, its order and its customer.

Text is compared without regard to case and accents. What an expression may contain is on a list; everything else is
refused before it is built: no calls, no regular expressions, no powers, no loops. So the work of one evaluation is
bounded by its length; a time budget, looked at before each step, bounds it once more.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from policies.folding import fold
from tickets.refusals import Invalid

LONGEST = 1000
"""Characters of an expression."""

MOST_PARTS = 150
"""Names, literals and operators of an expression."""

DEEPEST = 30
"""Operators inside one another."""

BUDGET = 0.05
"""Seconds that one evaluation may take."""

TEXT, NUMBER, YES_NO, TEXTS = (
    gettext_noop("a text"),
    gettext_noop("a number"),
    gettext_noop("yes or no"),
    gettext_noop("a list of texts"),
)
NUMBERS = gettext_noop("a list of numbers")

NAMES: dict[str, str | dict[str, str]] = {
    "subject": TEXT,
    "text": TEXT,
    "language": TEXT,
    "channel": TEXT,
    "category": TEXT,
    "tags": TEXTS,
    "risks": TEXTS,
    "order": {"reference": TEXT, "value": NUMBER, "currency": TEXT, "products": TEXTS},
    "customer": {"earlier_tickets": NUMBER, "strikes": NUMBER, "lifetime_value": NUMBER},
}
"""What an expression may name, and of which type it is (docs/triggers.md says what each means)."""

EXAMPLE = '"refund" in text and order.value >= 300 and not ("vip" in tags)'


class NotTold(Exception):
    """An evaluation came to no answer: it took too long, or a value was not of its type."""


@dataclass(frozen=True)
class Condition:
    """An expression that was found sound. `paths` are the names it reads, as `order.value`."""

    source: str
    paths: tuple[str, ...]
    _statement: object

    def reads(self, name: str) -> bool:
        """Whether it reads NAME or a part of it."""
        return any(path.split(".")[0] == name for path in self.paths)

    def holds(self, values: Mapping[str, object], *, budget: float = BUDGET) -> bool:
        """Return its answer about VALUES, whose texts are folded already, or raise NotTold after BUDGET seconds."""
        engine = _engine()
        try:
            return bool(self._statement.evaluate(engine.Values(values, until=time.perf_counter() + budget)))
        except Exception as error:  # whatever goes wrong in a rule must not stop the ticket that it reads
            raise NotTold(str(getattr(error, "message", None) or error)[:200]) from error

    def facts(self, values: Mapping[str, object]) -> dict[str, str]:
        """Return what it read, in short, for the record; never the customer's words at length."""
        found = {}
        for path in self.paths:
            if path in ("text", "subject"):
                continue
            value = values
            for name in path.split("."):
                value = value[name]
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            found[path] = shown[:100]
        return found


@lru_cache(maxsize=256)
def read(source: str) -> Condition:
    """Return the condition that SOURCE says, or refuse it and name the place that is wrong."""
    if len(source) > LONGEST:
        raise _refusal(_("It is too long: %(n)s characters, at most %(most)s.") % {"n": len(source), "most": LONGEST})
    if any(ord(c) < 32 and c not in "\n\t" for c in source):
        raise _refusal(_("It contains a control character."))
    engine = _engine()
    paths: list[str] = []
    try:
        statement = engine.parse(" ".join(source.split("\n")).replace("\r", " "), paths)
    except engine.SyntaxError as error:
        raise _refusal(_place(source, error)) from None
    except engine.EngineError as error:
        raise _refusal(str(error.message)) from None
    except (RecursionError, ValueError, ArithmeticError) as error:
        raise _refusal(_("It cannot be read: %(why)s.") % {"why": type(error).__name__}) from None
    return Condition(source, tuple(dict.fromkeys(paths)), statement)


def folded(value: object) -> object:
    """Return VALUE, a text or a list of texts, as conditions compare it."""
    if isinstance(value, str):
        return fold(value)
    return [fold(item) for item in value] if isinstance(value, list | tuple) else value


def refuse(detail: str) -> Invalid:
    return _refusal(detail)


def _refusal(detail: str) -> Invalid:
    return Invalid(detail, code="expression", field="condition")


def _place(source: str, error: Exception) -> str:
    token = getattr(error, "token", None)
    if token is None:
        value = getattr(error, "value", None)
        if value:
            return _("This text cannot be read: %(text)s") % {"text": value}
        return _("It ends too early: something is missing after “%(end)s”.") % {"end": source.strip()[-30:]}
    found = str(token.value)[:20].split()[:1]
    return _("It cannot be read from character %(n)s on, at “%(text)s”.") % {
        "n": token.lexpos + 1, "text": found[0] if found else token.value,
    }  # fmt: skip


@lru_cache(maxsize=1)
def _engine():
    # Building the grammar takes half a second, which a helpdesk without conditions need not spend.
    from policies import expression_engine

    return expression_engine
