"""The public matrix of rights against policies, in a reader's language (P3)."""

from dataclasses import dataclass
from datetime import datetime

from policies.models import Right


@dataclass(frozen=True)
class Text:
    """A text in the language asked for, or in `language` when that one is missing."""

    words: str
    language: str


@dataclass(frozen=True)
class Cell:
    """A right against a policy as its reader sees it; `channels` are pairs of channel and words."""

    row: Right
    you: Text
    we: Text
    exceptions: Text
    channels: list[tuple[str, str]]


def in_force(language: str, at: datetime | None = None) -> dict[str, list[Cell]]:
    """Return the cells in force by right, in the order in which the protocol names them."""
    cells: dict[str, list[Cell]] = {about: [] for about in Right.About.values}
    order = list(Right.Against.values)
    for row in sorted(Right.objects.in_force(at), key=lambda row: order.index(row.policy)):
        cells[row.right].append(cell(row, language))
    return {about: found for about, found in cells.items() if found}


def cell(row: Right, language: str) -> Cell:
    lines = text(row.by_channel, language).words.splitlines()
    channels = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if ":" in line]
    return Cell(row, text(row.you, language), text(row.we, language), text(row.exceptions, language), channels)


def text(texts: dict, language: str) -> Text:
    """Return what TEXTS says in LANGUAGE, else in English, else in any."""
    short = language.split("-")[0].lower()
    for code in (short, "en", *texts):
        if texts.get(code):
            return Text(texts[code], code)
    return Text("", short)
