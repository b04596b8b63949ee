"""A ticket's place in the list that this browser showed last: which one it is, what comes before and after it."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalation import overview
from helpdesk.desk import filters, paging, saved, views
from helpdesk.desk.queue import counted, last_list, listed, view_of
from tickets.models import Ticket


@require_safe
def beside(request: HttpRequest, number: int, way: str) -> HttpResponse:
    """Lead to the ticket after (or before) this one in the list that was shown last, or back to the list at its end."""
    if found := neighbour(request, number, way):
        return redirect("desk:ticket", found)
    messages.info(
        request,
        _("That was the last ticket of this list.") if way == "next" else _("That was the first ticket of this list."),
    )
    return redirect(last_list(request))


@require_safe
def place(request: HttpRequest, number: int) -> HttpResponse:
    """Say which one of how many this ticket is in that list; nothing when it is not in it."""
    ticket = overview.ticket(request.user, number)
    tickets, order, name = _last_shown(request)
    key = paging.key_of(tickets, order, ticket.pk)
    if not key:
        return HttpResponse(status=204)
    which = counted(paging.beyond(tickets, order, before=key).exclude(pk=number), more=1)
    words = _("%(place)s of %(total)s in %(view)s") % {"place": which, "total": counted(tickets), "view": name}
    return HttpResponse(escape(words))


def neighbour(request: HttpRequest, number: int, way: str) -> int | None:
    """Return the ticket that comes after (WAY is `next`) or before this one in the list that was shown last."""
    ticket = overview.ticket(request.user, number)
    tickets, order, _name = _last_shown(request)
    key = paging.key_of(views.with_chance(overview.tickets(request.user)), order, ticket.pk)
    side = {"after": key} if way == "next" else {"before": key}
    found = paging.read(tickets.exclude(pk=number), order, **side, size=1).rows if key else []
    return found[0][0] if found else None


def _last_shown(request: HttpRequest) -> tuple[QuerySet[Ticket], paging.Order, str]:
    """Return the tickets of the list that was shown last, their order, and its name."""
    params = QueryDict(last_list(request).partition("?")[2])
    asked = filters.read(params, request.user)
    view = views.VIEWS[view_of(params, asked)]
    kept = params.get("saved")
    names = [row.name for row in saved.entries(request.user) if str(row.pk) == kept] if kept else []
    return *listed(params, asked, view, request.user), names[0] if names else view.name
