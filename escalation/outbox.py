"""Mail that is owed: promised in the transaction that causes it, sent afterwards, retried with growing patience."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from escalation.models import OutboxMessage
from escalation.models.outbox import Owed

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
"""Tries before a message is parked; with the back-off below the last one comes some two hours after the first."""


def promise(*, ticket: int | None, topic: str, key: str, payload: dict | None = None, now: datetime) -> None:
    """Owe an effect. Promising it twice with the same KEY is one effect. TICKET is None for what concerns none."""
    message = OutboxMessage(
        ticket_id=ticket, topic=topic, key=key, payload=payload or {}, created_at=now, next_attempt_at=now
    )
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)


def relay(send: Callable[[OutboxMessage], None], *, limit: int = 100) -> int:
    """Carry out what is owed, one transaction each, and return how many went out. Safe to run in parallel.

    At least once: a crash between sending and marking repeats a mail, with the same Message-ID.
    """

    def send_one(rows: Sequence[OutboxMessage]) -> Sequence[OutboxMessage]:
        send(rows[0])
        return rows

    return work_off(OutboxMessage.objects.all(), send_one, limit=limit)


def work_off(
    owed: QuerySet,
    send: Callable[[Sequence[Owed]], Sequence[Owed]],
    *,
    together: Callable[[Owed], models.Q] | None = None,
    limit: int,
) -> int:
    """Carry out rows of OWED that are due, at most LIMIT times, and return how many went out.

    SEND gets the oldest row, with what goes TOGETHER with it, all locked, and returns what it sent; the others it has
    withdrawn or put off itself. When it raises, all of them are tried again later.
    """
    due = owed.filter(Owed.OPEN, next_attempt_at__lte=Now()).select_for_update(skip_locked=True, no_key=True)
    due = due.order_by("next_attempt_at", "id")
    done = 0
    for _turn in range(limit):
        with transaction.atomic():
            first = due.first()
            if first is None:
                break
            rows = list(due.filter(together(first))) if together else [first]
            try:
                with transaction.atomic():
                    sent = send(rows)
            except Exception as error:  # whatever a mail server does must not stop the next message
                logger.warning("%s %s (%s) failed: %s", type(first).__name__, first.pk, first, error)
                for row in rows:
                    _put_off(row, error)
            else:
                changes = {"sent_at": Now(), "attempts": models.F("attempts") + 1}
                done += owed.model.objects.filter(Owed.OPEN, pk__in=[row.pk for row in sent]).update(**changes)
    return done


def withdraw(rows: Sequence[Owed], why: str) -> None:
    """End what is owed without doing it; WHY (200 characters) is shown to those who look for it."""
    for model in {type(row) for row in rows}:
        pks = [row.pk for row in rows if type(row) is model]
        model.objects.filter(pk__in=pks, sent_at__isnull=True).update(parked_at=Now(), withdrawn=why[:200])


def _put_off(row: Owed, error: Exception) -> None:
    attempts = row.attempts + 1
    changes = {"attempts": attempts, "last_error": f"{type(error).__name__}: {error}"[:2000]}
    if attempts >= MAX_ATTEMPTS:
        changes["parked_at"] = Now()
    else:
        changes["next_attempt_at"] = Now() + timedelta(seconds=min(30 * 2**attempts, 3600))
    type(row).objects.filter(pk=row.pk).update(**changes)
