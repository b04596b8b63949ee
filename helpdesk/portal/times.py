"""The published protocol (P1): channels, teams, hours, promises and aims, from what is in force; it prints on A4."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.portal.articles import language
from metrics import catalogue, targets
from policies import floors, knowledge, protocol
from policies.protocol import Line

HOW = "how-we-work-on-a-request"
"""Slug of the article that says what becomes of a request; the page does without when there is none in force."""


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show for each channel who answers, when it is open, and when we answer and aim to have it solved."""
    now = timezone.now()
    today = timezone.localdate(now)
    article = knowledge.in_force(public=True).filter(slug=HOW).first()
    body, really = knowledge.body_in(article, language()) if article else ("", "")
    context = {
        "lines": [(line, hours(line), line.closed_from(today)) for line in protocol.in_force() if _is_for_people(line)],
        "how": article and knowledge.title_in(article, language()),
        "body": body,
        "really": really,
        **_aims(request, now),
        "now": now,
    }
    return render(request, "portal/times.html", context)


def _aims(request: HttpRequest, now: datetime) -> dict:
    """Return what we aim at (P1.3), and for staff what came of it and who has which floor for how long."""
    aims = targets.aims(now)
    found = {"aim": next((aim.target for aim in aims if aim.target.key == "resolved_within_24h"), None)}
    if not (request.user.is_authenticated and request.user.roles):
        return found
    rows = [(aim, catalogue.get(aim.target.key)) for aim in aims]
    limits = sorted(floors.limits(now), key=lambda row: (row.floor, str(row.channel or ""), str(row.category or "")))
    return found | {"staff": True, "aims": rows, "floors": limits}


def _is_for_people(line: Line) -> bool:
    """Leave out the channel that only programs write to."""
    return line.channel.slug != "api"


def hours(line: Line) -> list[str]:
    """Return the hours of a channel in words, one entry for each run of days."""
    if line.calendar is None:
        return [_("at all hours")]
    said = []
    for first, last, intervals in line.week:
        days = capfirst(WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]} – {WEEKDAYS[last]}")
        open_at = ", ".join("–".join(pair) for pair in intervals) or _("closed")
        said.append(f"{days}: {open_at}")
    return said
