"""Warning people while they can still act: a visit whose last part of the time has begun is told of once (P2.5).

A warning changes nothing about the ticket, so it writes no audit event and leaves the version alone: otherwise every
form that is open on the ticket would be refused as stale, at the worst moment. `warned_at` and the outbox row are its
record.
"""

from datetime import datetime

from django.db import connection

# Those who hold a row just now are passed over and met at the next look. A deadline that has passed is the climb's.
WARN = """
WITH near AS (
    SELECT id, escalation_id FROM escalation_floorvisit
    WHERE left_at IS NULL AND warned_at IS NULL AND alarmed_at IS NULL AND warn_at <= %(now)s AND due_at > %(now)s
    ORDER BY warn_at, id LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
), warned AS (
    UPDATE escalation_floorvisit v SET warned_at = %(now)s FROM near WHERE v.id = near.id
), told AS (
    INSERT INTO escalation_outboxmessage
        (ticket_id, topic, key, payload, created_at, next_attempt_at, attempts, last_error)
    SELECT escalation_id, 'nearly_late', 'nearly_late:' || id, jsonb_build_object('visit', id), %(now)s, %(now)s, 0, ''
    FROM near
)
SELECT count(*) FROM near
"""


def give(now: datetime, batch: int) -> int:
    """Owe a warning for up to BATCH visits and return for how many. Call it in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(WARN, {"now": now, "batch": batch})
        return cursor.fetchone()[0]
