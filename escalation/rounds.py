"""What is looked at beside the deadlines.

Every two seconds: answers whose time to go out has come, and who has which ticket; every ten: whom we keep waiting.
"""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from escalation import apologies, outgoing, routing, taking_back, watching

logger = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two rounds."""


TELLING = 5
"""Every how many rounds people are told of what is late."""

HANDS = (outgoing.release_due, taking_back.take_back, routing.give_out)
WORDS = (watching.tell, routing.tell_supervisors, apologies.tell_late)


def make_round(steps: tuple[Callable[[], int], ...] = HANDS + WORDS) -> int:
    """Take back what lies, give out what waits, tell who must know; return how much was done.

    A step that fails is logged and tried again in the next round; it stops neither the others nor the clock.
    """
    done = 0
    for step in steps:
        try:
            done += step()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database refused %s: %s", step.__name__, str(error).strip())
            connection.close()
        except Exception:
            logger.exception("%s failed and is tried again", step.__name__)
    return done


class Rounds(threading.Thread):
    """Makes rounds beside the clock, on a connection of its own, so that no deadline waits for a round."""

    def __init__(self, stopping: threading.Event):
        super().__init__(name="rounds", daemon=True)
        self._stopping = stopping

    def run(self) -> None:
        turn = 0
        while not self._stopping.wait(EVERY):
            turn += 1
            make_round(HANDS if turn % TELLING else HANDS + WORDS)
        close_old_connections()
        connection.close()
