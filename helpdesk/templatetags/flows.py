"""Charts of the workflow drawn by the server as SVG: what became of the stays on each floor, forecast against fact."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from helpdesk.desk.workflow_tables import fate_words
from metrics.workflow import FATES, Line

register = template.Library()

WIDTH, BAR, GAP, LABEL = 560, 22, 24, 0


@register.simple_tag
def funnel(lines: Sequence[Line]) -> SafeString:
    """Draw a bar for each floor, as long as its arrivals, cut by what became of them."""
    most = max((line.arrivals for line in lines), default=0)
    if not most:
        return format_html('<p class="muted small">{}</p>', _("No stay began in this week."))
    words = fate_words()
    parts, said = [], []
    for place, line in enumerate(lines):
        top = place * (BAR + GAP)
        name = _("Floor %(n)s: %(count)s arrived") % {"n": line.key, "count": line.arrivals}
        told = [f"{words[fate]} {line.fates[fate]}" for fate in FATES if line.fates[fate]]
        said.append(f"{name}; {', '.join(told)}")
        parts.append(format_html('<text x="{}" y="{}">{}</text>', LABEL, top + 14, said[-1]))
        x = 0.0
        for fate in FATES:
            long = WIDTH * line.fates[fate] / most
            if long:
                parts.append(
                    format_html(
                        '<rect class="is-{}" x="{}" y="{}" width="{}" height="{}"></rect>',
                        fate,
                        f"{x:.1f}",
                        top + 20,
                        f"{long:.1f}",
                        BAR,
                    )
                )
            x += long
    height = len(lines) * (BAR + GAP)
    return format_html(
        '<svg class="flow" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        height,
        ". ".join(said),
        format_html_join("", "{}", ((part,) for part in parts)),
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
        '<line class="goal" x1="{low}" y1="{high}" x2="{high}" y2="{low}"></line>{points}</svg>',
        side=SIDE,
        low=EDGE,
        high=SIDE - EDGE,
        label=_("Forecast and what happened: %(pairs)s") % {"pairs": said},
        points=format_html_join(
            "",
            '<circle class="point" cx="{}" cy="{}" r="4"></circle>',
            ((f"{at(forecast):.1f}", f"{SIDE - at(happened):.1f}") for forecast, happened in known),
        ),
    )
