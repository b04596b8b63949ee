"""The Celery application and its beat table.

Celery only wakes things up: every effect is a row in PostgreSQL, so a lost message costs a second and never an effect.
"""

import faulthandler
import os
import sys
import time

from celery import Celery, Task, bootsteps
from celery.schedules import crontab
from django.core.cache import cache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")


class Noted(Task):
    """Leaves a note of when it last ended and how, for the page on the health of the house."""

    def after_return(self, status, retval, task_id, args, kwargs, einfo) -> None:
        cache.set(f"task-ran:{self.name}", (time.time(), status), 7 * 24 * 3600)


app = Celery("helpdesk", task_cls=Noted)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

LONGEST_SILENCE = 45
"""Seconds for which a worker may hear nothing of its own event loop; a broker that is away silences it too."""

LONGEST_FAREWELL = 60
"""Seconds that a stopping worker may take; service managers lose patience earlier."""


class EndRatherThanHang(bootsteps.StartStopStep):
    """Ends a worker that neither works nor ends, for such a process is never started again.

    After many broken connections Celery may wait for ever for an answer of the broker, or stop by itself and then wait
    for ever for its pool.
    """

    def register_with_event_loop(self, worker, hub) -> None:
        # Called at each beginning of the loop: a lost connection clears the loop's timers.
        self._watch(LONGEST_SILENCE)
        hub.call_repeatedly(LONGEST_SILENCE / 10, self._watch, LONGEST_SILENCE)

    def close(self, worker) -> None:
        self._watch(LONGEST_FAREWELL)

    @staticmethod
    def _watch(seconds: int) -> None:
        # Its own thread in C: it works while ours waits.
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)


app.steps["worker"].add(EndRatherThanHang)

# `expires` drops ticks that piled up while no worker ran; it stays well above any clock difference between hosts.
app.conf.beat_schedule = {
    "sweep": {"task": "escalation.sweep", "schedule": 1.0, "options": {"queue": "deadlines", "expires": 10}},
    "route": {"task": "escalation.route", "schedule": 2.0, "options": {"expires": 10}},
    "remind": {"task": "escalation.remind", "schedule": 60.0, "options": {"expires": 120}},
    "tell": {"task": "escalation.tell", "schedule": 10.0, "options": {"expires": 30}},
    "relay-outbox": {"task": "helpdesk.relay_outbox", "schedule": 5.0, "options": {"expires": 30}},
    "relay-webhooks": {"task": "helpdesk.relay_webhooks", "schedule": 5.0, "options": {"expires": 30}},
    "tell-undelivered": {"task": "helpdesk.tell_undelivered", "schedule": 300.0, "options": {"expires": 300}},
    "publish-scorecard": {"task": "metrics.publish_scorecard", "schedule": 60.0, "options": {"expires": 300}},
    "remind-of-audits": {"task": "metrics.remind_of_audits", "schedule": 3600.0, "options": {"expires": 3600}},
    "retrain-foresight": {"task": "metrics.retrain_foresight", "schedule": 3600.0, "options": {"expires": 3600}},
    # The run takes some; what is left over the next one takes.
    "retention": {"task": "escalation.retention", "schedule": crontab(hour=2, minute=30), "options": {"expires": 3600}},
    "foresee": {"task": "metrics.foresee", "schedule": 60.0, "options": {"expires": 120}},
    "tend-search": {"task": "tickets.tend_search", "schedule": 60.0, "options": {"expires": 120}},
    "forget-old-rows": {"task": "helpdesk.forget_old_rows", "schedule": 3600.0, "options": {"expires": 3600}},
}
