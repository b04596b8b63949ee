"""The log of a ticket: its audit trail, to read and to save, never to change."""

import csv
from dataclasses import dataclass
from datetime import UTC

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation import access
from escalation.models import Action, AuditEvent
from helpdesk.desk import trail
from tickets.models import Ticket, User

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
    """Show who did what, when, from where to where, and why, newest first; `kind` and `by` narrow it."""
    ticket = access.get_ticket(request.user, number)
    events = _asked(request, ticket).order_by("-seq")
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
        "kinds": _kinds(ticket),
        "doers": _doers(ticket),
        "kind": request.GET.get("kind", ""),
        "by": request.GET.get("by", ""),
        "now": timezone.now(),
    }
    return render(request, "desk/log.html", context)


@require_safe
def save(request: HttpRequest, number: int) -> HttpResponse:
    """Return the log, narrowed as on the page, as CSV, oldest first; no spreadsheet program takes it for formulas."""
    ticket = access.get_ticket(request.user, number)
    events = list(_asked(request, ticket).order_by("seq"))
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


def _asked(request: HttpRequest, ticket: Ticket) -> QuerySet[AuditEvent]:
    """Return the events of TICKET of the kind and by whom the address asks for; a value it does not know fits none."""
    events = ticket.events.select_related("person", "customer")
    if kind := request.GET.get("kind", ""):
        events = events.filter(action=kind[:40].replace("\x00", ""))
    by = request.GET.get("by", "")
    if by.isascii() and by.isdigit() and len(by) < 18:
        events = events.filter(person=int(by))
    elif by:
        events = events.filter(by=by[:8].replace("\x00", ""))
    return events


def _kinds(ticket: Ticket) -> list[tuple[str, str]]:
    """Return what has happened to TICKET at all, as (value, words)."""
    actions = ticket.events.order_by().values_list("action", flat=True).distinct()
    return sorted(((action, str(Action(action).label)) for action in actions), key=lambda pair: pair[1])


def _doers(ticket: Ticket) -> list[tuple[str, str]]:
    """Return who has done something to TICKET, people by name, then those who are none."""
    people = User.objects.filter(pk__in=ticket.events.order_by().filter(person__isnull=False).values("person"))
    others = ticket.events.order_by().exclude(by=AuditEvent.By.PERSON).values_list("by", flat=True).distinct()
    named = sorted((str(person), str(person.pk)) for person in people)
    called = {by: trail.who(AuditEvent(by=by)) for by in others} | {AuditEvent.By.CUSTOMER: str(ticket.customer)}
    return [(pk, name) for name, pk in named] + [(by, called[by]) for by in sorted(others)]


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
