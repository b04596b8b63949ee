"""Telling customers, once, that the first answer takes longer than they were promised (P1.2)."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from escalation import notices
from escalation.models import FloorVisit, OutboxMessage
from policies import responses
from tickets.clock import database_now
from tickets.models import Ticket

AT_ONCE = 200


def tell_late(as_of: datetime | None = None) -> int:
    """Promise an apology to customers whose first answer is late; return how many.

    Only to those who were told that their request arrived: whoever got no letter from us gets no apology either. While
    we wait for the customer nothing is late.
    """
    now = as_of or database_now()
    letters = OutboxMessage.objects.filter(ticket=OuterRef("pk"))
    running = FloorVisit.objects.filter(escalation_id=OuterRef("pk"), left_at__isnull=True, due_at__isnull=False)
    waiting = (
        Ticket.objects.filter(Exists(running), first_response_at__isnull=True)
        .filter(Exists(letters.filter(topic="received")))
        .exclude(Exists(letters.filter(topic="answer_late")))
        .order_by("created_at")
    )
    told = 0
    for channel, times in responses.guide(now):
        late = waiting.filter(channel=channel, created_at__lt=now - times.first_response)
        rows = list(late.values_list("pk", "created_at")[:AT_ONCE])
        # What counts is the promise that was in force when they wrote, and only while the desk was open.
        promises = responses.Promises(rows[0][1], now) if rows else None
        for number, created_at in rows:
            promise = promises.of(channel.pk, created_at)
            if promise and promise.answer_at < now:
                notices.answer_late(number, now=now)
                told += 1
    return told
