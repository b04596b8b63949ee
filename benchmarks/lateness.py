"""How late a ticket climbs: 10,000 deadlines spread over a minute, watched from another session."""

import json
import subprocess
import sys
import time

from django.db import connection

from benchmarks import data, web
from benchmarks.measure import Figure, percentile
from benchmarks.processes import ROOT, running
from tickets.clock import database_now

DEADLINES = 10_000
SECONDS = 60
RATE = 40
"""Requests a second beside the clock: two thirds ask for a queue, one third for a ticket."""

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


def at_once(refer: dict, numbers: list[int], schedule: str) -> list[Figure]:
    """All deadlines in one instant, with every door of the clock open as `make run` opens them."""
    commands = ESCALATOR + [[part.format(schedule=schedule) for part in command] for command in CELERY]
    figure = _watched("escalator and Celery together", commands, numbers, aim="max < 2 s", seconds=0)
    data.put_on_floor_1(refer, numbers)
    return [figure]


def beside_web(refer: dict, numbers: list[int]) -> list[Figure]:
    """The escalator while people work: the web server on the same machine answers RATE requests a second."""
    port = web.free_port()
    server = [part.format(app="helpdesk.wsgi", port=port) for part in web.SERVER]
    paths = ["/desk/", "/desk/?view=unassigned", f"/desk/tickets/{numbers[4]}/"]
    traffic = [sys.executable, "-m", "benchmarks.traffic", str(port), web.session()["Cookie"], str(RATE)]
    with running(server):
        web.connect(port).close()
        asking = subprocess.Popen([*traffic, str(SECONDS + 10), *paths], cwd=ROOT, stdout=subprocess.PIPE)
        figure = _watched(f"escalator beside {RATE} requests/s", ESCALATOR, numbers, aim="p99 < 0.2 s")
        seen = json.loads(asking.communicate(timeout=300)[0])
        if seen["failed"]:
            raise RuntimeError(f"requests failed: {seen['failed']}")
    data.put_on_floor_1(refer, numbers)  # not before the last page is read: in the middle of it nothing fits together
    taken = [seconds * 1000 for seconds in seen["taken"]]
    answers = f"p50 {percentile(taken, 50):.0f} ms, p99 {percentile(taken, 99):.0f} ms"
    return [figure, Figure(f"{seen['asked']:,} answers meanwhile", answers, note="from the planned beginning of each")]


def _measure(what: str, commands: list[list[str]], refer: dict, numbers: list[int], *, aim: str) -> Figure:
    figure = _watched(what, commands, numbers, aim=aim)
    data.put_on_floor_1(refer, numbers)
    return figure


def _watched(what: str, commands: list[list[str]], numbers: list[int], *, aim: str, seconds: float = SECONDS) -> Figure:
    with running(*commands):
        time.sleep(8)  # until they have started
        begun = database_now()
        _spread_deadlines(numbers[:DEADLINES], seconds)
        late = _watch(begun)
    span = f"in {seconds} s" if seconds else "in one instant"
    return Figure(
        f"lateness of {DEADLINES:,} deadlines {span}: {what}",
        f"p50 {percentile(late, 50):.3f} s, p99 {percentile(late, 99):.3f} s, max {max(late):.3f} s",
        aim=aim,
        note="from the deadline until another session sees the move, looking every 5 ms",
    )


def _spread_deadlines(numbers: list[int], seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalation_floorvisit v SET due_at = statement_timestamp() + interval '3 seconds'"
            " + n.place * interval '1 second' * %s / %s"
            " FROM unnest(%s) WITH ORDINALITY n (ticket, place)"
            " WHERE v.left_at IS NULL AND v.escalation_id = n.ticket",
            [seconds, DEADLINES, numbers],
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
