"""Whether the house runs: the clock and its doors, what is owed, what Celery did last, what waits in its queues."""

from datetime import UTC, datetime, timedelta

from celery.schedules import crontab
from django.core.cache import cache, caches
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from escalation.models import FloorVisit, OutboxMessage, SweepHeartbeat
from escalation.sweep import age_of_last_sweep
from helpdesk import health, undelivered
from helpdesk.celery import app
from helpdesk.desk.house import page
from helpdesk.models import HookDelivery
from tickets import house
from tickets.clock import database_now

QUEUES = ("deadlines", "celery")


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the checks of /readyz in words, with what stands behind them."""
    house.require_admin(request.user)
    now = database_now()
    owed = OutboxMessage.objects.filter(OutboxMessage.OPEN).aggregate(
        waiting=Count("pk", filter=Q(next_attempt_at__lte=now)),
        trying=Count("pk", filter=Q(attempts__gt=0)),
        oldest=Min("created_at"),
    )
    owed["given_up"] = undelivered.total()
    context = {
        "doors": [
            (beat, (now - beat.swept_at).total_seconds()) for beat in SweepHeartbeat.objects.order_by("-swept_at")
        ],
        "too_old": health.SWEEP_TOO_OLD,
        "clock_fault": health.clock_fault(age_of_last_sweep()),
        "owed": owed,
        "late": FloorVisit.objects.filter(left_at__isnull=True, due_at__lt=now, floor__lt=3).count(),
        "set_aside": FloorVisit.objects.filter(left_at__isnull=True, failures__gt=0).count(),
        "calls_given_up": HookDelivery.objects.filter(HookDelivery.PARKED, withdrawn="").count(),
        "tasks": _tasks(),
        "queues": _queues(),
        "now": now,
    }
    return page(request, "desk/house_health.html", context)


def _tasks() -> list[tuple[str, timedelta | None, datetime | None, float, bool]]:
    """Return for each line of the beat table: name, time between, last end, its age, whether it went well."""
    found = cache.get_many([f"task-ran:{entry['task']}" for entry in app.conf.beat_schedule.values()])
    rows = []
    for entry in app.conf.beat_schedule.values():
        at, status = found.get(f"task-ran:{entry['task']}", (None, ""))
        ended = datetime.fromtimestamp(at, UTC) if at else None
        age = (timezone.now() - ended).total_seconds() if ended else 0.0
        rows.append((entry["task"], _every(entry["schedule"]), ended, age, status == "SUCCESS"))
    return rows


def _every(schedule) -> timedelta | None:
    """Return how long lies between two runs, or None for a job with a time of day."""
    return None if isinstance(schedule, crontab) else timedelta(seconds=float(schedule))


def _queues() -> list[tuple[str, int]] | None:
    """Return how many wake-up calls wait in each queue, or None when Redis does not answer."""
    try:
        client = caches["default"]._cache.get_client(None, write=True)
        return [(queue, client.llen(queue)) for queue in QUEUES]
    except Exception:
        return None
