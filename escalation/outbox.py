"""Mail that is owed: promised in the transaction that causes it, sent afterwards, retried with growing patience."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models.functions import Now

from escalation.models import OutboxMessage

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
    done = 0
    for _turn in range(limit):
        with transaction.atomic():
            message = (
                OutboxMessage.objects.select_for_update(skip_locked=True, no_key=True)
                .filter(sent_at__isnull=True, parked_at__isnull=True, next_attempt_at__lte=Now())
                .order_by("next_attempt_at", "id")
                .first()
            )
            if message is None:
                break
            try:
                with transaction.atomic():
                    send(message)
            except Exception as error:  # whatever a mail server does must not stop the next message
                logger.warning("Outbox message %s (%s) failed: %s", message.pk, message.topic, error)
                _put_off(message, error)
            else:
                OutboxMessage.objects.filter(pk=message.pk).update(sent_at=Now(), attempts=models.F("attempts") + 1)
                done += 1
    return done


def _put_off(message: OutboxMessage, error: Exception) -> None:
    attempts = message.attempts + 1
    changes = {"attempts": attempts, "last_error": f"{type(error).__name__}: {error}"[:2000]}
    if attempts >= MAX_ATTEMPTS:
        changes["parked_at"] = Now()
    else:
        changes["next_attempt_at"] = Now() + timedelta(seconds=min(30 * 2**attempts, 3600))
    OutboxMessage.objects.filter(pk=message.pk).update(**changes)
