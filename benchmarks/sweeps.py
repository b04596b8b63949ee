"""The sweep: looking when nothing is due, and climbing 10,000 tickets that are due at once."""

import statistics
import time

from django.db import connection, transaction

from benchmarks import data
from benchmarks.measure import Figure, milliseconds, spread
from escalation.sweep import BATCH, next_due, sweep

DUE = 10_000
ROUNDS = 3

RAW_CLIMB = """
WITH due AS (
    SELECT v.id, v.escalation_id, e.version, e.head_hash
    FROM escalation_floorvisit v JOIN escalation_escalation e ON e.ticket_id = v.escalation_id
    WHERE v.left_at IS NULL AND v.alarmed_at IS NULL AND v.due_at <= statement_timestamp()
    ORDER BY v.due_at, v.id LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
), sealed AS (
    SELECT *, encode(sha256(convert_to(escalation_id || '|' || version + 1 || '|clock|moved|1|2|' || now() || '|'
        || head_hash, 'UTF8')), 'hex') AS hash FROM due
), moved AS (
    UPDATE escalation_escalation e SET state = 'floor_2', version = s.version + 1, head_hash = s.hash
    FROM sealed s WHERE e.ticket_id = s.escalation_id
), departed AS (
    UPDATE escalation_floorvisit v SET left_at = statement_timestamp() FROM sealed s WHERE v.id = s.id
    RETURNING v.escalation_id
), entered AS (
    INSERT INTO escalation_floorvisit
        (escalation_id, floor, entered_at, due_at, "limit", policy_id, how, failures, last_error)
    SELECT escalation_id, 2, statement_timestamp(), statement_timestamp() + interval '10 minutes',
        interval '10 minutes', %(policy)s, 'clock', 0, '' FROM departed
), owned AS (
    UPDATE tickets_ticket t SET assignee_id = NULL, updated_at = statement_timestamp(), team_id = %(team)s
    FROM sealed s WHERE t.number = s.escalation_id
), recorded AS (
    INSERT INTO escalation_auditevent
        (ticket_id, seq, at, by, action, floor_from, floor_to, reason, data, previous_hash, hash)
    SELECT escalation_id, version + 1, statement_timestamp(), 'clock', 'moved', 1, 2, 'Not resolved in time.',
        jsonb_build_object('how', 'clock', 'visit', id), head_hash, hash FROM sealed
), told AS (
    INSERT INTO escalation_outboxmessage
        (ticket_id, topic, key, payload, created_at, next_attempt_at, attempts, last_error)
    SELECT escalation_id, 'floor_2', 'floor_2:' || escalation_id || ':' || version + 1, '{}', now(), now(), 0, ''
    FROM sealed
)
SELECT count(*) FROM sealed
"""


def empty(size: int) -> list[Figure]:
    """Time the look and the whole sweep while nothing is due."""
    look = milliseconds(next_due, times=1000)
    whole = milliseconds(sweep, times=500)
    return [
        Figure(f"look for the next deadline, {size:,} tickets", spread(look), aim="< 1 ms"),
        Figure(f"empty sweep, {size:,} tickets", spread(whole), aim="< 1 ms", note="with its heartbeat"),
    ]


def burst(refer: dict, numbers: list[int], size: int) -> list[Figure]:
    """Let 10,000 fall due at once: by the sweep, and by one raw statement per batch, in turns."""
    swept, raw = [], []
    for _ in range(ROUNDS):
        _make_due(numbers[:DUE])
        begun = time.perf_counter()
        done = sweep()
        swept.append(time.perf_counter() - begun)
        assert done == DUE, done
        _make_due(numbers[DUE:])
        begun = time.perf_counter()
        done = _raw_sweep(refer)
        raw.append(time.perf_counter() - begun)
        assert done == len(numbers) - DUE, done
        data.put_on_floor_1(refer, numbers)
    ours, theirs = statistics.median(swept), statistics.median(raw)
    return [
        Figure(
            f"{DUE:,} due at once, {size:,} tickets",
            f"{ours:.2f} s ({DUE / ours:,.0f}/s)",
            beside=f"{theirs:.2f} s ({DUE / theirs:,.0f}/s)",
            aim="< 2 s",
            note="chained audit and outbox included; raw: one SQL statement per batch of 500",
        )
    ]


def _make_due(numbers: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalation_floorvisit SET due_at = statement_timestamp() - interval '1 second'"
            " WHERE left_at IS NULL AND escalation_id = ANY(%s)",
            [numbers],
        )


def _raw_sweep(refer: dict) -> int:
    done = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(RAW_CLIMB, refer | {"batch": BATCH})
            count = cursor.fetchone()[0]
        done += count
        if count < BATCH:
            return done
