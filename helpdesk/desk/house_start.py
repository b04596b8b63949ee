"""What a new house still needs, each step with where it is done; it can be left and taken up again."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helpdesk import mailing
from helpdesk.demo import content
from helpdesk.desk.house import page
from policies import floors
from policies.models import Script, Trigger
from tickets import house
from tickets.clock import database_now
from tickets.models import HouseChange, User

CONFIRMED = ("house", "clocks", "mail", "content")
"""Steps that somebody must look at and confirm; the others are seen to be done."""


@dataclass(frozen=True)
class Step:
    name: str
    title: str
    text: str
    done: bool
    url: str = ""
    link: str = ""


def steps(user: User, now: datetime) -> list[Step]:
    """Return the list for USER, in the order in which people work through it."""
    said = set(
        HouseChange.objects.filter(action=HouseChange.Action.SET_UP, about__in=[f"step {name}" for name in CONFIRMED])
        .values_list("about", flat=True)
        .distinct()
    )
    done = {name: f"step {name}" in said for name in CONFIRMED}
    facts = {"site": settings.SITE_URL, "zone": settings.ORGANISATION_TIME_ZONE, "currency": settings.CURRENCY}
    limits = ", ".join(
        _("Floor %(n)s: %(minutes)s min") % {"n": limit.floor, "minutes": int(limit.limit.total_seconds() // 60)}
        for limit in floors.limits()
        if not limit.channel_id and not limit.category_id
    )
    return [
        Step("admin", _("An administrator"), _("That is you."), True),
        Step(
            "factor",
            _("A second factor"),
            _("A password can be stolen; your account can change every other one."),
            Authenticator.objects.filter(user=user).exists(),
            reverse("mfa_index"),
            _("Set it up"),
        ),
        Step(
            "house",
            _("Address, zone, currency"),
            _("%(site)s, %(zone)s, %(currency)s: change them in .env (SITE_URL, ORGANISATION_TIME_ZONE, CURRENCY).")
            % facts,
            done["house"],
        ),
        Step(
            "clocks",
            _("Clocks and working hours"),
            _("%(limits)s. Without a calendar they run day and night.") % {"limits": limits},
            done["clocks"],
            reverse("desk:clocks"),
            _("Clocks and calendars"),
        ),
        Step(
            "mail",
            _("Mail"),
            _("From %(sender)s. Send yourself a letter and see whether it arrives.")
            % {"sender": settings.DEFAULT_FROM_EMAIL},
            done["mail"],
        ),
        Step(
            "people",
            _("Your colleagues"),
            _("At least two people who sign: nobody signs their own request."),
            User.objects.filter(is_active=True).exclude(pk=user.pk).exists(),
            reverse("desk:person_new"),
            _("Invite somebody"),
        ),
        Step(
            "content",
            _("Rules and texts to begin with"),
            _("%(rules)s rules and %(scripts)s scripts are in force; look through them, and change what is not yours.")
            % {"rules": Trigger.objects.in_force().count(), "scripts": Script.objects.in_force().count()},
            done["content"],
            reverse("desk:rules"),
            _("Rules"),
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the steps; send the letter of the mail step; confirm a step."""
    house.require_admin(request.user)
    if request.method == "POST":
        _take(request)
        return redirect("desk:house_start")
    listed = steps(request.user, database_now())
    context = {"steps": listed, "left": sum(not step.done for step in listed), "confirmed": CONFIRMED}
    context["may_load_demo"] = content.may_join(request.user)
    return page(request, "desk/house_start.html", context)


def _take(request: HttpRequest) -> None:
    if "letter" in request.POST:
        went, words = mailing.try_out(request.user.email)
        (messages.success if went else messages.error)(request, words)
        return
    if "demo" in request.POST:
        password = secrets.token_urlsafe(12)
        made = content.join(request.user, password=password, now=database_now())
        house.record(request.user, HouseChange.Action.SET_UP, "demo content")
        words = _("%(n)s people and their tickets have come, to try things with. All have the password %(password)s.")
        messages.success(request, words % {"n": len(made), "password": password})
        return
    if (name := request.POST.get("done")) not in CONFIRMED:
        raise Http404
    house.record(request.user, HouseChange.Action.SET_UP, f"step {name}")
