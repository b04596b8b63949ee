"""How late a ticket climbs: 10,000 deadlines spread over a minute, watched from another session."""

import time

from django.db import connection

from benchmarks import data
from benchmarks.measure import Figure, percentile
from benchmarks.processes import running
from tickets.clock import database_now

DEADLINES = 10_000
SECONDS = 60

ESCALATOR = [["manage.py", "escalator"]]
CELERY = [
    "-m celery -A helpdesk worker -Q deadlines -c 1 -n deadlines@%h --without-gossip --without-mingle".split(),
    "-m celery -A helpdesk beat --pidfile= -s {schedule}".split(),
]


def by_escalator(refer: dict, numbers: list[int]) -> list[Figure]:
    return [_measure("escalator process alone", ESCALATOR, refer, numbers, aim="p99 < 0.1 s")]


def by_celery(refer: dict, numbers: list[int], schedule: str) -> list[Figure]:
    commands = [[part.format(schedule=schedule) for part in command] for command in CELERY]
    return [_measure("Celery beat and worker alone", commands, refer, numbers, aim="p99 < 1.1 s")]


def _measure(what: str, commands: list[list[str]], refer: dict, numbers: list[int], *, aim: str) -> Figure:
    with running(*commands):
        time.sleep(8)  # until they have started
        begun = database_now()
        _spread_deadlines(numbers[:DEADLINES])
        late = _watch(begun)
    data.put_on_floor_1(refer, numbers)
    return Figure(
        f"lateness of {DEADLINES:,} deadlines in {SECONDS} s: {what}",
        f"p50 {percentile(late, 50):.3f} s, p99 {percentile(late, 99):.3f} s, max {max(late):.3f} s",
        aim=aim,
        note="from the deadline until another session sees the move, looking every 5 ms",
    )


def _spread_deadlines(numbers: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalation_floorvisit v SET due_at = statement_timestamp() + interval '3 seconds'"
            " + n.place * interval '1 second' * %s / %s"
            " FROM unnest(%s) WITH ORDINALITY n (ticket, place)"
            " WHERE v.left_at IS NULL AND v.escalation_id = n.ticket",
            [SECONDS, DEADLINES, numbers],
        )


def _watch(begun) -> list[float]:
    """Return the lateness of each move in seconds, by when this session first saw it."""
    late: dict[int, float] = {}
    give_up = time.monotonic() + SECONDS + 30
    last = _last_event()
    while len(late) < DEADLINES and time.monotonic() < give_up:
        with connection.cursor() as cursor:
            # A batch gets its ids at once and commits at once, so a small step back catches those still under way.
            cursor.execute(
                "SELECT id, extract(epoch FROM statement_timestamp() - (data->>'due')::timestamptz)"
                " FROM escalation_auditevent WHERE id > %s AND by = 'clock' AND at >= %s",
                [last - 2000, begun],
            )
            for event, seconds in cursor.fetchall():
                late.setdefault(event, float(seconds))
                last = max(last, event)
        time.sleep(0.005)
    if len(late) < DEADLINES:
        raise RuntimeError(f"only {len(late)} of {DEADLINES} tickets climbed")
    return list(late.values())


def _last_event() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM escalation_auditevent")
        return cursor.fetchone()[0]
