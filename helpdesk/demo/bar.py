"""The bar on top of every page of a demo: the day's time, what can be done with it, and who one is."""

import re
import time
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helpdesk.demo import clock, people, tour
from tickets.models import User
from tickets.roles import LABELS

UNWATCHED = 120
"""Real seconds without a page after which the clock stands still."""

_WATCHED = "demo:watched"
_UNWATCHED = "demo:unwatched"


class DayMiddleware:
    """Read the virtual clock before anything asks for the time, and note that somebody watches."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path not in ("/livez", "/readyz"):
            clock.read()
            cache.set(_WATCHED, time.time(), 3600)
        response = self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type", "").startswith("text/html"):
            _add_to(response, request)
        return response


def _add_to(response: HttpResponse, request: HttpRequest) -> None:
    """Put the bar on the pages of errors too, which are drawn without any frame."""
    page = response.content.decode()
    if 'id="demo"' not in page:
        drawn = render_to_string("demo/bar.html", {"demo": Bar(request)}, request)
        sheet = f'<link rel="stylesheet" href="{static("demo.css")}">'
        page = page.replace("</head>", f"{sheet}</head>", 1)
        response.content = re.sub(r"<body[^>]*>", lambda found: found[0] + drawn, page, count=1)
        if "Content-Length" in response.headers:
            response.headers["Content-Length"] = str(len(response.content))


def pause_unwatched() -> bool:
    """Stop the clock when nobody has asked for a page in two minutes; return whether it was stopped for that."""
    if not clock.read().running or time.time() - (cache.get(_WATCHED) or time.time()) < UNWATCHED:
        return False
    clock.change(running=False)
    cache.set(_UNWATCHED, True, None)
    return True


def carry_on(running: bool) -> None:
    """Let the clock run or stand because somebody said so."""
    cache.delete(_UNWATCHED)
    clock.change(running=running)


def label(instant: datetime) -> str:
    """Return a day and time of the demo as the bar says it: `Tue 14:12`."""
    return date_format(timezone.localtime(instant, ZoneInfo(settings.ORGANISATION_TIME_ZONE)), "D H:i")


class Bar:
    """What the bar shows; nothing is read before the template asks."""

    rates = clock.RATES

    def __init__(self, request: HttpRequest):
        self._request = request
        self.here = request.get_full_path()

    @cached_property
    def stand(self) -> clock.Stand:
        return clock.read()

    @property
    def rate(self) -> int:
        """Virtual seconds in a real one at this moment; 0 while the clock stands."""
        return self.stand.rate if self.stand.running else 0

    @property
    def time(self) -> str:
        return label(self.stand.now())

    @property
    def why(self) -> str:
        """Why the clock stands, when nobody stopped it."""
        unwatched = not self.stand.running and cache.get(_UNWATCHED)
        return _("stopped while nobody watched") if unwatched else ""

    @cached_property
    def me(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def my_role(self) -> str:
        return ", ".join(str(LABELS[role]) for role in sorted(self.me.roles)) if self.me else ""

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """Everybody one can be: the part of the address before the @, and the name with the role."""
        return [(local, f"{name}, {LABELS[role]}") for local, (name, role, *_rest) in people.STAFF.items()]

    @property
    def my_local(self) -> str:
        return self.me.email.partition("@")[0] if self.me else ""

    @property
    def stops(self) -> tuple[tour.Stop, ...]:
        return tour.STOPS


def bar(request: HttpRequest) -> dict:
    """Context processor: `demo` on every page of a demo."""
    return {"demo": Bar(request)}
