"""The clock keeps its promise when its processes, its broker or its connections are taken away."""

import random
import time

import pytest
import redis
from django.conf import settings
from django.db import connection

from escalation import audit, sweep
from escalation.models import AuditEvent, FloorVisit, OutboxMessage, SweepHeartbeat
from tests.builders import minutes, open_ticket
from tests.processes.conftest import wait_for
from tickets.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)


def due_soon(count: int, *, spread: float) -> None:
    """Open COUNT tickets whose deadlines fall into the next SPREAD seconds, from two seconds ago on."""
    now = database_now()
    for n in range(count):
        began = now - minutes(15) + minutes((n * spread / count - 2) / 60)
        open_ticket(now=began, customer_email=f"c{n}@example.org")


def climbed() -> int:
    return FloorVisit.objects.filter(floor=2).count()


def exactly_once(count: int) -> None:
    """Every ticket climbed once, with one event and one outbox row each, and the trail is whole."""
    assert FloorVisit.objects.filter(floor=2).count() == count
    assert FloorVisit.objects.filter(floor=1, left_at__isnull=False).count() == count
    assert AuditEvent.objects.filter(action="moved").count() == count
    assert OutboxMessage.objects.filter(topic="floor_2").count() == count
    assert not list(audit.verify())


def test_escalator_alone_climbs_what_is_due(people, crew):
    crew.escalator()
    due_soon(10, spread=1)
    wait_for(lambda: climbed() == 10)
    exactly_once(10)
    assert SweepHeartbeat.objects.get(door="escalator").climbed == 10


def test_celery_alone_climbs_what_is_due(people, crew):
    crew.worker()
    crew.beat()
    due_soon(10, spread=1)
    wait_for(lambda: climbed() == 10, seconds=30)
    exactly_once(10)
    assert SweepHeartbeat.objects.filter(door="celery").exists()


def test_two_beats_two_escalators_and_four_workers_change_nothing(people, crew):
    for _n in range(2):
        crew.beat()
        crew.escalator()
    for _n in range(4):
        crew.worker()
    due_soon(120, spread=6)
    wait_for(lambda: climbed() == 120, seconds=40)
    exactly_once(120)


def test_processes_killed_in_the_middle_lose_nothing_and_do_nothing_twice(people, crew):
    chance = random.Random(7)
    due_soon(150, spread=4)
    for _round in range(6):
        doomed = crew.escalator()
        time.sleep(1.2 + chance.random() * 0.4)  # long enough to start and to be in the midst of a batch
        crew.kill(doomed)
    crew.escalator()
    wait_for(lambda: climbed() == 150)
    exactly_once(150)


def test_connections_cut_by_the_server_are_taken_up_again(people, crew):
    crew.escalator()
    wait_for(lambda: sweep.age_of_last_sweep() is not None)
    due_soon(60, spread=4)
    for _round in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.7)
    wait_for(lambda: climbed() == 60)
    exactly_once(60)


def test_flushed_broker_costs_no_effect(people, crew):
    crew.worker()
    crew.beat()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    due_soon(30, spread=4)
    for _round in range(4):
        broker.flushdb()
        time.sleep(0.5)
    wait_for(lambda: climbed() == 30, seconds=30)
    exactly_once(30)


def test_mail_leaves_through_the_worker(people, crew):
    open_ticket(now=None)
    crew.worker(queue="celery")
    crew.beat()
    wait_for(lambda: OutboxMessage.objects.filter(sent_at__isnull=False).exists(), seconds=30)
    (letter,) = (crew.folder / "mail").iterdir()
    assert "We have received your request" in letter.read_text()
