"""The matrix of rights on the desk: as a grid with what is missing, and as customers see a cell (P3)."""

from dataclasses import dataclass

from django.utils.translation import get_language

from helpdesk.desk import language_tabs
from helpdesk.templatetags.ux import language_name
from policies import rights, terms
from policies.book import Kind
from policies.languages import LANGUAGES
from policies.models import Right
from policies.rights import Cell

_TEXTS = ("you", "we", "exceptions", "by_channel")


@dataclass(frozen=True)
class Place:
    """One place of the grid: the right in force there, if any, and the languages in which it lacks something."""

    right: str
    policy: str
    row: Right | None
    words: str
    missing: list[str]

    @property
    def against(self) -> str:
        return str(Right.Against(self.policy).label)


def grid(rows: list[Right]) -> list[tuple[str, list[Place]]]:
    """Return for each right its places, one for each policy."""
    found = {(row.right, row.policy): row for row in rows}
    return [
        (about.label, [_place(about, against, found.get((about, against))) for against in Right.Against])
        for about in Right.About
    ]


def previews(kind: Kind, written: dict) -> list[tuple[str, Cell]]:
    """Return a right that is WRITTEN so, as the readers of each language see it; nothing for other kinds of policy."""
    if kind.model is not Right:
        return []
    row = Right(**terms.read(Right, kind.columns, written))
    return [(language_name(code), rights.cell(row, code)) for code in LANGUAGES]


def _place(right: str, policy: str, row: Right | None) -> Place:
    missing = language_tabs.missing([getattr(row, name) for name in _TEXTS] if row else [])
    words = rights.text(row.you, get_language() or "en").words if row else ""
    return Place(right, policy, row, words, missing)
