"""What a person may choose for themselves: on duty or off, theme, single-key shortcuts."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tickets import duty
from tickets.clock import database_now
from tickets.models import User

THEMES = {"system", "light", "dark"}


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Store the choice and return to the page it was made on."""
    changes = {}
    if request.POST.get("theme") in THEMES:
        changes["theme"] = request.POST["theme"]
    if request.POST.get("shortcuts") in {"on", "off"}:
        changes["shortcuts"] = request.POST["shortcuts"] == "on"
    if changes:
        User.objects.filter(pk=request.user.pk).update(**changes)
    if request.POST.get("duty") in {"on", "off"}:
        change = duty.come_on if request.POST["duty"] == "on" else duty.go_off
        change(request.user, now=database_now())
    page = request.POST.get("next", "")
    if page.startswith("/") and url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        return HttpResponseRedirect(page)
    return redirect("desk:queue")
