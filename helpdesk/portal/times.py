"""The published protocol (P1.2): channels, teams, hours and promises, from what is in force; it prints on A4."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.portal.articles import language
from policies import knowledge, protocol
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
        "lines": [(line, hours(line), line.closed_from(today)) for line in protocol.in_force()],
        "how": article and knowledge.title_in(article, language()),
        "body": body,
        "really": really,
        "now": now,
    }
    return render(request, "portal/times.html", context)


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
