"""One page that shows why a ticket is due when it is due, for each of its stays."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation import access
from escalation.explain import explain


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show policy, calendar, pauses and every step of the reckoning, the newest stay first."""
    ticket = access.get_ticket(request.user, number)
    stays = ticket.escalation.visits.select_related("policy__calendar", "policy__channel", "policy__category", "by")
    context = {
        "ticket": ticket,
        "explanations": [explain(stay) for stay in stays.order_by("-entered_at", "-id")],
        "now": timezone.now(),
    }
    return render(request, "desk/deadline.html", context)
