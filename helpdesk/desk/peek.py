"""A look at a ticket from the queue: who it is, how long is left, the first and the last words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from escalation import access, overview
from tickets.models import Message


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Draw what the dialog shows; without scripts it is the ticket's own page."""
    ticket = overview.ticket(request.user, number)
    if not request.htmx:
        return redirect("desk:ticket", number)
    said = Message.objects.filter(ticket_id=number, visibility=Message.Visibility.PUBLIC).select_related("author")
    last = said.order_by("created_at", "id").last()
    first = said.order_by("created_at", "id").first()
    context = {
        "ticket": ticket,
        "clock": overview.clock(ticket),
        "messages_shown": [message for message in (first, last) if message][: 1 if first == last else 2],
        "may_take": access.works_on(request.user, ticket.escalation)
        and ticket.stay_id is not None
        and ticket.assignee_id != request.user.pk,
    }
    return render(request, "desk/parts/peek.html", context)
