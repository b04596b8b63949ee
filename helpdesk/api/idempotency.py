"""`Idempotency-Key`: a POST that is sent twice does its work once and is answered alike (IETF draft, httpapi).

The key is claimed by an insert in the transaction of the work itself. A second POST with the same key waits at the
unique index until the first has committed, and then reads its answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from helpdesk.models import Answer
from tickets.refusals import Conflict, Refusal

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# What a repeat is told again; Date, Retry-After and the like belong to the moment.
_HEADERS = ("Content-Type", "ETag", "Location")

_CLAIM = """
    INSERT INTO helpdesk_answer (user_id, key, fingerprint, headers, body, created_at)
    VALUES (%s, %s, %s, '{}', '', statement_timestamp())
    ON CONFLICT (user_id, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, created_at = excluded.created_at, status = NULL
     WHERE helpdesk_answer.created_at < statement_timestamp() - %s
    RETURNING id
"""


def once(view, request, work: Callable[[], Response]) -> HttpResponse:
    """Do WORK and keep its answer, or give back the answer that the key of REQUEST got before."""
    key = request.headers["Idempotency-Key"]
    if not _KEY.fullmatch(key):
        detail = _("Use 1 to 200 visible ASCII characters.")
        raise ValidationError({"Idempotency-Key": detail}, code="invalid")
    fingerprint = _fingerprint(request)
    try:
        with transaction.atomic():
            claim = _claim(request.user.pk, key, fingerprint)
            if claim is None:
                return _again(Answer.objects.get(user=request.user, key=key), fingerprint)
            response = _answered(view, request, work)
            if response.status_code >= 500:
                # Not an answer to keep: the caller should try again with the same key.
                transaction.set_rollback(True)
                return response
            headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
            Answer.objects.filter(pk=claim).update(status=response.status_code, headers=headers, body=response.content)
            return response
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) == "55P03":
            raise Conflict(
                _("The first request with this key is still at work; try again in a moment."), code="in_progress"
            ) from error
        raise


def forget_old_answers() -> int:
    """Delete the answers that no repeat can ask for any more; return how many."""
    return Answer.objects.filter(created_at__lt=Now() - KEPT).delete()[0]


def _claim(user_id: int, key: str, fingerprint: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [user_id, key, fingerprint, KEPT])
        row = cursor.fetchone()
    return row[0] if row else None


def _answered(view, request, work: Callable[[], Response]) -> Response:
    """Return the finished answer of WORK.

    A verb that refuses has undone what it began, and what it put on record about the refusal stays; after anything
    else that goes wrong all of it is undone here.
    """
    before = transaction.savepoint()
    try:
        response = work()
        transaction.savepoint_commit(before)
    except Refusal as error:
        transaction.savepoint_commit(before)
        response = view.handle_exception(error)
    except Exception as error:
        transaction.savepoint_rollback(before)
        response = view.handle_exception(error)
    response = view.finalize_response(request, response)
    return response.render()


def _again(answer: Answer, fingerprint: str) -> HttpResponse:
    if answer.fingerprint != fingerprint:
        raise Conflict(
            _("This Idempotency-Key was used for another request; use a new key."), code="idempotency_key_reused"
        )
    return HttpResponse(
        bytes(answer.body), status=answer.status, headers={**answer.headers, "Idempotency-Replayed": "true"}
    )


def _fingerprint(request) -> str:
    """Return the SHA-256 of method, address and body, whatever the order of names or the multipart marks."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    files = getattr(request, "FILES", None) or {}
    if files or hasattr(request.data, "lists"):
        fields = {name: values for name, values in request.data.lists() if name not in files}
        digest.update(json.dumps(fields, sort_keys=True).encode())
        for name in sorted(files):
            for file in files.getlist(name):
                digest.update(f"{name}\n{file.name}\n{file.size}\n".encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(json.dumps(request.data, sort_keys=True).encode())
    return digest.hexdigest()
