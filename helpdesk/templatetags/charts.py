"""Small charts drawn by the server as SVG, without scripts or inline styles."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

WIDTH, HEIGHT, MARGIN = 240, 44, 4


@register.simple_tag
def trend(points: Sequence[tuple[date, Decimal | None]], target: Decimal | None = None) -> SafeString:
    """Draw a line through the weekly values of POINTS, broken where there is none, and a dashed line at TARGET.

    To screen readers it is one sentence; the numbers stand in the table of the page.
    """
    known = [value for _week, value in points if value is not None]
    if not known:
        return format_html('<p class="trend-empty muted small">{}</p>', _("No published weeks yet"))
    lowest, highest = min([*known, *_known(target)]), max([*known, *_known(target)])
    spread = float(highest - lowest) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(1, len(points) - 1)

    def x(place: int) -> str:
        return f"{MARGIN + place * step:.1f}"

    def y(value: Decimal) -> str:
        level = float(value - lowest) / spread if highest > lowest else 0.5
        return f"{HEIGHT - MARGIN - level * (HEIGHT - 2 * MARGIN):.1f}"

    lines, dots = [], []
    for run in _runs(points):
        lines.append((" ".join(f"{x(place)},{y(value)}" for place, value in run),))
        dots += [(x(place), y(value), "2.5" if place == len(points) - 1 else "1.2") for place, value in run]
    goal = ""
    if target is not None:
        goal = format_html('<line class="goal" x1="0" x2="{}" y1="{}" y2="{}"></line>', WIDTH, y(target), y(target))
    return format_html(
        '<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        _in_words(points, known),
        goal,
        format_html_join("", '<polyline points="{}"></polyline>', lines),
        format_html_join("", '<circle cx="{}" cy="{}" r="{}"></circle>', dots),
    )


def _known(target: Decimal | None) -> list[Decimal]:
    return [] if target is None else [target]


def _runs(points: Sequence[tuple[date, Decimal | None]]) -> list[list[tuple[int, Decimal]]]:
    """Split POINTS where a value is missing; each run is a list of (place, value)."""
    runs: list[list[tuple[int, Decimal]]] = [[]]
    for place, (_week, value) in enumerate(points):
        if value is not None:
            runs[-1].append((place, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _in_words(points: Sequence, known: list[Decimal]) -> str:
    return _("%(weeks)s weeks: lowest %(low)s, highest %(high)s, last %(last)s") % {
        "weeks": len(points),
        "low": number_format(min(known), 1),
        "high": number_format(max(known), 1),
        "last": number_format(known[-1], 1),
    }
