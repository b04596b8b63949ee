"""The pages of a demo: the tour with what has happened, the outbox, and the forms of the bar."""

import re

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from escalation import access
from escalation.models import AuditEvent
from helpdesk.demo import bar, clock, day, mail, tour
from helpdesk.desk import saved, trail
from tickets.models import User

FEED = 40
LETTERS = 40
VISITED = "demo_visited"
"""Where the session keeps which stops of the tour were visited."""

_TICKET = re.compile(r"/desk/tickets/(\d+)/")
_FOR_ALL = ("/desk/", "/desk/approvals/", "/desk/scorecard/", "/desk/knowledge/", "/desk/decisions/")


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The front door of a demo is its tour."""
    return redirect("demo:tour")


@login_not_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the tour as a checklist, and what has happened today as far as the person one is may see it."""
    stand = clock.read()
    today = AuditEvent.objects.filter(at__gte=day.at(day.BEGINS, stand.morning))
    seen = today.filter(ticket__in=access.visible_to(request.user)) if request.user.is_authenticated else today.none()
    events = list(seen.select_related("person", "customer", "ticket").order_by("-at", "-pk")[:FEED])
    names = trail.names_in(events)
    visited = request.session.get(VISITED, [])
    context = {
        "stops": [(stop, stop.slug in visited, stop.instant(stand.morning) < stand.now()) for stop in tour.STOPS],
        "left": sum(stop.slug not in visited for stop in tour.STOPS),
        "events": [(event, trail.who(event), trail.what(event, names)) for event in events],
        "hidden": today.count() - seen.count() if request.user.is_authenticated else 0,
        "now": stand.now(),
    }
    return render(request, "demo/tour.html", context)


@login_not_required
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show the letters of the day, the newest first; links in them work, since they lead here."""
    to, before = request.GET.get("to", "")[:200].strip(), request.GET.get("before", "")
    older = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    found = mail.letters(to=to, before=older, limit=LETTERS + 1)
    context = {"letters": found[:LETTERS], "to": to, "older": found[LETTERS - 1].pk if found[LETTERS:] else None}
    return render(request, "demo/outbox.html", context | {"now": clock.read().now()})


@login_not_required
@require_safe
def clock_face(request: HttpRequest) -> JsonResponse:
    """Tell scripts the time, whether it runs, and a number that changes when there is news."""
    shown = bar.Bar(request)
    news = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
    face = {"now": shown.stand.now().timestamp(), "rate": shown.rate, "time": shown.time, "why": shown.why}
    return JsonResponse(face | {"news": news})


@login_not_required
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Let the clock run, at another rate when one is given, or stand."""
    rate = request.POST.get("rate", "")
    if rate:
        if rate not in map(str, clock.RATES):
            raise Http404
        clock.change(rate=int(rate))
    bar.carry_on(request.POST.get("running", "1") == "1")
    return redirect(_back(request))


@login_not_required
@require_POST
def step(request: HttpRequest) -> HttpResponse:
    """Set the clock forward to what happens next."""
    if day.step() is None:
        messages.info(request, _("The day is over. Reset begins it again."))
    return redirect(_back(request))


@login_not_required
@require_POST
def jump(request: HttpRequest) -> HttpResponse:
    """Go to a stop: set the clock, become its person, open its page. An earlier one begins the day again."""
    stop = tour.stop(request.POST.get("stop", ""))
    if stop is None:
        raise Http404
    stand = clock.read()
    instant = stop.instant(stand.morning)
    if instant < stand.now():
        _begin_again(instant)
    else:
        bar.carry_on(False)
        day.forward_to(instant)
    visited = request.session.get(VISITED, [])
    _become(request, stop.person)
    request.session[VISITED] = sorted({*visited, stop.slug})
    messages.info(request, f"{stop.title}. {stop.text}")
    return redirect(stop.url())


@login_not_required
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Start the day again, as it was in the morning."""
    _begin_again()
    messages.success(request, _("It is morning again, and everything is as it was."))
    return redirect("demo:tour")


@login_not_required
@require_POST
def be(request: HttpRequest) -> HttpResponse:
    """Become another person, without a password, and stay on the page when they may see it."""
    _become(request, request.POST.get("person", ""))
    return redirect(_back(request, elsewhere=saved.opening(request.user)))


def _become(request: HttpRequest, local: str) -> None:
    person = User.objects.filter(email=f"{local}@example.com", is_active=True).first()
    if person is None:
        raise Http404
    visited = request.session.get(VISITED, [])
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[VISITED] = visited
    # A signature asks for a password given lately; here choosing who one is stands for it.
    record_authentication(request, person, method="demo")


def _begin_again(until=None) -> None:
    day.begin_again(until)
    cache.clear()  # counts and presence of what has not happened


def _back(request: HttpRequest, elsewhere: str = "") -> str:
    """Return the page the form stood on, if the person can open it; else ELSEWHERE, or the tour."""
    page = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts=None) or not page.startswith("/"):
        return elsewhere or reverse("demo:tour")
    ticket = _TICKET.match(page)
    if elsewhere and ticket and not access.can_see(request.user, int(ticket[1])):
        return elsewhere
    if elsewhere and not ticket and not page.startswith("/demo/") and page.partition("?")[0] not in _FOR_ALL:
        return elsewhere
    return page
