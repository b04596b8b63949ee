"""Whether this process lives, and whether the helpdesk as a whole can do its work."""

import shutil
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalation.sweep import age_of_last_sweep
from helpdesk import undelivered
from helpdesk.templatetags.ux import plain_duration

SWEEP_TOO_OLD = 10
"""Seconds without a look at the clock after which the watchdog speaks up."""

LEAST_DISK = 200 * 1024 * 1024


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Answer without touching anything else: a broken database must not get this process restarted."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Check database, migrations, Redis, disk and the age of the last sweep; 503 names what is wrong."""
    checks = {"database": _database()}
    if checks["database"] == "ok":
        checks |= {"migrations": _migrations(), "clock": _clock(age_of_last_sweep()), "outbox": _outbox()}
    checks |= {"redis": _redis(), "disk": _disk()}
    ready = all(answer.startswith("ok") for answer in checks.values())
    return JsonResponse({"status": "ready" if ready else "not ready", "checks": checks}, status=200 if ready else 503)


def clock_fault(age: float | None) -> str:
    """Return what is wrong with a clock last looked at AGE seconds ago (None: never), for the desk's banner, or ''."""
    answer = _clock(age)
    return "" if answer.startswith("ok") else answer


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "ok"
    except DatabaseError as error:
        return f"PostgreSQL does not answer: {str(error).strip().splitlines()[0]}"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are not applied; run manage.py migrate" if missing else "ok"


def _clock(age: float | None) -> str:
    if age is None:
        return _("the clock has never been looked at; start manage.py escalator or a Celery worker with beat")
    if age > SWEEP_TOO_OLD:
        words = _("the clock was last looked at %(time)s ago; start manage.py escalator or a Celery worker with beat")
        return words % {"time": plain_duration(timedelta(seconds=age))}
    return f"ok, {age:.1f} s ago"


def _outbox() -> str:
    parked = undelivered.total()
    return f"ok, {parked} messages given up" if parked else "ok"


def _redis() -> str:
    try:
        client = caches["default"]._cache.get_client(
            None, write=True
        )  # the raw client: our cache forgives, this must not
        client.ping()
        return "ok"
    except Exception as error:
        return f"Redis does not answer: {error}"


def _disk() -> str:
    folder = settings.VAR_DIR if settings.VAR_DIR.exists() else settings.BASE_DIR
    free = shutil.disk_usage(folder).free
    return "ok" if free > LEAST_DISK else f"only {free // 2**20} MB are free in {folder}"
