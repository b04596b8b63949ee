"""Charts of the workflow drawn by the server as SVG: what became of the stays on each floor, forecast against fact."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from helpdesk.desk.workflow_tables import fate_words
from metrics.workflow import FATES, Line

register = template.Library()

WIDTH, BAR = 900, 20


@register.simple_tag
def funnel(lines: Sequence[Line]) -> SafeString:
    """Draw a bar for each floor, as long as its arrivals, cut by what became of them; below it the same in words."""
    most = max((line.arrivals for line in lines), default=0)
    if not most:
        return format_html('<p class="muted small">{}</p>', _("No stay began in this week."))
    return format_html(
        '<ul class="stack">{}</ul>', format_html_join("", "{}", ((_floor(line, most),) for line in lines))
    )


def _floor(line: Line, most: int) -> SafeString:
    words, x, cuts, told = fate_words(), 0.0, [], []
    for fate in FATES:
        if line.fates[fate]:
            long = WIDTH * line.fates[fate] / most
            cuts.append((fate, f"{x:.1f}", f"{long:.1f}", BAR))
            told.append((fate, words[fate], line.fates[fate]))
            x += long
    return format_html(
        '<li class="stack-s"><p><strong>{name}</strong></p>'
        '<svg class="flow" viewBox="0 0 {wide} {high}" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>'
        '<p class="cluster">{told}</p></li>',
        name=_("Floor %(n)s: %(count)s arrived") % {"n": line.key, "count": line.arrivals},
        wide=WIDTH,
        high=BAR,
        bar=format_html_join("", '<rect class="is-{}" x="{}" width="{}" height="{}"></rect>', cuts),
        told=format_html_join("", f'<span class="nowrap">{KEY} {{}} <strong>{{}}</strong></span>', told),
    )


KEY = (
    '<svg class="flow key" viewBox="0 0 9 9" aria-hidden="true"><rect class="is-{}" width="9" height="9"></rect></svg>'
)


SIDE, EDGE = 240, 16


@register.simple_tag
def calibration(tenths: Sequence[dict]) -> SafeString:
    """Draw what happened over what was forecast, one point for each tenth of the chance; dashed: the same."""
    known = [(row["forecast"], row["happened"]) for row in tenths if row["forecast"] is not None]

    def at(share: float) -> float:
        return EDGE + share * (SIDE - 2 * EDGE)

    said = ", ".join(f"{forecast:.0%}: {happened:.0%}" for forecast, happened in known)
    return format_html(
        '<svg class="flow" viewBox="0 0 {side} {side}" role="img" aria-label="{label}">'
        '<line class="goal" x1="{low}" y1="{high}" x2="{high}" y2="{low}"></line>'
        '<text x="{low}" y="{foot}">0 %</text><text x="{high}" y="{foot}" text-anchor="end">{forecast} 100 %</text>'
        '<text x="{low}" y="12">{happened} 100 %</text>{points}</svg>',
        side=SIDE,
        low=EDGE,
        high=SIDE - EDGE,
        foot=SIDE - 4,
        forecast=_("Forecast"),
        happened=_("Happened"),
        label=_("Forecast and what happened: %(pairs)s") % {"pairs": said},
        points=format_html_join(
            "",
            '<circle class="point" cx="{}" cy="{}" r="4"></circle>',
            ((f"{at(forecast):.1f}", f"{SIDE - at(happened):.1f}") for forecast, happened in known),
        ),
    )
