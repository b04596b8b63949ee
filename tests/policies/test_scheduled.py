"""A change that is published for a later day: what holds until then, and what comes before it after all."""

from datetime import timedelta

import pytest

from policies import book, calendars, floors, matrix, proposals
from policies.floors import Scope, Terms
from policies.models import DecisionRule, FloorLimit, PolicyDraft, ResponseTime
from tests.builders import T0, minutes
from tests.policies.test_floors import OFFICE, office, put
from tickets.refusals import Conflict

CLOCKS, PROMISES, CELLS = book.kind("floor-limits"), book.kind("response-times"), book.kind("decision-matrix")
MONDAY = T0 + timedelta(days=7)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)


def publish(people, kind, written, *, at=None, now=T0):
    draft = proposals.begin(kind, written, actor=people.policy, now=now)
    return proposals.publish(draft.pk, actor=people.admin, revision=1, now=now, at=at)


def withdraw(people, kind, version, *, at=None, now=T0):
    draft = proposals.begin_end(kind, version.pk, actor=people.policy, now=now)
    return proposals.publish(draft.pk, actor=people.admin, revision=1, now=now, at=at)


def answers(first: int) -> dict:
    return {"first_response": f"PT{first}M", "resolution": "P1D"}


def held(at, model=ResponseTime, column="first_response", **of) -> list:
    found = model.objects.in_force(at).filter(**of).values_list(column, flat=True)
    return [value / minutes(1) if isinstance(value, timedelta) else value for value in found]


def test_what_is_to_come_can_be_replaced_by_something_that_comes_before_it(people):
    publish(people, PROMISES, answers(30), at=MONDAY)
    sooner = publish(people, PROMISES, answers(20), at=T0 + DAY, now=T0 + minutes(1))
    assert (held(T0 + DAY - TICK), held(T0 + DAY), held(MONDAY)) == ([8], [20], [20])
    never = ResponseTime.objects.get(version=2)
    assert never.was_taken_back and sooner.version == 3 and not sooner.was_taken_back
    at_once = publish(people, PROMISES, answers(10), now=T0 + DAY + minutes(2))
    assert at_once.valid_from == T0 + DAY + minutes(2) and held(MONDAY) == [10]


def test_what_comes_after_what_is_to_come_leaves_it_its_days(people):
    publish(people, PROMISES, answers(30), at=MONDAY)
    publish(people, PROMISES, answers(5), at=MONDAY + DAY)
    assert (held(MONDAY - TICK), held(MONDAY), held(MONDAY + DAY)) == ([8], [30], [5])


def test_to_withdraw_what_is_to_come_takes_back_only_that(people):
    coming = publish(people, PROMISES, answers(30), at=MONDAY)
    withdraw(people, PROMISES, coming, now=T0 + minutes(2))
    coming.refresh_from_db()
    assert coming.was_taken_back and held(MONDAY) == [8] and held(MONDAY + 99 * DAY) == [8]
    first = ResponseTime.objects.get(version=1)
    assert first.valid_until is None
    with pytest.raises(Conflict, match="last one"):
        proposals.begin_end(PROMISES, first.pk, actor=people.policy, now=T0)
    # A rule that is new and still to come is gone with it.
    new = publish(people, PROMISES, answers(3) | {"channel": "phone"}, at=MONDAY)
    withdraw(people, PROMISES, new, now=T0 + minutes(5))
    assert held(MONDAY, channel__slug="phone") == []


def test_a_withdrawal_for_a_later_day_can_be_overtaken(people):
    cell = DecisionRule.objects.get(slug="damage-refund")
    withdraw(people, CELLS, cell, at=MONDAY)
    assert held(MONDAY - TICK, DecisionRule, "version", slug="damage-refund") == [1]
    assert held(MONDAY, DecisionRule, "version", slug="damage-refund") == []
    publish(people, CELLS, CELLS.write(cell) | {"up_to": "80"}, at=T0 + DAY)
    for at, version in ((T0 + DAY - TICK, 1), (T0 + DAY, 2), (MONDAY, 2)):
        assert held(at, DecisionRule, "version", slug="damage-refund") == [version]


def test_what_one_person_puts_in_force_at_once_holds_at_once_and_until_what_two_have_scheduled(people):
    own = FloorLimit.objects.get(floor=1)
    publish(people, CLOCKS, CLOCKS.write(own) | {"limit": "PT30M"}, at=MONDAY)
    urgent = floors.change_limit(floor=1, limit=minutes(20), actor=people.policy, now=T0 + DAY)
    assert (urgent.valid_from, urgent.valid_until, urgent.version) == (T0 + DAY, MONDAY, 3)
    for at, limit in ((T0 + DAY - TICK, 15), (T0 + DAY, 20), (MONDAY - TICK, 20), (MONDAY, 30)):
        assert held(at, FloorLimit, "limit", floor=1) == [limit], at
    again = floors.put_in_force(Scope(1), Terms(minutes(25)), actor=people.policy, now=T0 + 2 * DAY)
    assert (again.valid_until, held(T0 + 2 * DAY, FloorLimit, "limit", floor=1)) == (MONDAY, [25])
    assert held(MONDAY, FloorLimit, "limit", floor=1) == [30]

    signed = {"kind": "decision", "roles": ["legal"], "signatures": 2}
    publish(people, book.kind("approval-matrix"), signed, at=MONDAY)
    matrix.change(kind="decision", signers=["executive"], actor=people.policy, now=T0 + DAY)
    asked = [matrix.Matrix(at).rule("decision", floor=1).roles for at in (T0, T0 + DAY, MONDAY)]
    assert asked[1:] == [["executive"], ["legal"]] and "supervisor" in asked[0]


def test_a_calendar_that_changes_changes_for_the_clock_of_today_and_for_the_one_to_come(people):
    put(people, 15, calendar=office(people))
    own = FloorLimit.objects.get(floor=1, valid_until=None)
    publish(people, CLOCKS, CLOCKS.write(own) | {"limit": "PT30M"}, at=MONDAY, now=T0 + minutes(1))
    longer = office(people, week=[[["08:00", "20:00"]]] * 7, now=T0 + DAY)
    for at, limit in ((T0 + DAY, 15), (MONDAY, 30)):
        found = FloorLimit.objects.in_force(at).get(floor=1)
        assert (found.calendar, found.limit) == (longer, minutes(limit)), at
    assert FloorLimit.objects.in_force(T0 + DAY - TICK).get(floor=1).calendar.week == OFFICE
    assert calendars.named("office") == longer


def test_the_pages_show_what_holds_what_comes_and_what_goes(people, client):
    client.force_login(people.policy)
    coming = publish(people, PROMISES, answers(45), at=T0 + 400 * DAY, now=T0 + 60 * DAY)
    page = client.get("/desk/policies/response-times/").content.decode()
    assert "8 min" in page and "45 min" in page and "from " in page and "until " in page
    old = ResponseTime.objects.get(version=1)
    shown = client.get(f"/desk/policies/response-times/{old.pk}/").content.decode()
    assert "Version 2 is published for" in shown
    assert (
        "takes back the coming version only"
        in client.get(f"/desk/policies/response-times/{coming.pk}/").content.decode()
    )
    assert client.post(f"/desk/policies/response-times/{coming.pk}/end/").status_code == 302
    assert PolicyDraft.objects.get().ends
