"""Pages for what went wrong. They need no database, no session and no translation catalogue to be drawn."""

import logging
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from helpdesk.api.problems import page as problem_page
from tickets.refusals import Refusal

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception=None) -> HttpResponse:
    return page(request, 400, _("The server could not understand this request."), code="bad_request")


def permission_denied(request: HttpRequest, exception=None) -> HttpResponse:
    return page(request, 403, _("You may not do this. Somebody with another role can."), code="forbidden")


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    detail = _("There is nothing at this address, or nothing that you may see.")
    return page(request, 404, detail, code="not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    detail = _("Something broke on our side. It is in our log; nothing you did caused it. Try again in a minute.")
    return page(request, 500, detail, code="server_error")


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's safety token did not fit: usually a page that was open since before sign-in."""
    logger.warning("CSRF check failed at %s: %s", request.path, reason)
    detail = _(
        "This form was open for too long or cookies are switched off. Go back, reload the page and send it again."
    )
    return page(request, 403, detail, code="csrf")


class RefusalMiddleware:
    """Show a refusal that no view caught (see `tickets.refusals`) as a page with its own status and sentence."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        return page(request, exception.status, str(exception.detail), code=exception.code)


def page(request: HttpRequest, status: int, detail: str, *, code: str = "") -> HttpResponse:
    """Return the error page for STATUS with the number to quote; a problem document (RFC 9457) for the API."""
    if request.path.startswith("/api/"):
        return problem_page(status, detail, code=code)
    if status == HTTPStatus.NOT_FOUND and getattr(request.resolver_match, "app_name", "") == "desk":
        detail += " " + _("What is on Floor 3 is seen by Head of Risk, Legal and whoever sent it there: ask them.")
    context = {
        "status": status,
        "title": _titles().get(status, HTTPStatus(status).phrase),
        "detail": detail,
        "number": getattr(request, "id", "-"),
    }
    try:
        name = "errors/portal.html" if request.path.startswith(settings.PORTAL_PATH) else "errors/page.html"
        body = render_to_string(name, context)
    except Exception:
        # Without templates or static files a plain sentence still beats an empty answer.
        logger.exception("the error page could not be drawn")
        body = f"<!doctype html><title>{status}</title><h1>{escape(context['title'])}</h1><p>{escape(detail)}</p>"
    return HttpResponse(body, status=status)


def _titles() -> dict[int, str]:
    return {
        400: _("That request was not understood"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Not possible now"),
        412: _("Somebody was faster"),
        500: _("Something broke"),
    }
