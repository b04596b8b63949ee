"""A figure made ready to be shown: in words, with its line of twelve weeks."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.catalogue import METRICS, Metric
from metrics.models import Figure, Note
from metrics.scorecard import Sheet
from metrics.targets import sign

BADGES = {
    "met": ("ok", "met"),
    "near": ("warn", "warn"),
    "missed": ("late", "late"),
    "none": ("plain", ""),
}
"""State of a figure to the look and the symbol of its badge."""


@dataclass(frozen=True)
class Card:
    """One figure with everything that stands on its card."""

    metric: Metric
    figure: Figure
    place: int
    points: list[tuple[date, Decimal | None]]
    notes: list[Note]

    @property
    def value(self) -> str:
        return exact(self.figure)

    @property
    def unit(self) -> str:
        return str(Figure.Unit(self.figure.unit).label)

    @property
    def word(self) -> str:
        if self.figure.value is None:
            return _("No data")
        return {"met": _("On target"), "near": _("Near"), "missed": _("Off target"), "none": _("No target")}[
            self.figure.state
        ]

    @property
    def badge(self) -> str:
        return BADGES[self.figure.state][0]

    @property
    def icon(self) -> str:
        return BADGES[self.figure.state][1]

    @property
    def target(self) -> str:
        if self.figure.target is None:
            return ""
        return f"{sign(self.figure.better, self.figure.strict)} {plain(self.figure.target)}"

    @property
    def direction(self) -> str:
        return _("higher is better") if self.figure.better == "higher" else _("lower is better")

    @property
    def change(self) -> str:
        """The change on the week before in words, or ''."""
        change = self.figure.change
        if change is None:
            return ""
        if _round(change) == 0:
            return _("as last week")
        amount = plain(abs(change))
        return (
            _("up %(n)s on last week") % {"n": amount} if change > 0 else _("down %(n)s on last week") % {"n": amount}
        )

    @property
    def mean_of_four(self) -> str:
        """The mean of the four weeks before, of those that have a value, or ''."""
        before = [value for _week, value in self.points[:-1][-4:] if value is not None]
        return plain(sum(before) / len(before)) if before else ""

    @property
    def sample(self) -> str:
        """How many tickets, answers or people it comes from, in words, or ''."""
        return str(self.metric.sample % {"n": self.figure.n}) if self.figure.n else ""

    @property
    def note(self) -> Note | None:
        return self.notes[-1] if self.notes else None


def cards(sheet: Sheet, history: dict[str, list], said: dict[str, list[Note]]) -> list[Card]:
    """Return a card for each figure of SHEET that the catalogue still knows."""
    found = []
    for place, figure in enumerate((f for f in sheet.figures if f.key in METRICS), start=1):
        points = [*history[figure.key][:-1], (sheet.week, figure.value)]
        found.append(Card(METRICS[figure.key], figure, place, points, said.get(figure.key, [])))
    return found


def summary(eight: list[Card]) -> str:
    """Say in one line how the week went: how many on target, what is worst, what is missing."""
    judged = [card for card in eight if card.figure.met is not None]
    met = sum(card.figure.met for card in judged)
    line = _("%(met)s of %(all)s on target") % {"met": met, "all": len(eight)}
    missed = [card for card in judged if not card.figure.met]
    if missed:
        worst = max(missed, key=lambda card: card.figure.shortfall)
        line += "; " + _("worst against target: %(name)s %(value)s of %(target)s") % {
            "name": worst.metric.name,
            "value": worst.value,
            "target": plain(worst.figure.target),
        }
    empty = sum(card.figure.value is None for card in eight)
    if empty:
        line += "; " + ngettext("%(n)s without data", "%(n)s without data", empty) % {"n": empty}
    return line


def exact(figure: Figure) -> str:
    """Return the value with one decimal; with more where rounding would show a missed target as met."""
    if figure.value is None:
        return "–"
    for places in (1, 2, 4):
        shown = _round(figure.value, places)
        if figure.met is None or shown != figure.target or figure.value == figure.target or figure.met:
            break
    return plain(shown, places)


def plain(value: Decimal, places: int = 1) -> str:
    """Return a number in the reader's format, without decimals when it is whole."""
    shown = _round(value, places)
    if shown == shown.to_integral_value():
        return number_format(int(shown), 0)
    return number_format(shown.normalize(), use_l10n=True)


def _round(value: Decimal, places: int = 1) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
