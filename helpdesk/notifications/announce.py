"""From one row of the outbox to one notification for each who is to hear of it, and the ways by which it goes."""

from datetime import datetime

from django.db import transaction

from escalation.models import OutboxMessage
from helpdesk.models import Channel, Delivery, Notification, NotificationSettings
from helpdesk.notifications import choices, times
from helpdesk.notifications.events import EVENTS, TOPICS
from helpdesk.notifications.inbox import forget_count
from tickets.clock import database_now
from tickets.models import User


def announce(owed: OutboxMessage) -> None:
    """Write a notification for each person who is to hear of OWED; done twice, it tells nobody twice."""
    topic = TOPICS[owed.topic]
    people = list(topic.people(owed))
    if not people:
        return
    facts, now = topic.facts(owed), database_now()
    chosen = choices.of_many(people)
    rows, deliveries = [], []
    for person in people:
        ways = choices.ways(person, topic.event, chosen[person.pk])
        if not ways:
            continue
        row = Notification(
            recipient=person,
            cause=owed,
            ticket_id=owed.ticket_id,
            topic=owed.topic,
            facts=facts,
            in_app=Channel.APP in ways,
            at=now,
        )
        rows.append(row)
        deliveries += [(row, way) for way in sorted(ways - {Channel.APP})]
    known = set(Notification.objects.filter(cause=owed).values_list("recipient_id", flat=True))
    Notification.objects.bulk_create([row for row in rows if row.recipient_id not in known])
    Delivery.objects.bulk_create(
        Delivery(
            notification=row,
            recipient=row.recipient,
            channel=way,
            created_at=now,
            next_attempt_at=when(topic.event, way, row.recipient, chosen[row.recipient_id], now),
        )
        for row, way in deliveries
        if row.recipient_id not in known
    )
    transaction.on_commit(lambda: forget_count([row.recipient_id for row in rows]))


def when(event: str, way: str, person: User, chosen: NotificationSettings, now: datetime) -> datetime:
    """Return when what happens NOW may go to PERSON this WAY; an alarm waits for nothing."""
    if EVENTS[event].alarm:
        return now
    rhythm = chosen.mail_rhythm if way == Channel.MAIL else chosen.chat_rhythm
    return times.due(now, rhythm=rhythm, chosen=chosen, zone=times.zone_of(person))
