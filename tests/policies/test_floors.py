"""Which limit holds for which ticket, calendars as policies, and changes that meet."""

from datetime import date, timedelta

import pytest

from policies import calendars, floors
from policies.floors import Scope, Terms
from policies.models import Calendar, FloorLimit
from tests.builders import T0, minutes
from tickets.models import Category, Channel
from tickets.refusals import Invalid, NotAllowed, NotFound

OFFICE = [[["09:00", "13:00"], ["14:00", "18:00"]]] * 5 + [[], []]


def office(people, *, now=T0, **changes) -> Calendar:
    fields = {"slug": "office", "name": "Office", "zone": "Europe/Rome", "week": OFFICE} | changes
    return calendars.put_in_force(calendars.draft(**fields, now=now), actor=people.policy, now=now)


def put(people, limit, *, floor=1, channel=None, category=None, calendar=None, now=T0) -> FloorLimit:
    scope = Scope(
        floor, channel and Channel.objects.get(slug=channel), category and Category.objects.get(slug=category)
    )
    return floors.put_in_force(scope, Terms(minutes(limit), calendar), actor=people.policy, now=now)


@pytest.mark.parametrize(
    ("channel", "category", "expected"),
    [
        ("web", None, 15),
        ("web", "return", 15),
        ("chat", None, 5),
        ("chat", "return", 5),
        ("web", "damage", 30),
        ("chat", "damage", 2),  # both named: nearer than either
        ("phone", "payment", 15),
        ("chat", "payment", 40),  # the category's before the channel's
    ],
)
def test_nearest_scope_holds(people, channel, category, expected):
    put(people, 5, channel="chat")
    put(people, 30, category="damage")
    put(people, 2, channel="chat", category="damage")
    put(people, 40, category="payment", channel="chat")
    limit = floors.limits(T0).find(
        1, Channel.objects.get(slug=channel).pk, category and Category.objects.get(slug=category).pk
    )
    assert limit.limit == minutes(expected)


def test_category_comes_before_channel(people):
    put(people, 5, channel="chat")
    put(people, 30, category="damage")
    found = floors.limits(T0).find(1, Channel.objects.get(slug="chat").pk, Category.objects.get(slug="damage").pk)
    assert found.limit == minutes(30)


def test_each_scope_has_versions_of_its_own(people):
    first, second = put(people, 5, channel="chat"), put(people, 6, channel="chat", now=T0 + minutes(1))
    assert (first.version, second.version) == (1, 2)
    assert floors.limits(T0 + minutes(1)).find(1).version == 1
    assert second.team == floors.limits(T0).find(1).team


def test_withdrawn_exception_gives_way_and_may_come_back(people):
    chat = Channel.objects.get(slug="chat")
    put(people, 5, channel="chat")
    floors.withdraw(Scope(1, chat), actor=people.policy, now=T0 + minutes(1))
    assert floors.limits(T0).find(1, chat.pk).limit == minutes(5)
    assert floors.limits(T0 + minutes(1)).find(1, chat.pk).limit == minutes(15)
    again = put(people, 7, channel="chat", now=T0 + minutes(2))
    assert (again.version, floors.limits(T0 + minutes(2)).find(1, chat.pk)) == (2, again)
    with pytest.raises(Invalid):
        floors.withdraw(Scope(1), actor=people.policy, now=T0)
    with pytest.raises(NotFound):
        floors.withdraw(Scope(2, chat), actor=people.policy, now=T0)


def test_only_owners_touch_clocks_and_calendars(people):
    for actor in (people.agent, people.supervisor, people.manager, people.stranger):
        with pytest.raises(NotAllowed):
            floors.put_in_force(Scope(1), Terms(minutes(5)), actor=actor, now=T0)
        with pytest.raises(NotAllowed):
            floors.withdraw(Scope(1), actor=actor, now=T0)
        with pytest.raises(NotAllowed):
            calendars.put_in_force(
                calendars.draft(slug="x", name="X", zone="UTC", week=OFFICE, now=T0), actor=actor, now=T0
            )


@pytest.mark.parametrize("share", [-0.1, 1, 1.5])
def test_warning_lies_inside_the_time(people, share):
    with pytest.raises(Invalid):
        floors.put_in_force(Scope(1), Terms(minutes(5), None, share), actor=people.policy, now=T0)


def test_holidays_are_copied_into_the_version(people):
    calendar = office(people, country="IT", subdivision="RM")
    assert "2026-12-25" in dict(calendar.holidays)
    assert date(2026, 6, 29) in calendar.hours.closed  # Rome's own saints
    assert calendar.holidays_until == date(2028, 12, 31)
    assert date(2026, 6, 29) not in office(people, slug="milan", country="IT", subdivision="MI").hours.closed


def test_new_version_of_a_calendar_brings_its_limits_along(people):
    limit = put(people, 15, calendar=office(people))
    kept = put(people, 10, floor=2)
    longer = office(people, week=[[["08:00", "20:00"]]] * 7, now=T0 + minutes(1))
    after = floors.limits(T0 + minutes(1))
    assert (longer.version, after.find(1).calendar, after.find(1).version) == (2, longer, limit.version + 1)
    assert floors.limits(T0).find(1).calendar.version == 1
    assert after.find(2) == kept


def test_limit_is_never_put_in_force_with_a_superseded_calendar(people):
    old = office(people)
    new = office(people, week=[[["08:00", "20:00"]]] * 7, now=T0 + minutes(1))
    assert put(people, 15, calendar=old, now=T0 + minutes(2)).calendar == new


BROKEN = [
    ({"slug": "No good"}, "slug"),
    ({"name": " "}, "name"),
    ({"zone": "Europe/Atlantis"}, "zone"),
    ({"week": [[]] * 6}, "week"),
    ({"week": [[["9:00", "13:00"]]] + [[]] * 6}, "week"),
    ({"week": [[["09:00", "25:00"]]] + [[]] * 6}, "week"),
    ({"week": [[["24:00", "06:00"]]] + [[]] * 6}, "week"),
    ({"week": [[["09:00", "14:00"], ["13:00", "18:00"]]] + [[]] * 6}, "week"),
    ({"week": [[["22:00", "06:00"]], [["05:00", "09:00"]]] + [[]] * 5}, "week"),
    ({"week": [[]] * 7}, "week"),  # never open
    ({"country": "XX"}, "country"),
    ({"country": "IT", "subdivision": "ZZ"}, "subdivision"),
    ({"subdivision": "RM"}, "country"),
    ({"closures": [{"from": "2026-12-24", "until": "2026-12-01", "why": "x"}]}, "closures"),
    ({"closures": [{"from": "2026-02-30", "until": "2026-12-01", "why": "x"}]}, "closures"),
    ({"closures": [{"from": "2026-12-24", "until": "2026-12-24", "why": ""}]}, "closures"),
    ({"closures": [{"from": "2026-12-24", "until": "2028-12-24", "why": "x"}]}, "closures"),
]


@pytest.mark.parametrize(("changes", "field"), BROKEN)
def test_calendar_that_cannot_work_is_refused_with_its_field(changes, field):
    with pytest.raises(Invalid) as refusal:
        calendars.draft(**({"slug": "x", "name": "X", "zone": "Europe/Rome", "week": OFFICE, "now": T0} | changes))
    assert refusal.value.field == field


def test_closures_that_add_up_to_a_year_are_refused():
    years = [
        {"from": "2027-01-01", "until": "2027-11-30", "why": "Rebuilding"},
        {"from": "2027-12-01", "until": "2028-06-30", "why": "Still rebuilding"},
    ]
    calendars.draft(slug="x", name="X", zone="UTC", week=OFFICE, closures=years[:1], now=T0)
    with pytest.raises(Invalid) as refusal:
        calendars.draft(slug="x", name="X", zone="UTC", week=OFFICE, closures=years, now=T0)
    assert refusal.value.code == "never_open"


def test_closure_counts_every_day_in_it(people):
    closed = office(people, closures=[{"from": "2026-12-24", "until": "2027-01-06", "why": "Winter break"}])
    assert len(closed.hours.closed) == 14
    assert closed.reasons[date(2027, 1, 1)] == "Winter break"


def test_version_never_begins_before_the_one_it_ends(people):
    office(people, now=T0)
    second = office(people, week=[[["08:00", "20:00"]]] * 7, now=T0 - timedelta(days=1))
    assert second.valid_from > T0
    assert Calendar.objects.filter(slug="office", valid_until__isnull=True).get() == second
