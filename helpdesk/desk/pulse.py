"""The weekly pulse: one question, no name with the answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helpdesk.desk.scorecard_forms import PulseForm
from helpdesk.desk.scorecard_request import staff_only
from metrics import fridays, pulse
from tickets.clock import database_now
from tickets.refusals import Conflict


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def show(request: HttpRequest) -> HttpResponse:
    """Ask once a week; a second answer is refused."""
    now = database_now()
    teams = pulse.teams_of(request.user)
    form = PulseForm(request.POST or None, teams=teams)
    if request.method == "POST" and form.is_valid():
        try:
            pulse.answer(request.user, score=form.cleaned_data["score"], team=form.cleaned_data.get("team"))
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
        else:
            messages.success(request, _("Thank you. Your answer is stored without your name."))
        return redirect("desk:pulse")
    context = {
        "form": form,
        "team": teams[0] if len(teams) == 1 else None,
        "may_answer": pulse.may_answer(request.user),
        "answered": pulse.has_answered(request.user, now=now),
        "ends": fridays.due(fridays.of(now)),
        "zone": fridays.zone().key,
        "least": pulse.LEAST,
    }
    return render(request, "desk/scorecard_pulse.html", context, status=422 if form.errors else 200)
