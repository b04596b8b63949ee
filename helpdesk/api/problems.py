"""Answers that say what went wrong: RFC 9457 problem documents, for everything under /api/."""

import logging
from http import HTTPStatus

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from tickets.refusals import Refusal

MEDIA_TYPE = "application/problem+json"
# SQLSTATEs of PostgreSQL that mean "try again": serialization, deadlock, lock not available, query cancelled.
_TRY_AGAIN = {"40001", "40P01", "55P03"}
_TOO_SLOW = "57014"

log = logging.getLogger(__name__)


def document(status: int, detail: str, *, code: str = "", errors: list[dict] | None = None, **more) -> dict:
    """Return the problem document for STATUS: `detail` in words, a stable `code`, faulty fields in `errors`."""
    found = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if code:
        found["code"] = code
    if errors is not None:
        found["errors"] = errors
    return found | more


def page(status: int, detail: str, *, code: str = "") -> JsonResponse:
    """Answer what goes wrong outside a view of the API: no such address, a failed CSRF check."""
    return JsonResponse(document(status, detail, code=code), status=status, content_type=MEDIA_TYPE)


def answer(status: int, detail: str, *, headers: dict | None = None, **more) -> Response:
    return Response(document(status, detail, **more), status=status, headers=headers, content_type=MEDIA_TYPE)


def handle(error: Exception, context: dict) -> Response | None:
    """Turn an exception of a view into a problem document; None for a fault of ours, which is logged and a 500."""
    if isinstance(error, Refusal):
        return _refused(error)
    if isinstance(error, Http404):
        return answer(404, _("There is nothing at this address that you may see."), code="not_found")
    if isinstance(error, PermissionDenied):
        return answer(403, str(error) or _("You may not do this."), code="forbidden")
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    if isinstance(error, ModelValidationError):
        return answer(400, _("The input is not valid."), code="invalid", errors=_model_errors(error))
    if isinstance(error, RequestDataTooBig):
        return answer(413, _("The body is too large."), code="too_large")
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent | SuspiciousOperation):
        return answer(400, _("The request is not acceptable: too many parts, or a suspicious one."), code="bad_request")
    if isinstance(error, TransitionNotAllowed):
        return answer(409, _("The ticket is not in a state in which this can be done."), code="wrong_state")
    return _from_database(error)


def _refused(error: Refusal) -> Response:
    more: dict = {"code": error.code}
    if error.status == 400:
        more["errors"] = [{"field": error.field or "", "code": error.code, "detail": str(error.detail)}]
    if error.data:
        more["data"] = error.data
    return answer(error.status, str(error.detail), **more)


def _from_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if isinstance(error, exceptions.Throttled) and error.wait is not None:
        headers["Retry-After"] = str(max(1, int(error.wait + 0.999)))
    if isinstance(error, exceptions.ValidationError):
        errors = flatten(error.detail)
        detail = _("The input is not valid.")
        if len(errors) == 1:
            field = f"{errors[0]['field']}: " if errors[0]["field"] else ""
            detail = f"{field}{errors[0]['detail']}"
        return answer(400, detail, code="invalid", errors=errors)
    code = error.get_codes() if isinstance(error.detail, str) else "invalid"
    return answer(error.status_code, str(error.detail), headers=headers, code=code)


def flatten(detail, field: str = "") -> list[dict]:
    """Return DRF's nested error details as flat rows; fields within fields are joined by dots (`order.value`)."""
    if isinstance(detail, dict):
        return [
            row
            for name, inner in detail.items()
            for row in flatten(
                inner,
                field if name == api_settings.NON_FIELD_ERRORS_KEY else f"{field}.{name}" if field else str(name),
            )
        ]
    if isinstance(detail, list):
        rows = []
        for position, inner in enumerate(detail):
            rows += flatten(inner, f"{field}.{position}" if isinstance(inner, dict | list) else field)
        return rows
    return [{"field": field, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}]


def _model_errors(error: ModelValidationError) -> list[dict]:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return [
        {"field": "" if field == "__all__" else field, "code": "invalid", "detail": message}
        for field, messages in by_field.items()
        for message in messages
    ]


def _from_database(error: Exception) -> Response | None:
    state = getattr(getattr(error, "__cause__", None), "pgcode", None)
    if state in _TRY_AGAIN:
        return answer(
            503, _("Somebody else is changing the same thing. Try again."), headers={"Retry-After": "1"}, code="busy"
        )
    if state == _TOO_SLOW:
        return answer(503, _("This took too long. Ask for less."), headers={"Retry-After": "10"}, code="too_slow")
    if isinstance(error, IntegrityError):
        log.warning("a constraint refused what a verb allowed: %s", error)
        return answer(409, _("This contradicts what is stored; nothing was changed."), code="contradiction")
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database is away: %s", error)
        return answer(503, _("The database is away. Try again."), headers={"Retry-After": "5"}, code="database_away")
    return None
