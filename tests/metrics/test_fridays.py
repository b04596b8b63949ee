"""Weeks end on Friday 17:00 local time, also where and when the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from metrics import fridays
from tickets.refusals import Invalid

W47 = date(2026, 11, 16)


def test_a_week_is_named_by_iso_8601():
    assert fridays.parse("2026-W47") == W47
    assert fridays.name(W47) == "2026-W47"
    assert fridays.parse("2026-W53") == date(2026, 12, 28)
    assert fridays.name(date(2027, 1, 4)) == "2027-W01"


@pytest.mark.parametrize(
    "text", ["", "2026-W54", "2027-W53", "2026-47", "2026-W7", "2026-W00", "x2026-W01", "２０２６-W01"]
)
def test_what_is_not_a_week_is_refused(text):
    with pytest.raises(Invalid):
        fridays.parse(text)


@pytest.mark.parametrize(
    ("zone", "week", "ends", "hours"),
    [
        ("Europe/Rome", "2026-W47", "2026-11-20T16:00", 168),
        ("Europe/Rome", "2026-W43", "2026-10-23T15:00", 168),
        ("Europe/Rome", "2026-W44", "2026-10-30T16:00", 169),
        ("Europe/Rome", "2027-W13", "2027-04-02T15:00", 167),
        ("America/New_York", "2026-W45", "2026-11-06T22:00", 169),
        ("America/New_York", "2027-W11", "2027-03-19T21:00", 167),
        ("Australia/Lord_Howe", "2026-W40", "2026-10-02T06:30", 168),
        ("Australia/Lord_Howe", "2026-W41", "2026-10-09T06:00", 167.5),
        ("Australia/Lord_Howe", "2027-W14", "2027-04-09T06:30", 168.5),
    ],
)
def test_a_week_ends_at_17_local_time_whatever_the_clocks_do(settings, zone, week, ends, hours):
    settings.ORGANISATION_TIME_ZONE = zone
    monday = fridays.parse(week)
    end = fridays.due(monday)
    assert end == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert end - fridays.due(monday - fridays.WEEK) == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_every_instant_belongs_to_exactly_one_week(settings, zone):
    settings.ORGANISATION_TIME_ZONE = zone
    instant = datetime(2026, 9, 1, tzinfo=UTC)
    while instant < datetime(2027, 5, 1, tzinfo=UTC):
        week = fridays.of(instant)
        assert fridays.due(week - fridays.WEEK) <= instant < fridays.due(week)
        instant += timedelta(hours=7, minutes=13)


def test_the_border_itself_belongs_to_the_next_week():
    end = fridays.due(W47)
    assert fridays.of(end - timedelta(microseconds=1)) == W47
    assert fridays.of(end) == W47 + fridays.WEEK


def test_weekday_and_hour_are_settings(settings):
    settings.SCORECARD_WEEKDAY, settings.SCORECARD_HOUR, settings.ORGANISATION_TIME_ZONE = 0, 8, "UTC"
    assert fridays.due(W47) == datetime(2026, 11, 16, 8, tzinfo=UTC)
