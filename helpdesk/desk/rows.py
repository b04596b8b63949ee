"""What the lines of the queue say: one query, and every word ready for `lines`, which draws them."""

from collections import namedtuple
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from helpdesk import presence
from policies.responses import Promises
from policies.risks import Risk
from tickets.models import User
from tickets.models.duty import offline_after

SNIPPET = 40
"""Characters of the last public message that a line shows."""

PROMISED_SINCE = timedelta(days=30)
"""A line says by when a first answer was promised of tickets no older than this."""

# Written out because this page is asked for most: building the query anew would take longer than answering it.
_LINES = """
SELECT t.number, t.subject, t.updated_at, v.id AS stay, v.due_at AS due, v."limit" AS allowed,
    coalesce(v.floor, e.resolved_on_floor) AS floor, said.id AS said, said.text, said.author_id,
    t.created_at, t.channel_id, t.first_response_at IS NULL AND v.id IS NOT NULL AS unheard,
    coalesce(nullif(c.name, ''), c.email) AS customer, coalesce(nullif(u.name, ''), u.email, '') AS owner,
    coalesce(d.on_duty AND d.seen_at > %(seen)s, false) AS owner_here,
    ch.name AS channel, ch.slug AS way,
    EXISTS (SELECT FROM escalation_hold h WHERE h.escalation_id = t.number AND h.released_at IS NULL) AS held,
    EXISTS (SELECT FROM escalation_approval a WHERE a.escalation_id = t.number AND a.state = 'overtaken'
        AND a.decided_at IS NULL) AS owed,
    EXISTS (SELECT FROM tickets_draft w WHERE w.ticket_id = t.number AND w.author_id = %(reader)s) AS draft,
    ARRAY(SELECT r.risk FROM escalation_riskflag r WHERE r.escalation_id = t.number ORDER BY r.flagged_at, r.id)
        AS risks,
    ARRAY(SELECT g.slug FROM tickets_ticket_tags x JOIN tickets_tag g ON g.id = x.tag_id
        WHERE x.ticket_id = t.number ORDER BY g.slug) AS tags,
    (SELECT sum(orders.value) FROM (SELECT max(p.value) AS value FROM (
        SELECT o.order_value AS value, coalesce(nullif(o.order_reference, ''), o.number::text) AS reference
        FROM tickets_ticket o WHERE o.customer_id = t.customer_id AND o.number <> t.number
            AND o.created_at <= t.created_at AND o.merged_into_id IS NULL AND o.order_currency = %(currency)s
            AND (t.order_reference = '' OR o.order_reference <> t.order_reference) LIMIT 1000
        ) p GROUP BY p.reference) orders) AS worth
FROM tickets_ticket t
JOIN escalation_escalation e ON e.ticket_id = t.number
JOIN tickets_customer c ON c.id = t.customer_id
JOIN tickets_channel ch ON ch.id = t.channel_id
LEFT JOIN tickets_user u ON u.id = t.assignee_id
LEFT JOIN tickets_duty d ON d.user_id = t.assignee_id
LEFT JOIN escalation_floorvisit v ON v.escalation_id = t.number AND v.left_at IS NULL
LEFT JOIN LATERAL (SELECT m.id, left(m.body, %(snippet)s) AS text, m.author_id FROM tickets_message m
    WHERE m.ticket_id = t.number AND m.visibility = 'public' ORDER BY m.created_at DESC, m.id DESC LIMIT 1) said ON true
WHERE t.number = ANY(%(numbers)s)
"""


@dataclass(slots=True)
class Row:
    """One line. `marks` are (colour, word): hold, what is owed, the reader's draft, risks, tags.

    `answer_due` is until when a first answer is promised, while there is none; `unread` that somebody wrote since the
    reader looked at the ticket; `worth` what the customer bought before, in the shop's currency, None for nothing known
    (P4.1, as `escalation.history` adds it up).
    """

    number: int
    url: str
    subject: str
    snippet: str
    unanswered: bool
    unread: bool
    clock: str
    due: datetime | None
    window: timedelta | None
    customer: str
    worth: Decimal | None
    channel: str
    way: str
    floor: str
    marks: list[tuple[str, str]]
    owner: str
    owner_here: bool
    active: datetime
    asked: datetime
    answer_due: datetime | None


def read(numbers: list[int], now: datetime, reader: User) -> list[Row]:
    """Return the lines for NUMBERS, which READER may see, in that order."""
    if not numbers:
        return []
    with connection.cursor() as cursor:
        here = {"seen": now - offline_after(), "reader": reader.pk, "currency": settings.CURRENCY}
        cursor.execute(_LINES, {"numbers": numbers, "snippet": SNIPPET * 2} | here)
        line = namedtuple("Line", [column.name for column in cursor.description])
        found = {row[0]: line._make(row) for row in cursor.fetchall()}
    words = _words()
    promises = _promises(now) if any(line.unheard for line in found.values()) else None
    seen = presence.last_read(numbers, reader)
    return [_row(found[number], words, promises, seen.get(number), reader) for number in numbers if number in found]


def _promises(now: datetime) -> Promises:
    """Return the response times of the last weeks; a new version shows in the queue within a minute."""
    found = cache.get("queue-promises")
    if found is None:
        found = Promises(now - PROMISED_SINCE, now)
        cache.set("queue-promises", found, 60)
    return found


def _words() -> dict:
    """Translate once what all lines share."""
    address = reverse("desk:ticket", args=[0])
    return {
        "address": address.removesuffix("0/"),
        "floors": {floor: _("Floor %(n)s") % {"n": floor} for floor in (1, 2, 3)},
        "risks": {risk: str(label) for risk, label in Risk.choices},
        "held": ("held", _("on hold")),
        "owed": ("late", _("justification owed")),
        "draft": ("note", _("your draft")),
    }


def _row(line, words: dict, promises: Promises | None, seen: int | None, reader: User) -> Row:
    promise = promises.of(line.channel_id, line.created_at) if line.unheard else None
    marks = [words["held"]] if line.held else []
    marks += [words["owed"]] if line.owed else []
    marks += [words["draft"]] if line.draft else []
    marks += [("warn", words["risks"].get(risk, risk)) for risk in line.risks]
    marks += [("plain", tag) for tag in line.tags]
    return Row(
        number=line.number,
        url=f"{words['address']}{line.number}/",
        subject=line.subject,
        snippet=_one_line(line.text or ""),
        unanswered=line.stay is not None and line.author_id is None,
        unread=bool(seen and line.said and line.said > seen and line.author_id != reader.pk),
        clock="stopped" if line.stay is None else "running" if line.due else "paused",
        due=line.due,
        window=line.allowed,
        customer=line.customer,
        worth=line.worth or None,
        channel=line.channel,
        way=line.way,
        floor=words["floors"].get(line.floor, ""),
        marks=marks,
        owner=line.owner,
        owner_here=line.owner_here,
        active=line.updated_at,
        asked=line.created_at,
        answer_due=promise and promise.answer_at,
    )


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SNIPPET else f"{line[:SNIPPET].rstrip()}…"
