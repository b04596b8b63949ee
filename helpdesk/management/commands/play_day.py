"""`manage.py play_day`: the program that plays the demo day while somebody watches."""

import logging
import signal
from threading import Event

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from helpdesk.demo import bar, clock, day

logger = logging.getLogger("helpdesk.demo.play_day")

EVERY = 0.2
"""Seconds between two looks at the clock."""

ROUNDS, SLOW = 5, 25
"""Every how many looks the rounds are made, and what changes slowly is renewed too."""


class Command(BaseCommand):
    help = "Play the demo day on its virtual clock; the clock is stopped when nobody has watched for two minutes."

    def handle(self, *args, **options) -> None:
        if not settings.DEMO_DAY:
            raise CommandError("This helpdesk is no demo. `make demo` starts one, in a database of its own.")
        try:
            clock.read()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        stopping = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        turn = 0
        while not stopping.wait(EVERY):
            try:
                bar.pause_unwatched()
                day.catch_up(rounds=turn % ROUNDS == 0, slow=turn % SLOW == 0)
                turn += 1
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database does not answer (%s); trying again.", str(error).strip())
                connection.close()
                stopping.wait(0.5)
        close_old_connections()
