"""What followed a change of a policy, through 90 days, beside the 90 days before (P3.5)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.desk import policies, policy_words
from metrics import effects
from policies import book
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.refusals import NotFound


@require_safe
def show(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the watched figures; `behind` names one whose tickets are listed, `when=before` those of the time before."""
    policies.staff_only(request)
    kind, now = book.kind(slug), database_now()
    policy = policies.find(kind, pk)
    watched = effects.watch(policy, now)
    context = {
        "kind": kind,
        "policy": policy,
        "title": policy_words.title(kind, kind.write(policy)),
        "watched": watched,
        "scope": list(watched.scope.values()),
        "effects": effects.of(watched),
        "few": effects.FEW,
        "now": now,
    }
    if asked := request.GET.get("behind"):
        context |= _behind(request, watched, asked)
    return render(request, "desk/policy_effect.html", context)


def _behind(request: HttpRequest, watched: effects.Watch, asked: str) -> dict:
    metric = next((metric for metric in effects.METRICS if metric.key == asked), None)
    if metric is None:
        raise NotFound(_("There is no figure '%(key)s'.") % {"key": asked[:80]}, code="not_found")
    before = request.GET.get("when") == "before"
    listed, hidden = effects.behind(watched, asked, before=before, reader=request.user)
    tickets = Ticket.objects.select_related("team", "escalation").in_bulk([number for number, _adds in listed])
    return {
        "behind": metric,
        "is_before": before,
        "rows": [(tickets[number], amount) for number, amount in listed],
        "hidden": hidden,
    }
