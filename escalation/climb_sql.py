"""Writing a batch of clock moves: one statement for escalation, visits, ticket, audit event and outbox row.

Far faster than one ORM transaction per ticket (benchmarks/README.md). The statement refuses to write over a version
that it did not read, and the counts it returns must agree, else the whole batch is rolled back.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection

from escalation.models import Approval

if TYPE_CHECKING:
    from escalation.climbs import Due

# The order matters in one place: a new visit is inserted only out of `departed`, so the old one has left before the
# constraint "one open visit per ticket" looks.
CLIMB = """
WITH climb AS (
    SELECT * FROM unnest(
        %(ticket)s::bigint[], %(visit)s::bigint[], %(state)s::text[], %(seq)s::int[], %(floor_from)s::int[],
        %(floor_to)s::int[], %(team)s::bigint[], %(policy)s::bigint[], %(seconds)s::float8[], %(due_at)s::timestamptz[],
        %(warn_at)s::timestamptz[], %(reason)s::text[], %(data)s::text[], %(previous_hash)s::text[], %(hash)s::text[]
    ) AS c (ticket, visit, state, seq, floor_from, floor_to, team, policy, seconds, due_at, warn_at, reason, data,
        previous_hash, hash)
), moved AS (
    UPDATE escalation_escalation e SET state = c.state, version = c.seq, head_hash = c.hash
    FROM climb c WHERE e.ticket_id = c.ticket AND e.version = c.seq - 1
    RETURNING e.ticket_id
), departed AS (
    UPDATE escalation_floorvisit v SET left_at = %(now)s
    FROM climb c WHERE v.id = c.visit AND v.left_at IS NULL AND v.due_at <= %(now)s
    RETURNING v.escalation_id
), entered AS (
    INSERT INTO escalation_floorvisit
        (escalation_id, floor, entered_at, due_at, warn_at, "limit", policy_id, how, failures, last_error)
    SELECT c.ticket, c.floor_to, %(now)s, c.due_at, c.warn_at, make_interval(secs => c.seconds), c.policy, 'clock', 0,
        ''
    FROM climb c JOIN departed d ON d.escalation_id = c.ticket
    RETURNING escalation_id
), owned AS (
    UPDATE tickets_ticket t
    SET assignee_id = NULL, updated_at = %(now)s,
        team_id = coalesce(c.team, (SELECT team_id FROM tickets_channel WHERE id = t.channel_id))
    FROM climb c WHERE t.number = c.ticket
    RETURNING t.number
), recorded AS (
    INSERT INTO escalation_auditevent
        (ticket_id, seq, at, by, action, floor_from, floor_to, reason, data, previous_hash, hash)
    SELECT ticket, seq, %(now)s, 'clock', 'moved', floor_from, floor_to, reason, data::jsonb, previous_hash, hash
    FROM climb
    RETURNING ticket_id
), told AS (
    INSERT INTO escalation_outboxmessage
        (ticket_id, topic, key, payload, created_at, next_attempt_at, attempts, last_error)
    SELECT ticket, 'floor_' || floor_to, 'floor_' || floor_to || ':' || ticket || ':' || seq, '{}',
        %(now)s, %(now)s, 0, ''
    FROM climb
    RETURNING ticket_id
)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM departed), (SELECT count(*) FROM entered),
    (SELECT count(*) FROM owned), (SELECT count(*) FROM recorded), (SELECT count(*) FROM told)
"""

ALARM = """
WITH alarm AS (
    SELECT * FROM unnest(
        %(ticket)s::bigint[], %(visit)s::bigint[], %(seq)s::int[], %(floor_from)s::int[], %(reason)s::text[],
        %(data)s::text[], %(previous_hash)s::text[], %(hash)s::text[]
    ) AS a (ticket, visit, seq, floor_from, reason, data, previous_hash, hash)
), moved AS (
    UPDATE escalation_escalation e SET version = a.seq, head_hash = a.hash
    FROM alarm a WHERE e.ticket_id = a.ticket AND e.version = a.seq - 1
    RETURNING e.ticket_id
), noticed AS (
    UPDATE escalation_floorvisit v SET alarmed_at = %(now)s
    FROM alarm a WHERE v.id = a.visit AND v.left_at IS NULL AND v.alarmed_at IS NULL AND v.due_at <= %(now)s
    RETURNING v.id
), recorded AS (
    INSERT INTO escalation_auditevent
        (ticket_id, seq, at, by, action, floor_from, reason, data, previous_hash, hash)
    SELECT ticket, seq, %(now)s, 'clock', 'deadline_passed', floor_from, reason, data::jsonb, previous_hash, hash
    FROM alarm
    RETURNING ticket_id
), told AS (
    INSERT INTO escalation_outboxmessage
        (ticket_id, topic, key, payload, created_at, next_attempt_at, attempts, last_error)
    SELECT ticket, 'alarm', 'alarm:' || visit, '{}', %(now)s, %(now)s, 0, ''
    FROM alarm
    RETURNING ticket_id
)
SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM noticed), (SELECT count(*) FROM recorded),
    (SELECT count(*) FROM told)
"""


def write_climbs(due: "list[Due]", now: datetime) -> None:
    """Write tickets that moved up one floor."""
    if not due:
        return
    _execute(
        CLIMB,
        due,
        now,
        state=[d.state for d in due],
        floor_to=[d.event["floor_to"] for d in due],
        team=[d.arrival.limit.team_id for d in due],
        policy=[d.arrival.limit.pk for d in due],
        seconds=[d.arrival.limit.limit.total_seconds() for d in due],
        due_at=[d.arrival.deadline.due_at for d in due],
        warn_at=[d.arrival.deadline.warn_at for d in due],
    )
    overtaken = [pk for d in due for pk in d.overtaken]
    if overtaken:
        Approval.objects.filter(pk__in=overtaken).update(state=Approval.State.OVERTAKEN)


def write_alarms(due: "list[Due]", now: datetime) -> None:
    """Write tickets whose time on Floor 3 has passed."""
    if due:
        _execute(ALARM, due, now)


def _execute(statement: str, due: "list[Due]", now: datetime, **columns: list) -> None:
    events = [d.event for d in due]
    for name in ("ticket", "seq", "floor_from", "reason", "previous_hash"):
        columns[name] = [event[name] for event in events]
    columns |= {
        "visit": [d.visit.pk for d in due],
        "data": [json.dumps(event["data"]) for event in events],
        "hash": [d.hash for d in due],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, columns | {"now": now})
        counts = cursor.fetchone()
    if set(counts) != {len(due)}:
        raise IntegrityError(f"a batch of {len(due)} clock moves wrote {counts} rows; nothing of it is kept")
