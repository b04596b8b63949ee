"""Sending what is on its way by e-mail or chat: looked at again, bundled, tried again when it fails.

A delivery says no more than its reader may know at that moment: the ticket must still be in their sight, its reason
must still hold, and they must still want to be told so. What does not hold is withdrawn, with the reason.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation import reasons
from escalation.access import visible_to
from escalation.outbox import withdraw, work_off
from helpdesk.languages import spoken
from helpdesk.mailing import mail
from helpdesk.models import Channel, Delivery, NotificationSettings
from helpdesk.notifications import chat, choices, events, special, times
from tickets.clock import database_now
from tickets.models import User

TOGETHER = 200
"""Deliveries to one person that are looked at in one go."""

BURST = 4
"""From so many on, what goes to one person at the same moment goes as one message."""


def deliver(*, limit: int = 100) -> int:
    """Send what is due, at most LIMIT messages, and return how many notifications went out.

    Safe to run in parallel: overlapping runs share the work.
    """
    rows = Delivery.objects.select_related(None)
    return work_off(rows, _send, together=lambda row: Q(recipient=row.recipient_id, channel=row.channel), limit=limit)


def _send(rows: Sequence[Delivery]) -> Sequence[Delivery]:
    """Send ROWS, which are one person's by one way, and return those that went out."""
    rows, now = list(rows)[:TOGETHER], database_now()
    reader = User.objects.get(pk=rows[0].recipient_id)
    chosen = choices.of(reader)
    found = Delivery.objects.filter(pk__in=[row.pk for row in rows]).order_by("notification_id")
    found = found.select_related("notification__cause__ticket__escalation", "notification__cause__ticket__assignee")
    standing = [row for row in found if not _settled(row, reader, chosen)]
    urgent, ready = _ready(standing, reader, chosen, now)
    if not urgent and not ready:
        return []
    with translation.override(spoken(reader.language)), timezone.override(times.zone_of(reader)):
        # Only one message is sent in a go, so that a failure never repeats what went out: alarms go first.
        if urgent:
            return _as_one(urgent, reader, chosen) if len(urgent) >= BURST else _alone(urgent[0], reader, chosen)
        rhythm = chosen.mail_rhythm if ready[0].channel == Channel.MAIL else chosen.chat_rhythm
        bundled = len(ready) >= BURST or rhythm != NotificationSettings.Rhythm.NOW
        return _as_one(ready, reader, chosen) if bundled and len(ready) > 1 else _alone(ready[0], reader, chosen)


def _settled(row: Delivery, reader: User, chosen: NotificationSettings) -> bool:
    """Withdraw what is not to be said any more; return whether it was."""
    said = row.notification
    topic = events.TOPICS.get(said.topic)
    if not reader.is_active:
        why = reasons.READER_LEFT
    elif topic is None:
        why = reasons.TOPIC_ENDED
    elif row.channel not in choices.ways(reader, topic.event, chosen):
        why = reasons.NOT_WANTED
    elif said.ticket_id and not visible_to(reader).filter(pk=said.ticket_id).exists():
        why = reasons.OUT_OF_SIGHT
    elif reader.pk not in {person.pk for person in topic.people(said.cause)}:
        why = reasons.OVERTAKEN
    else:
        return False
    withdraw([row], why)
    return True


def _ready(
    rows: list[Delivery], reader: User, chosen: NotificationSettings, now: datetime
) -> tuple[list[Delivery], list[Delivery]]:
    """Return the alarms and the others that may go now; put off what came into quiet hours or waits for a digest."""
    urgent, ready = [], []
    zone = times.zone_of(reader)
    for row in rows:
        if events.EVENTS[events.TOPICS[row.notification.topic].event].alarm:
            urgent.append(row)
            continue
        rhythm = chosen.mail_rhythm if row.channel == Channel.MAIL else chosen.chat_rhythm
        # A try that failed is not put off to the next digest.
        at = times.due(row.created_at, rhythm=rhythm, chosen=chosen, zone=zone)
        at = times.after_quiet(max(at, now), chosen, zone)
        if at > now:
            Delivery.objects.filter(pk=row.pk).update(next_attempt_at=at)
        else:
            ready.append(row)
    return urgent, ready


def _alone(row: Delivery, reader: User, chosen: NotificationSettings) -> list[Delivery]:
    """Send one notification as a message of its own."""
    said = row.notification
    words = events.words(said.topic, said.facts)
    page = settings.SITE_URL + events.address(said.topic, said.ticket_id, said.facts)
    subject = f"[#{said.ticket_id}] {words}" if said.ticket_id else words
    first = _("%(words)s: ticket %(number)s.") % {"words": words, "number": said.ticket_id} if said.ticket_id else words
    body, html = f"{first}\n\n{page}", ""
    if said.topic in special.LETTERS and row.channel == Channel.MAIL:
        body, html = special.LETTERS[said.topic](said, page)
    _hand_over([row], reader, chosen, subject, body, html)
    return [row]


def _as_one(rows: list[Delivery], reader: User, chosen: NotificationSettings) -> list[Delivery]:
    """Send several notifications as one message, a line each."""
    lines = []
    for row in rows:
        said = row.notification
        number = f"#{said.ticket_id} " if said.ticket_id else ""
        page = settings.SITE_URL + events.address(said.topic, said.ticket_id, said.facts)
        lines.append(f"{number}{events.words(said.topic, said.facts)}\n{page}")
    subject = ngettext("%(count)s notification", "%(count)s notifications", len(rows)) % {"count": len(rows)}
    _hand_over(rows, reader, chosen, subject, "\n\n".join(lines), "")
    return rows


def _hand_over(
    rows: list[Delivery], reader: User, chosen: NotificationSettings, subject: str, body: str, html: str
) -> None:
    if rows[0].channel == Channel.CHAT:
        chat.send(chosen, subject, body)
        return
    link = settings.SITE_URL + reverse("desk:notification_settings")
    footer = _("What you are told of, and how: %(link)s") % {"link": link}
    # The same rows give the same Message-ID, so a letter that is sent twice after a crash is one for its reader.
    identity = sha256(("delivery:" + ",".join(str(row.pk) for row in rows)).encode()).hexdigest()[:32]
    mail(identity, subject, f"{body}\n\n--\n{footer}\n", [reader.email], html=html)
