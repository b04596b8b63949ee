"""The clock's own moves: every ticket whose deadline has passed climbs, once (P2.1).

One idempotent function behind three doors: the escalator process, the Celery beat task, and `manage.py sweep`. Any
number of them may run at the same time. A batch is locked with SKIP LOCKED, looked at again, moved by the state machine
in memory, and written with its audit events and outbox rows by one statement in one transaction, so a killed process
leaves nothing half done. On Floor 3 there is nowhere to climb: the passing is recorded and executives are informed.
"""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Subquery
from django.db.models.functions import Now

from escalation import climbs, warnings
from escalation.climb_sql import write_alarms, write_climbs
from escalation.climbs import Locked
from escalation.models import FloorVisit, SweepHeartbeat
from tickets.clock import database_now

logger = logging.getLogger(__name__)

BATCH = 500
"""Tickets per transaction: locks are held for some 20 ms (docs/clocks.md)."""

RETRY_AFTER = timedelta(seconds=30)
"""How long a ticket that could not be climbed is set aside; doubled with each failure, at most an hour."""

NO_ROWS_FAULT = ("08", "40", "53", "55P03", "57P", "58")
"""How PostgreSQL's error codes begin when the server or its surroundings are unwell: connection, deadlock, no disk or
memory left, lock not available, shutting down, input and output (PostgreSQL manual, appendix A)."""


class Look(NamedTuple):
    """What a look at the clock finds: the database's now, the nearest deadline, the nearest warning (past ones too)."""

    now: datetime
    due_at: datetime | None
    warn_at: datetime | None

    @property
    def due(self) -> bool:
        return self.due_at is not None and self.due_at <= self.now

    @property
    def warns(self) -> bool:
        return self.warn_at is not None and self.warn_at <= self.now


def sweep(*, door: str = "hand", as_of: datetime | None = None, batch: int = BATCH) -> int:
    """Climb what is due at AS_OF (default: the database's now) and return how many tickets were moved or alarmed.

    What is nearly due is warned of afterwards, and does not count.
    """
    done, look = 0, None
    # Look before a batch is begun: most sweeps find nothing, and one short query says so.
    while as_of is not None or (look := next_due()).due:
        try:
            count = _sweep_batch(as_of, batch)
        except Exception as error:  # whatever one row raises must not stop the clock of the others
            if _is_no_rows_fault(error):
                raise  # the door reconnects and tries again
            logger.warning("A batch of due tickets failed (%s); taking them one by one.", error)
            count = _one_by_one(as_of, batch)
        done += count
        if count < batch:
            break
    if look is None or look.warns:
        _warn(as_of, batch)
    beat(door, done)
    return done


def next_due() -> Look:
    """Look at the clock, cheaply.

    A deadline that has passed is not warned of any more, so a ticket that was set aside keeps nobody awake.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_timestamp(), (SELECT min(due_at) FROM escalation_floorvisit"
            " WHERE left_at IS NULL AND alarmed_at IS NULL AND due_at IS NOT NULL"
            " AND (retry_at IS NULL OR retry_at <= statement_timestamp())), (SELECT min(warn_at)"
            " FROM escalation_floorvisit WHERE left_at IS NULL AND warned_at IS NULL AND alarmed_at IS NULL"
            " AND warn_at IS NOT NULL AND due_at > statement_timestamp())"
        )
        return Look(*cursor.fetchone())


def _warn(as_of: datetime | None, batch: int) -> None:
    """Owe the warnings that are due. A failure here must never keep a ticket from climbing."""
    count = batch
    while count == batch:
        try:
            with transaction.atomic():
                _guard_session()
                count = warnings.give(as_of or database_now(), batch)
        except DatabaseError as error:
            if connection.connection is None or connection.connection.closed:
                raise
            logger.error("Warnings could not be given: %s", error)
            return


def beat(door: str, climbed: int) -> None:
    """Say that the clock has been looked at through DOOR; the watchdog reads it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO escalation_sweepheartbeat (door, swept_at, climbed) VALUES (%s, statement_timestamp(), %s)"
            " ON CONFLICT (door) DO UPDATE SET swept_at = excluded.swept_at,"
            " climbed = escalation_sweepheartbeat.climbed + excluded.climbed",
            [door, climbed],
        )


def age_of_last_sweep() -> float | None:
    """Return how many seconds ago the clock was last looked at through any door; None if never."""
    last = _by_age().first()
    return None if last is None else last["age"].total_seconds()


def since_last_sweep() -> Subquery:
    """Return the same, as a length of time, for a query that asks for something else."""
    return Subquery(_by_age()[:1])


def _by_age() -> QuerySet:
    age = ExpressionWrapper(Now() - F("swept_at"), output_field=DurationField())
    return SweepHeartbeat.objects.order_by("-swept_at").values(age=age)


def _sweep_batch(as_of: datetime | None, batch: int, only: int | None = None) -> int:
    with transaction.atomic():
        _guard_session()
        now = as_of or database_now()
        visits = _lock_due(now, batch, only)
        if not visits:
            return 0
        due = climbs.decide(visits, now)
        write_climbs([d for d in due if not d.alarm], now)
        write_alarms([d for d in due if d.alarm], now)
        return len(due)


def _guard_session() -> None:
    """Bound what a frozen or slow sweeper can hide from the others: its locks are freed by the server."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL idle_in_transaction_session_timeout = '5s'; SET LOCAL statement_timeout = '6s';"
            " SET LOCAL lock_timeout = '2s'"
        )


def _lock_due(now: datetime, batch: int, only: int | None) -> list[Locked]:
    """Lock visit and escalation: a row changed since the query began is checked again after its lock is taken."""
    due = FloorVisit.objects.filter(left_at__isnull=True, alarmed_at__isnull=True, due_at__lte=now)
    due = due.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now))
    if only is not None:
        due = due.filter(pk=only)
    rows = due.values_list(
        "pk",
        "floor",
        "due_at",
        "escalation_id",
        "escalation__state",
        "escalation__version",
        "escalation__head_hash",
    )
    locked = rows.select_for_update(skip_locked=True, no_key=True).order_by("due_at", "id")[:batch]
    return [Locked(*row) for row in locked]


def _one_by_one(as_of: datetime | None, batch: int) -> int:
    """Take due tickets singly, so that one that raises is set aside and delays nobody."""
    now = as_of or database_now()
    due = FloorVisit.objects.filter(left_at__isnull=True, alarmed_at__isnull=True, due_at__lte=now).filter(
        Q(retry_at__isnull=True) | Q(retry_at__lte=now)
    )
    done = 0
    for visit_id in due.order_by("due_at", "id").values_list("pk", flat=True)[:batch]:
        try:
            done += _sweep_batch(as_of, 1, only=visit_id)
        except Exception as error:  # whatever one row raises must not stop the clock of the others
            if _is_no_rows_fault(error):
                raise
            logger.error("The visit %s cannot be climbed and is set aside: %s", visit_id, error)
            _set_aside(visit_id, error, now)
    return done


def _is_no_rows_fault(error: Exception) -> bool:
    """Say whether ERROR would have met any row: then none is set aside for it, or all would wait when it is over."""
    if connection.connection is None or connection.connection.closed or isinstance(error, MemoryError):
        return True
    code = getattr(error.__cause__, "pgcode", None) or ""
    return isinstance(error, OperationalError) and code.startswith(NO_ROWS_FAULT)


def _set_aside(visit_id: int, error: Exception, now: datetime) -> None:
    failures = FloorVisit.objects.values_list("failures", flat=True).get(pk=visit_id)
    patience = min(RETRY_AFTER * 2 ** min(failures, 7), timedelta(hours=1))
    FloorVisit.objects.filter(pk=visit_id).update(
        failures=F("failures") + 1, retry_at=now + patience, last_error=f"{type(error).__name__}: {error}"[:2000]
    )
