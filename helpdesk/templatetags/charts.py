"""Small charts drawn by the server as SVG, without scripts or inline styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

WIDTH, HEIGHT, MARGIN = 240, 44, 4

Points = Sequence[tuple[date, Decimal | None]]


@register.simple_tag
def trend(points: Points, target: Decimal | None = None) -> SafeString:
    """Draw a line through the weekly values of POINTS, broken where there is none, and a dashed line at TARGET.

    To screen readers it is one sentence; the numbers stand in the table of the page.
    """
    known = _known(points)
    if not known:
        return _nothing()
    frame = Frame.of(points, target, WIDTH, HEIGHT, right=MARGIN, foot=MARGIN)
    return _svg("trend", points, known, frame, _drawn(points, target, frame))


@register.simple_tag
def chart(points: Points, target: Decimal | None = None, *, daily: bool = False, unit: str = "") -> SafeString:
    """Draw what `trend` draws, large, with its scale: highest and lowest value, target, first and last week or day.

    DAILY says that the points are days; a UNIT that is a sign stands behind the values.
    """
    known = _known(points)
    if not known:
        return _nothing()
    frame = Frame.of(points, target, 440, 130, right=96, foot=26)
    sign = " %" if unit == "%" else ""
    marks = {frame.y(value): _plain(value) + sign for value in (min(known), max(known))}
    if target is not None:
        # A target beside a value would be written over it; the dashed line itself says which is which.
        near = [at for at in marks if abs(float(at) - float(frame.y(target))) < 14]
        marks = {at: words for at, words in marks.items() if at not in near}
        marks[frame.y(target)] = _("target %(n)s") % {"n": _plain(target)}
    scale = format_html_join("", '<text x="{}" y="{}" dy="4">{}</text>', [(352, at, marks[at]) for at in marks])
    ends = ((0, "start", points[0][0]), (len(points) - 1, "end", points[-1][0]))
    weeks = [(frame.x(place), side, date_format(week, "j M")) for place, side, week in ends]
    below = format_html_join("", '<text x="{}" y="126" text-anchor="{}">{}</text>', weeks)
    return _svg("trend chart", points, known, frame, _drawn(points, target, frame) + scale + below, daily=daily)


@dataclass(frozen=True)
class Frame:
    """Where values and weeks stand in a drawing of WIDTH x HEIGHT."""

    width: int
    height: int
    right: int
    foot: int
    weeks: int
    lowest: Decimal
    highest: Decimal

    @classmethod
    def of(cls, points: Points, target: Decimal | None, width: int, height: int, *, right: int, foot: int) -> Self:
        values = _known(points) + ([] if target is None else [target])
        return cls(width, height, right, foot, len(points), min(values), max(values))

    def x(self, place: int) -> str:
        return f"{MARGIN + place * (self.width - MARGIN - self.right) / max(1, self.weeks - 1):.1f}"

    def y(self, value: Decimal) -> str:
        spread = float(self.highest - self.lowest)
        level = float(value - self.lowest) / spread if spread else 0.5
        return f"{self.height - self.foot - level * (self.height - MARGIN - self.foot):.1f}"


def _drawn(points: Points, target: Decimal | None, frame: Frame) -> SafeString:
    lines, dots = [], []
    for run in _runs(points):
        lines.append((" ".join(f"{frame.x(place)},{frame.y(value)}" for place, value in run),))
        dots += [(frame.x(at), frame.y(value), "2.5" if at == len(points) - 1 else "1.2") for at, value in run]
    goal = SafeString()
    if target is not None:
        at, end = frame.y(target), frame.width - frame.right + MARGIN
        goal = format_html('<line class="goal" x1="0" x2="{}" y1="{}" y2="{}"></line>', end, at, at)
    drawn = format_html_join("", '<polyline points="{}"></polyline>', lines)
    return goal + drawn + format_html_join("", '<circle cx="{}" cy="{}" r="{}"></circle>', dots)


def _svg(
    look: str, points: Points, known: list[Decimal], frame: Frame, drawn: SafeString, *, daily: bool = False
) -> SafeString:
    box = f"0 0 {frame.width} {frame.height}"
    words = _in_words(points, known, daily)
    return format_html('<svg class="{}" viewBox="{}" role="img" aria-label="{}">{}</svg>', look, box, words, drawn)


def _nothing() -> SafeString:
    return format_html('<p class="trend-empty muted small">{}</p>', _("No published weeks yet"))


def _plain(value: Decimal) -> str:
    return number_format(value, 0 if value == value.to_integral_value() else 1)


def _known(points: Points) -> list[Decimal]:
    return [value for _week, value in points if value is not None]


def _runs(points: Points) -> list[list[tuple[int, Decimal]]]:
    """Split POINTS where a value is missing; each run is a list of (place, value)."""
    runs: list[list[tuple[int, Decimal]]] = [[]]
    for place, (_week, value) in enumerate(points):
        if value is not None:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _in_words(points: Points, known: list[Decimal], daily: bool) -> str:
    line = (
        _("%(days)s days: lowest %(low)s, highest %(high)s, last %(last)s")
        if daily
        else _("%(weeks)s weeks: lowest %(low)s, highest %(high)s, last %(last)s")
    )
    low, high, last = (number_format(value, 1) for value in (min(known), max(known), known[-1]))
    return line % {"weeks": len(points), "days": len(points), "low": low, "high": high, "last": last}
