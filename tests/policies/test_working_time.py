"""Working time is right to the second, over daylight saving, nights, holidays and closures."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import working_time
from policies.working_time import Hours, NeverOpen, add, between, overlap

MINUTE = timedelta(minutes=1)
H9, H13, H14, H18 = 9 * 60, 13 * 60, 14 * 60, 18 * 60


def every_day(*intervals) -> tuple:
    return (tuple(intervals),) * 7


def at(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


OFFICE = Hours("Europe/Rome", ((((H9, H13), (H14, H18)),) * 5 + ((), ())))


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-16 09:00", 15, "2026-11-16 09:15"),
        ("2026-11-16 08:00", 15, "2026-11-16 09:15"),  # before opening
        ("2026-11-16 12:50", 10, "2026-11-16 13:00"),  # to the end of the morning, not to the afternoon
        ("2026-11-16 12:50", 11, "2026-11-16 14:01"),  # over the break
        ("2026-11-16 13:30", 1, "2026-11-16 14:01"),
        ("2026-11-16 17:59", 2, "2026-11-17 09:01"),  # over the night
        ("2026-11-20 17:50", 20, "2026-11-23 09:10"),  # over the weekend
        ("2026-11-21 12:00", 480, "2026-11-23 18:00"),  # one whole day
    ],
)
def test_office_hours_with_a_break(start, minutes, due):
    begun, expected = at("Europe/Rome", start), at("Europe/Rome", due)
    assert add(begun, minutes * MINUTE, OFFICE) == expected
    assert between(begun, expected, OFFICE) == minutes * MINUTE
    assert between(begun, expected - timedelta(seconds=1), OFFICE) == minutes * MINUTE - timedelta(seconds=1)


NIGHT = every_day((22 * 60, 30 * 60))
NIGHT_HOURS = [
    # The night in which the clock goes forward is shorter, the one in which it goes back is longer.
    ("Europe/Rome", "2026-03-28 22:00", "2026-03-29 06:00", 7.0),
    ("Europe/Rome", "2026-10-24 22:00", "2026-10-25 06:00", 9.0),
    ("America/New_York", "2026-03-07 22:00", "2026-03-08 06:00", 7.0),
    ("America/New_York", "2026-10-31 22:00", "2026-11-01 06:00", 9.0),
    ("Australia/Lord_Howe", "2026-10-03 22:00", "2026-10-04 06:00", 7.5),  # half an hour only
    ("Australia/Lord_Howe", "2026-04-04 22:00", "2026-04-05 06:00", 8.5),
    ("Europe/Rome", "2026-06-01 22:00", "2026-06-02 06:00", 8.0),
]


@pytest.mark.parametrize(("zone", "start", "end", "count"), NIGHT_HOURS)
def test_night_shift_lasts_as_long_as_the_night(zone, start, end, count):
    hours = Hours(zone, NIGHT)
    begun, ended = at(zone, start), at(zone, end)
    assert between(begun, ended, hours) == timedelta(hours=count)
    assert add(begun, timedelta(hours=count), hours) == ended
    assert add(begun, timedelta(hours=count, seconds=1), hours) == at(zone, end[:11] + "22:00:01")


@pytest.mark.parametrize(
    ("zone", "interval", "day", "count"),
    [
        ("Europe/Rome", (120, 180), date(2026, 3, 29), 0.0),  # 02:00 to 03:00 does not happen
        ("Europe/Rome", (90, 150), date(2026, 3, 29), 0.5),  # 01:30 to 02:30: the first half happens
        ("Europe/Rome", (150, 240), date(2026, 3, 29), 1.0),  # from 02:30, which is 03:00
        ("Europe/Rome", (120, 180), date(2026, 10, 25), 2.0),  # 02:00 to 03:00 happens twice
        ("Europe/Rome", (90, 150), date(2026, 10, 25), 1.0),  # until the first 02:30
        ("Europe/Rome", (150, 240), date(2026, 10, 25), 2.5),  # from the first 02:30
        ("America/New_York", (60, 120), date(2026, 11, 1), 2.0),
        ("America/New_York", (120, 180), date(2026, 3, 8), 0.0),
        ("Australia/Lord_Howe", (120, 150), date(2026, 10, 4), 0.0),
        ("Australia/Lord_Howe", (90, 120), date(2026, 4, 5), 1.0),
    ],
)
def test_hours_that_are_jumped_over_or_repeated(zone, interval, day, count):
    ((opened, closed),) = Hours(zone, every_day(interval)).of_day(day) or ((at(zone, "2000-01-01"),) * 2,)
    assert closed - opened == timedelta(hours=count)


def test_office_day_is_eight_hours_whatever_the_clock_did_at_night():
    for day in ("2026-03-30", "2026-10-26"):
        start = at("Europe/Rome", f"{day} 00:00")
        assert between(start, start + timedelta(hours=30), OFFICE) == timedelta(hours=8)


def test_holiday_takes_its_own_shifts_only():
    christmas = Hours("Europe/Rome", NIGHT, frozenset({date(2026, 12, 25)}))
    begun = at("Europe/Rome", "2026-12-24 23:00")
    assert add(begun, timedelta(hours=7), christmas) == at(
        "Europe/Rome", "2026-12-25 06:00"
    )  # Thursday's night goes on
    assert add(begun, timedelta(hours=8), christmas) == at("Europe/Rome", "2026-12-26 23:00")  # Friday's does not begin


def test_without_a_calendar_time_always_runs():
    start = at("Europe/Rome", "2026-10-25 00:30").astimezone(UTC)
    assert add(start, timedelta(hours=5), None) == start + timedelta(hours=5)
    assert between(start, start + timedelta(hours=5), None) == timedelta(hours=5)


def test_nothing_is_added_to_reach_now():
    closed = at("Europe/Rome", "2026-11-21 12:00")
    assert add(closed, timedelta(0), OFFICE) == closed
    assert between(closed, closed - MINUTE, OFFICE) == timedelta(0)


def test_calendar_without_open_time_says_so_and_does_not_hang():
    with pytest.raises(NeverOpen):
        add(at("Europe/Rome", "2026-11-21 12:00"), MINUTE, Hours("Europe/Rome", every_day()))


@pytest.mark.parametrize(
    ("week", "overlaps"),
    [
        ((((H9, H13), (H13, H18)),) + ((),) * 6, False),
        ((((H9, H14), (H13, H18)),) + ((),) * 6, True),
        ((((22 * 60, 30 * 60),), ((5 * 60, H9),)) + ((),) * 5, True),  # Monday's night meets Tuesday's morning
        ((((5 * 60, H9),),) + ((),) * 5 + (((22 * 60, 30 * 60),),), True),  # Sunday's night meets Monday's morning
        ((((6 * 60, H9),),) + ((),) * 5 + (((22 * 60, 30 * 60),),), False),
        ((((0, 1440),),) * 7, False),
    ],
)
def test_overlapping_hours_are_found(week, overlaps):
    assert overlap(week) is overlaps


# --- against a count minute by minute

ZONES = st.sampled_from(["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "UTC"])
STARTS = st.sampled_from(
    [
        datetime(2026, month, day, tzinfo=UTC)
        for month, day in ((3, 7), (3, 28), (4, 4), (6, 1), (10, 3), (10, 24), (10, 31))
    ]
)


@st.composite
def weeks(draw) -> tuple:
    """Up to three intervals a day, nights included, in minutes; days that overlap lose the later one."""
    week = []
    for _day in range(7):
        cuts = sorted(draw(st.lists(st.integers(0, 60), max_size=6, unique=True)))
        pairs = [(cuts[i] * 30, cuts[i + 1] * 30) for i in range(0, len(cuts) - 1, 2)]
        week.append(tuple(pair for pair in pairs if pair[0] < 1440))
    while overlap(week):
        week = [tuple((a, min(b, 1440)) for a, b in day) for day in week]
    return tuple(week)


def open_minutes(hours: Hours, start: datetime, count: int) -> list[bool]:
    """Say of each minute from START on whether it is open, by a wall clock that never runs backwards."""
    zone = ZoneInfo(hours.zone)
    seen, answers = datetime.min, []
    for n in range(-3 * 1440, count):
        local = (start + n * MINUTE).astimezone(zone).replace(tzinfo=None)
        seen = max(seen, local)
        if n >= 0:
            answers.append(_is_open(hours, seen))
    return answers


def _is_open(hours: Hours, local: datetime) -> bool:
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        minute = local.hour * 60 + local.minute + back * 1440
        if day not in hours.closed and any(begins <= minute < ends for begins, ends in hours.week[day.weekday()]):
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(zone=ZONES, week=weeks(), start=STARTS, offset=st.integers(0, 1440), closed=st.sets(st.integers(0, 3)))
def test_agrees_with_a_count_minute_by_minute(zone, week, start, offset, closed):
    dates = frozenset((start + timedelta(days=n)).date() for n in closed)
    hours, begin, span = Hours(zone, week, dates), start + offset * MINUTE, 3 * 1440
    answers = open_minutes(hours, begin, span)
    assert between(begin, begin + span * MINUTE, hours) == sum(answers) * MINUTE
    for wanted in (1, 15, 60, 600, 1500):
        if wanted <= sum(answers):
            passed = [n for n, is_open in enumerate(answers) if is_open][wanted - 1] + 1
            assert add(begin, wanted * MINUTE, hours) == begin + passed * MINUTE


@settings(max_examples=200, deadline=None)
@given(
    zone=ZONES, week=weeks().filter(any), start=STARTS, seconds=st.integers(1, 200_000), offset=st.integers(0, 500_000)
)
def test_adding_and_counting_are_each_others_inverse(zone, week, start, seconds, offset):
    hours, begin = Hours(zone, week), start + timedelta(seconds=offset)
    try:
        due = add(begin, timedelta(seconds=seconds), hours)
    except NeverOpen:
        return
    assert between(begin, due, hours) == timedelta(seconds=seconds)
    assert between(begin, due - timedelta(seconds=1), hours) == timedelta(
        seconds=seconds - 1
    )  # the earliest such instant


def test_longest_closure_is_found():
    hours = Hours("Europe/Rome", OFFICE.week, frozenset(date(2026, 12, 21) + timedelta(days=n) for n in range(14)))
    start = at("Europe/Rome", "2026-11-16 09:00").astimezone(UTC)
    assert working_time.longest_closure(hours, start, start + timedelta(days=90)) == timedelta(days=16, hours=15)
