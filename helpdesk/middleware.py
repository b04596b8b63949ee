"""What every request gets: a number, the reader's time zone, no caching, and no sign-in page inside a fragment."""

import logging
import re
import uuid
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from helpdesk.logs import request_id
from helpdesk.notifications import inbox
from tickets import duty

logger = logging.getLogger(__name__)

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Number each request, or keep the number that a proxy gave it, and say it in the answer and in the logs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        # Anything else than a plain word could carry markup or line breaks into pages and logs.
        request.id = given if _ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = request.id
        return response


class ReaderMiddleware:
    """Show times in the reader's zone and language: their own when signed in, else the organisation's zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        zone = settings.ORGANISATION_TIME_ZONE
        if request.user.is_authenticated:
            zone = request.user.time_zone or zone
            language = request.user.language.lower()
            # Pages for customers have a switch of their own, which must work for whoever tries it.
            if language in dict(settings.LANGUAGES) and not request.path.startswith(settings.PORTAL_PATH):
                translation.activate(language)
                request.LANGUAGE_CODE = language
        with timezone.override(_zone(zone)):
            return self.get_response(request)


def _zone(name: str) -> ZoneInfo:
    """Return the named zone; a name that went out of the tables must not take every page of a person away."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.ORGANISATION_TIME_ZONE)


class PresenceMiddleware:
    """Note about once a minute that a person is at the desk: rules give work to nobody who has gone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            try:
                duty.seen(request.user, now=timezone.now())
            except DatabaseError as error:
                logger.warning("Could not note that somebody is there: %s", str(error).strip())
        return response


class BellMiddleware:
    """Tell live pages with each of their questions how many notifications wait, so that the bell asks none of its own.

    The count is kept for half a minute, or until there is news, so an idle page costs the database nothing more.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.htmx and request.method == "GET" and request.user.is_authenticated:
            response["X-Unread"] = inbox.shown(inbox.unread_count(request.user))
        return response


class NoStoreMiddleware:
    """Keep pages out of every cache, and turn a redirect to sign-in into a full page load for htmx requests."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "htmx", False) and response.status_code in {301, 302, 303}:
            response = self._leave_fragment(request, response)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response

    @staticmethod
    def _leave_fragment(request, response):
        # htmx follows redirects silently, so the sign-in form would be drawn inside the ticket.
        sign_in = resolve_url(settings.LOGIN_URL)
        if response.url.partition("?")[0] != sign_in:
            return response
        page = request.htmx.current_url_abs_path or request.get_full_path()
        return HttpResponseClientRedirect(f"{sign_in}?{urlencode({'next': page})}")
