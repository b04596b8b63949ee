"""The virtual clock, asked from both sides: what PostgreSQL and what Python take for the time."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from helpdesk.demo import day
from tests.demo.conftest import TUESDAY
from tickets.clock import database_now
from tickets.models import Customer

SOON = timedelta(milliseconds=400)


def ago(seconds: float) -> None:
    """Let the clock's row be SECONDS older, as if so much real time had gone by."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE demo.clock SET real_at = real_at - make_interval(secs => %s)", [seconds])


def both(clock) -> datetime:
    """Return the time, having checked that both sides agree to within moments."""
    clock.read()
    here, there = timezone.now(), database_now()
    assert abs(there - here) < clock.read().rate * SOON
    return there


def test_standing_clock_stands_still_on_both_sides(virtual):
    ago(3600)
    assert both(virtual) == TUESDAY == timezone.now() == database_now()


def test_running_clock_runs_at_its_rate_on_both_sides(virtual):
    virtual.change(running=True, rate=30)
    ago(10)
    assert timedelta() <= both(virtual) - (TUESDAY + timedelta(minutes=5)) < 30 * SOON


def test_another_rate_counts_from_now_on_only(virtual):
    virtual.change(running=True, rate=30)
    ago(10)
    virtual.change(rate=120)
    ago(10)
    assert timedelta() <= both(virtual) - (TUESDAY + timedelta(minutes=25)) < 240 * SOON


def test_paused_clock_keeps_what_has_gone_by_and_carries_on_from_there(virtual):
    virtual.change(running=True, rate=30)
    ago(10)
    virtual.change(running=False)
    stood = both(virtual)
    ago(600)
    assert both(virtual) == stood
    virtual.change(running=True)
    assert timedelta() <= both(virtual) - stood < 30 * SOON


def test_clock_is_set_forward_and_never_back(virtual):
    later = TUESDAY + timedelta(hours=2)
    virtual.stand_at(later)
    virtual.stand_at(TUESDAY)
    assert both(virtual) == later


@pytest.mark.parametrize("asked", ["now()", "transaction_timestamp()", "clock_timestamp()", "statement_timestamp()"])
def test_every_way_to_ask_postgresql_tells_the_virtual_time(virtual, asked):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        assert cursor.fetchone()[0] == TUESDAY


def test_columns_that_PostgreSQL_fills_in_itself_follow_too(virtual):
    customer = Customer.objects.create(email="late@example.org")
    assert Customer.objects.get(pk=customer.pk).created_at == TUESDAY
    with connection.cursor() as cursor:
        # Names are told with their schema when it is not on the path.
        cursor.execute("SET LOCAL search_path = public")
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_default ~ 'timestamp|now' AND column_default !~ 'demo[.]'"
        )
        assert cursor.fetchall() == []


def test_day_is_the_last_tuesday_and_its_hours_are_local(virtual):
    assert [day.tuesday(TUESDAY + timedelta(days=n)) for n in range(7)] == [TUESDAY] * 7
    assert day.at("14:12", TUESDAY) == TUESDAY + timedelta(hours=5, minutes=42)
    assert day.at("3 17:05", TUESDAY) == TUESDAY + timedelta(days=3, hours=8, minutes=35)
