"""An approved text on the desk: as it reads in each language once it is filled in (P6.1)."""

from dataclasses import dataclass

from helpdesk.templatetags.ux import language_name
from policies import scripts
from policies.book import Kind
from policies.languages import LANGUAGES
from policies.models import Script
from tickets.models import User


@dataclass(frozen=True)
class Sample:
    """A text in one language, filled in with made-up values; `by_hand` are fields that nothing fills in."""

    language: str
    code: str
    words: str
    by_hand: list[str]


def samples(kind: Kind, written: dict, reader: User) -> list[Sample]:
    """Return a text that is WRITTEN so in each language, also in those that lack it; nothing for other kinds."""
    if kind.model is not Script:
        return []
    texts = written.get("texts") or {}
    is_filled = written.get("kind", Script.Kind.REPLY) in (Script.Kind.REPLY, Script.Kind.HANDOUT)
    found = []
    for code in LANGUAGES:
        words, by_hand = scripts.sample(texts.get(code, ""), reader) if is_filled else (texts.get(code, ""), [])
        found.append(Sample(language_name(code), code, words, by_hand))
    return found
