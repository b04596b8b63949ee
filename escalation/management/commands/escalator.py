import faulthandler
import logging
import signal
import sys
import time
from threading import Event

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from escalation.rounds import Rounds
from escalation.sweep import beat, next_due, sweep

logger = logging.getLogger("escalation.escalator")

LONGEST_SLEEP = 0.25
"""Seconds. A deadline that appears closer than the one we sleep for is noticed after at most this long."""


LONGEST_SILENCE = 8
"""Seconds without a new statement after which the process ends itself, to be started again: the server cuts a batch's
statement after 6 and a look takes milliseconds, so only a connection that swallows everything lasts longer."""


class Command(BaseCommand):
    help = (
        "Run the clock: sleep until the next deadline and climb what is due; beside it, give out tickets to people on"
        " duty. Needs PostgreSQL only; run one or more."
    )

    def handle(self, *args, **options):
        self.stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        Rounds(self.stopping).start()
        last_beat = 0.0
        with connection.execute_wrapper(self._watched):
            while not self.stopping.is_set():
                self._watch()
                try:
                    last_beat = self._turn(last_beat)
                except (DatabaseError, InterfaceError) as error:
                    logger.warning("The database does not answer (%s); trying again.", str(error).strip())
                    connection.close()
                    self.stopping.wait(0.5)
        faulthandler.cancel_dump_traceback_later()
        close_old_connections()

    def _watch(self) -> None:
        # Its own thread in C: it works while ours waits inside the driver.
        faulthandler.dump_traceback_later(LONGEST_SILENCE, exit=True, file=sys.__stderr__)

    def _watched(self, execute, *statement):
        self._watch()
        return execute(*statement)

    def _turn(self, last_beat: float) -> float:
        """Look, sweep what is due, sleep until the next deadline; return when we last said that we are alive."""
        look = next_due()
        worked = (look.due or look.warns) and sweep(door="escalator") > 0
        if not worked:
            if time.monotonic() - last_beat >= 1:
                beat("escalator", 0)
                last_beat = time.monotonic()
            waits = look.due_at is not None and not look.due
            left = (look.due_at - look.now).total_seconds() if waits else LONGEST_SLEEP
            self.stopping.wait(max(0.005, min(left, LONGEST_SLEEP)))
        return last_beat
