import logging
import signal
import time
from threading import Event

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from escalation.sweep import beat, next_due, sweep

logger = logging.getLogger("escalation.escalator")

LONGEST_SLEEP = 0.25
"""Seconds. A deadline that appears closer than the one we sleep for is noticed after at most this long."""


class Command(BaseCommand):
    help = "Run the clock: sleep until the next deadline and climb what is due. Needs PostgreSQL only; run one or more."

    def handle(self, *args, **options):
        self.stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        last_beat = 0.0
        while not self.stopping.is_set():
            try:
                last_beat = self._turn(last_beat)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database does not answer (%s); trying again.", str(error).strip())
                connection.close()
                self.stopping.wait(0.5)
        close_old_connections()

    def _turn(self, last_beat: float) -> float:
        """Look, sweep what is due, sleep until the next deadline; return when we last said that we are alive."""
        now, due = next_due()
        worked = due is not None and due <= now and sweep(door="escalator") > 0
        if not worked:
            if time.monotonic() - last_beat >= 1:
                beat("escalator", 0)
                last_beat = time.monotonic()
            left = LONGEST_SLEEP if due is None or due <= now else (due - now).total_seconds()
            self.stopping.wait(max(0.005, min(left, LONGEST_SLEEP)))
        return last_beat
