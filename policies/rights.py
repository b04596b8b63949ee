"""The public matrix of rights against policies, in a reader's language (P3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from policies.folding import fold
from policies.models import Right
from policies.remedies import Problem
from policies.risks import Risk
from tickets.models import Wish

About = Right.About


@dataclass(frozen=True)
class Text:
    """A text in the language asked for; or in another `language`, and then `is_other`, when that one is missing."""

    words: str
    language: str
    is_other: bool = False


@dataclass(frozen=True)
class Cell:
    """A right against a policy as its reader sees it; `channels` are pairs of channel and words."""

    row: Right
    you: Text
    we: Text
    exceptions: Text
    channels: list[tuple[str, str]]


APPLIES: dict[str, tuple[str, ...]] = {
    Problem.DAMAGE: (About.REFUNDS,),
    Problem.WRONG_SHIPMENT: (About.REFUNDS,),
    Problem.RETURN: (About.REFUNDS,),
    Problem.PRODUCT_QUESTION: (About.PRICING,),
    Problem.SERVICE: (About.RESPECT,),
    Problem.PAYMENT: (About.PRICING, About.REFUNDS),
    "privacy": (About.PRIVACY, About.DATA_CONTROL),
    Wish.REFUND: (About.REFUNDS,),
    Wish.STORE_CREDIT: (About.REFUNDS,),
    Wish.REPLACEMENT: (About.REFUNDS,),
    Wish.REPAIR: (About.REFUNDS,),
    Wish.APOLOGY: (About.RESPECT,),
    Risk.PRIVACY_BREACH: (About.PRIVACY, About.DATA_CONTROL),
    Risk.ABUSE: (About.RESPECT,),
    Risk.HARASSMENT: (About.RESPECT,),
}
"""Which rights a problem (or the category named like it), a wish, or a risk of a case touches."""


def applying(words: Iterable[str]) -> list[Right.About]:
    """Return the rights that WORDS touch, slugs of a category, a problem, a wish or risks; asks no database."""
    touched = {about for word in words for about in APPLIES.get(word.replace("-", "_"), ())}
    return [about for about in About if about in touched]


def in_force(language: str, at: datetime | None = None) -> dict[str, list[Cell]]:
    """Return the cells in force by right, in the order in which the protocol names them."""
    cells: dict[str, list[Cell]] = {about: [] for about in Right.About.values}
    order = list(Right.Against.values)
    for row in sorted(Right.objects.in_force(at), key=lambda row: order.index(row.policy)):
        cells[row.right].append(cell(row, language))
    return {about: found for about, found in cells.items() if found}


def search(query: str, language: str, at: datetime | None = None) -> dict[str, list[Cell]]:
    """Return the cells in force that say all words of QUERY, without regard to case and accents; all without words."""
    words = fold(query).split()
    found = {about: [one for one in cells if _says(one, words)] for about, cells in in_force(language, at).items()}
    return {about: cells for about, cells in found.items() if cells}


def cell(row: Right, language: str) -> Cell:
    lines = text(row.by_channel, language).words.splitlines()
    channels = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if ":" in line]
    return Cell(row, text(row.you, language), text(row.we, language), text(row.exceptions, language), channels)


def text(texts: dict, language: str) -> Text:
    """Return what TEXTS says in LANGUAGE, else in English, else in any."""
    short = language.split("-")[0].lower()
    for code in (short, "en", *texts):
        if texts.get(code):
            return Text(texts[code], code, is_other=code != short)
    return Text("", short)


def _says(found: Cell, words: list[str]) -> bool:
    labels = f"{found.row.get_right_display()} {found.row.get_policy_display()}"
    said = fold(" ".join([labels, found.you.words, found.we.words, found.exceptions.words]))
    return all(word in said for word in words)
