"""The clocks of the floors and the calendars they run in: to read for staff, to try and to change for their owners."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalation import what_if
from helpdesk import undelivered
from helpdesk.desk.clock_forms import CalendarForm, TermsForm, next_days
from policies import calendars, floors
from policies.models import FloorLimit
from tickets.clock import database_now
from tickets.refusals import Invalid, NotAllowed, NotFound, Refusal
from tickets.roles import ADMIN, POLICY_OWNER

HOLIDAYS_RUN_OUT = timedelta(days=90)
"""How long before the last known public holiday a calendar asks for its next version."""


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show every limit in force; owners try another one against the live tickets, and put it in force."""
    owner = _owner(request)
    if request.method != "POST":
        form = TermsForm(initial=_chosen(request)) if owner else None
        return _page(request, form)
    floors.require_owner(request.user)
    form, now = TermsForm(request.POST), database_now()
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        if "apply" in request.POST:
            limit = floors.put_in_force(form.scope(), form.terms(), actor=request.user, now=now)
            words = _("%(limit)s is in force for stays that begin from now on.")
            messages.success(request, words % {"limit": limit})
            return redirect("desk:clocks")
        return _page(request, form, what_if.of_terms(form.scope(), form.terms(), asker=request.user, now=now))
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, form, status=refusal.status)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End an exception for a channel or a category."""
    floors.require_owner(request.user)
    limit = FloorLimit.objects.filter(pk=pk).select_related("channel", "category").first()
    if limit is None:
        raise NotFound(_("No such limit is in force."), code="not_found")
    scope = floors.Scope(limit.floor, limit.channel, limit.category)
    floors.withdraw(scope, actor=request.user, now=database_now())
    messages.success(request, _("Withdrawn. Stays that have begun keep it; what is wider holds for the next ones."))
    return redirect("desk:clocks")


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Write a calendar or its next version, try it against the live tickets, and put it in force."""
    floors.require_owner(request.user)
    current = calendars.named(slug) if slug else None
    if request.method != "POST":
        initial = CalendarForm.of(current) if current else {"zone": timezone.get_default_timezone_name()}
        return _calendar_page(request, CalendarForm(initial=initial), current)
    form, now = CalendarForm(request.POST), database_now()
    if not form.is_valid():
        return _calendar_page(request, form, current, status=422)
    try:
        if slug and form.cleaned_data["slug"] != slug:
            raise Invalid(_("The short name of a calendar stays as it is."), code="invalid", field="slug")
        draft = form.draft(now)
        if "apply" in request.POST:
            stored = calendars.put_in_force(draft, actor=request.user, now=now)
            messages.success(
                request, _("%(calendar)s is in force for stays that begin from now on.") % {"calendar": stored}
            )
            return redirect("desk:clocks")
        outcome = what_if.of_calendar(draft, asker=request.user, now=now)
        return _calendar_page(request, form, current, outcome)
    except Refusal as refusal:
        form.refuse(refusal)
        return _calendar_page(request, form, current, status=refusal.status)


def _owner(request: HttpRequest) -> bool:
    if not request.user.roles:
        raise NotAllowed(_("The clocks are shown to people with a role in this help desk."), code="role")
    return request.user.has_role(POLICY_OWNER, ADMIN)


def _chosen(request: HttpRequest) -> dict:
    """Start the form with the limit that was chosen from the list, else with Floor 1."""
    limits = list(floors.limits())
    chosen = [limit for limit in limits if str(limit.pk) == request.GET.get("limit")]
    chosen = chosen or [limit for limit in limits if limit.floor == 1]
    return TermsForm.of(chosen[0]) if chosen else {}


def _page(request: HttpRequest, form: TermsForm | None, outcome=None, status: int = 200) -> HttpResponse:
    rows = FloorLimit.objects.in_force().select_related("calendar", "channel", "category", "team", "owner")
    context = {
        "limits": rows.order_by("floor", "channel__name", "category__name"),
        "calendars": calendars.current(),
        "soon": timezone.localdate() + HOLIDAYS_RUN_OUT,
        "form": form,
        "outcome": outcome,
        "undelivered": undelivered.count(request.user) if request.user.has_role(*undelivered.READERS) else 0,
    }
    return render(request, "desk/clocks.html", context, status=status)


def _calendar_page(request: HttpRequest, form: CalendarForm, current, outcome=None, status: int = 200) -> HttpResponse:
    context = {"form": form, "calendar": current, "outcome": outcome}
    if current:
        today = timezone.localdate(timezone=ZoneInfo(current.zone))
        closed = sorted((day, why) for day, why in current.reasons.items() if day >= today)
        context |= {"days": next_days(current, today), "closed": closed}
    return render(request, "desk/calendar.html", context, status=status)
