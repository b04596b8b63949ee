"""The log of a ticket: its audit trail, to read and to save, never to change."""

import csv
from dataclasses import dataclass
from datetime import UTC

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation import access
from escalation.models import AuditEvent
from helpdesk.desk import trail

AT_ONCE = 200
"""Events on one page of the log."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
"""How a cell begins that a spreadsheet program would compute (ASVS 1.2.10)."""


@dataclass(frozen=True)
class Entry:
    """One event in words."""

    event: AuditEvent
    who: str
    what: str
    details: list[str]


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show who did what, when, from where to where, and why; newest first."""
    ticket = access.get_ticket(request.user, number)
    events = ticket.events.select_related("person", "customer").order_by("-seq")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 10:
        events = events.filter(seq__lt=int(before))
    events = list(events[: AT_ONCE + 1])
    more, events = len(events) > AT_ONCE, events[:AT_ONCE]
    names = trail.names_in(events)
    context = {
        "ticket": ticket,
        "entries": [Entry(e, trail.who(e), trail.what(e, names), trail.details(e, names)) for e in events],
        "older": events[-1].seq if more else None,
        "now": timezone.now(),
    }
    return render(request, "desk/log.html", context)


@require_safe
def save(request: HttpRequest, number: int) -> HttpResponse:
    """Return the whole log as CSV, oldest first, in a form that no spreadsheet program takes for formulas."""
    ticket = access.get_ticket(request.user, number)
    events = list(ticket.events.select_related("person", "customer").order_by("seq"))
    names = trail.names_in(events)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ticket-{number}-log.csv"'
    # Spreadsheet programs take a file without this mark for some older character set.
    response.write("\ufeff")
    table = csv.writer(response)
    table.writerow(["seq", "at", "who", "what", "from_floor", "to_floor", "why", "details", "hash"])
    for event in events:
        table.writerow(
            _safe(cell)
            for cell in (
                event.seq,
                event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                trail.who(event),
                trail.what(event, names),
                event.floor_from or "",
                event.floor_to or "",
                event.reason,
                "; ".join(trail.details(event, names)),
                event.hash,
            )
        )
    return response


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
