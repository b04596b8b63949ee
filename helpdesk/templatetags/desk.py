"""Tags of the staff pages: short forms for lists of many lines."""

import re
from datetime import datetime
from secrets import token_hex

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from escalation.models import Approval
from helpdesk.desk.offers import Offer, Offers
from helpdesk.templatetags import ux

register = template.Library()

_HASH = re.compile(r"\b[0-9a-f]{64}\b")


@register.filter
def oneline(text: str | None, limit: int) -> str:
    """Return the beginning of TEXT as one line of at most LIMIT characters."""
    line = " ".join((text or "").split())
    return line if len(line) <= limit else f"{line[:limit].rstrip()}…"


@register.filter
def short_hashes(text: str) -> str:
    """Return TEXT with each SHA-256 in it cut to its beginning; the CSV has them in full."""
    return _HASH.sub(lambda found: f"{found.group()[:12]}…", text)


@register.simple_tag
def ago(value: datetime, now: datetime) -> str:
    """Return how long ago something was in as few letters as can be."""
    minutes = int((now - value).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return pgettext("minutes ago", "%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return pgettext("hours ago", "%(n)s h") % {"n": minutes // 60}
    return pgettext("days ago", "%(n)s d") % {"n": minutes // (24 * 60)}


@register.filter
def options(pairs: list[tuple[str, str]], chosen: str = "") -> SafeString:
    """Draw PAIRS of value and name as what can be chosen from a list, CHOSEN being chosen already."""
    # An option ends where the next begins: long lists stand on the queue.
    drawn = (
        f'<option value="{escape(value)}"{" selected" if value == chosen and chosen else ""}>{escape(name)}'
        for value, name in pairs
    )
    return mark_safe("".join(drawn))


@register.simple_tag
def acts(offers: Offers, number: int, token: str) -> SafeString:
    """Draw what may be done with ticket NUMBER: sentences, folded forms, buttons.

    Written out in Python: a dozen of them took as long as the rest of the page.
    """
    address, token = reverse("desk:act", args=[number, "-"]).removesuffix("-/"), escape(token)
    hidden = f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
    # Browsers keep one of a name open: to arrive with an open form, a panel must not share the name of the one before.
    name = f"act-{token_hex(4)}"
    return mark_safe("\n".join(_act(offer, f"{address}{offer.slug}/", hidden, name) for offer in offers.all()))


def _act(offer: Offer, address: str, hidden: str, name: str) -> str:
    label = escape(offer.label)
    if offer.why_not:
        return f'<p class="act-off"><span>{label}</span> <span class="muted small">{escape(offer.why_not)}</span></p>'
    key = f' data-key="{offer.key}" data-key-label="{label}"' if offer.key else ""
    shown = f'{label} <kbd class="right" aria-hidden="true">{offer.key}</kbd>' if offer.key else label
    words = f'<p class="muted small">{escape(offer.help)}</p>' if offer.help else ""
    form = f'<form method="post" action="{address}" hx-post="{address}" hx-target="#acts" hx-swap="outerHTML">{hidden}'
    if offer.form is None:
        return f'{form}<button class="btn btn-block"{key}>{shown}</button>{words}</form>'
    focus = f' data-key-focus="{offer.form.first_field}"' if offer.key else ""
    submit = f'<button class="btn btn-primary">{escape(offer.submit)}</button>' if offer.submit else ""
    return (
        f'<details class="act" id="act-{offer.slug}" name="{name}"{" open" if offer.open else ""}>'
        f"<summary{key}{focus}>{shown}</summary>{form}{offer.form.html}{words}{submit}</form></details>"
    )


@register.simple_tag(takes_context=True)
def told(context, review: Approval) -> SafeString:
    """Draw when the customer was told of a REVIEW (from `telling.with_told`), or how long there is to tell them."""
    due, at = review.told_due, review.told_at
    if at is None:
        return ux.countdown(context, due, review.told_within, "running", "", _("Telling the customer"))
    words = _("customer told at %(time)s") if at <= due else _("customer told late, at %(time)s")
    words %= {"time": ux.clock_time(at, context.get("now") or timezone.now())}
    return ux.countdown(context, due, review.told_within, "met" if at <= due else "missed", words)
