"""What somebody typed into the search box, taken apart: words, phrases, words to leave out, operators."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tickets.refusals import Invalid

LONGEST = 500
"""Characters of a search; what is pasted by mistake is longer."""

MOST_PARTS = 20

_PART = re.compile(r'(-?)(?:([A-Za-z]+):(?!//))?(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True)
class Term:
    """One word or "phrase" to find, or to leave out."""

    text: str
    phrase: bool = False
    leave_out: bool = False


@dataclass(frozen=True)
class Operator:
    """One `name:value`, or `-name:value` for everything else; `text` is as it was typed."""

    name: str
    value: str
    leave_out: bool
    text: str


@dataclass(frozen=True)
class Asked:
    """A search in parts. `text` is all of it in one line."""

    text: str
    terms: tuple[Term, ...] = ()
    operators: tuple[Operator, ...] = ()

    def without(self, operator: Operator) -> str:
        """Return the text without one operator, for the link that takes it away."""
        return " ".join(self.text.replace(operator.text, " ", 1).split())


def number_in(text: str) -> int | None:
    """Return the ticket that `#4012`, typed alone, means."""
    digits = text.strip()[1:]
    named = text.strip()[:1] == "#" and digits.isascii() and digits.isdigit() and len(digits) < 19
    return int(digits) if named else None


def read(text: str) -> Asked:
    """Take TEXT apart. Refused: what is too long, and an operator without a value."""
    line = " ".join(text.replace("\x00", " ").split())
    if len(line) > LONGEST:
        raise Invalid(
            _("A search has at most %(most)d characters; this one has %(length)d. Say it in fewer words.")
            % {"most": LONGEST, "length": len(line)},
            code="too_long",
            field="q",
        )
    terms, operators = [], []
    for part in _PART.finditer(line):
        minus, name, phrase, word = part.groups()
        value = (word if phrase is None else phrase).strip()
        if name:
            operators.append(Operator(name.lower(), value, bool(minus), part[0]))
        elif word and re.fullmatch(r"[A-Za-z]+:", word):
            raise Invalid(
                _("'%(word)s' needs a value right after the colon, without a space.") % {"word": word},
                code="operator",
                field="q",
            )
        elif value:
            terms.append(Term(value, phrase is not None, bool(minus)))
    if len(terms) + len(operators) > MOST_PARTS:
        raise Invalid(
            _("A search has at most %(most)d words. Leave out the less telling ones.") % {"most": MOST_PARTS},
            code="too_long",
            field="q",
        )
    return Asked(line, tuple(terms), tuple(operators))
