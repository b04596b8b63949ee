"""The review of the workflow against a count by hand, and every figure against the rows behind it (P2.6)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from escalation import approvals, assignment, conversation, moves, rules, sweep, waiting
from escalation.models import FloorVisit
from metrics import workflow
from metrics.workflow import FATES, Scope
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import Channel, Team

pytestmark = pytest.mark.django_db

WEEK = date(2026, 11, 16)
END = datetime(2026, 11, 20, 16, tzinfo=UTC)
WHY = "a reason long enough for the record"


def review(now: datetime = END, **narrowed) -> workflow.Review:
    return workflow.review(Scope(WEEK, **narrowed), now=now)


def fates(line: workflow.Line) -> dict[str, int]:
    return {fate: count for fate, count in line.fates.items() if count}


@pytest.fixture
def story(people):
    """A week with ten stays of five tickets, ended in many ways."""
    closed = open_ticket()
    moves.resolve(closed.pk, actor=people.agent, summary="Sent again.", now=T0 + minutes(6))
    climbing = open_ticket()
    sweep.sweep(as_of=T0 + minutes(16))  # Floor 1 for 16 minutes, then Floor 2
    assignment.assign(climbing.pk, actor=people.supervisor, assignee=people.specialist, now=T0 + minutes(18))
    waiting.wait(climbing.pk, actor=people.specialist, now=T0 + minutes(20))
    conversation.customer_message(climbing.pk, body="Here is the number.", now=T0 + minutes(50))
    assignment.assign(climbing.pk, actor=people.supervisor, assignee=people.specialist2, now=T0 + minutes(51))
    moves.resolve(climbing.pk, actor=people.specialist, summary="Explained.", now=T0 + minutes(53))
    later = T0 + timedelta(hours=2)
    signed = on_floor(3, people, now=later)  # person to Floor 2, approval to Floor 3, both at once
    risky = open_ticket(now=later, body="My lawyer will sue you", channel="phone")
    below = on_floor(2, people, now=later)
    moves.send_down(below.pk, actor=people.supervisor, floor=1, justification=WHY, now=later + minutes(4))
    return {"closed": closed, "climbing": climbing, "signed": signed, "risky": risky, "below": below}


def test_without_data_there_are_no_figures(people):
    found = review()
    assert (found.total.arrivals, found.total.share("closed"), found.total.mean) == (0, None, None)
    assert (found.floors, found.owners, found.requests, found.flags) == ([], [], [], [])
    assert len(found.weeks) == workflow.TREND


def test_each_stay_is_counted_once_by_what_became_of_it(story):
    found = review(now=T0 + timedelta(hours=2, minutes=5))
    by_floor = {line.key: fates(line) for line in found.floors}
    assert by_floor == {
        1: {"closed": 1, "clock": 1, "person": 2, "open": 1},
        2: {"closed": 1, "approval": 1, "down": 1},
        3: {"open": 2},
    }
    assert found.total.arrivals == 10 == FloorVisit.objects.count()
    assert {line.key: line.arrivals for line in found.ways} == {
        "arrival": 4, "approval": 1, "clock": 1, "person": 3, "rule": 1,
    }  # fmt: skip
    assert found.total.passed == 1


def test_a_ticket_reopened_at_once_was_closed_all_the_same(people):
    ticket = open_ticket()
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=T0 + minutes(5))
    conversation.customer_message(ticket.pk, body="It came back.", now=T0 + minutes(5))
    assert fates(review(now=T0 + minutes(6)).total) == {"closed": 1, "open": 1}


def test_a_week_is_read_as_things_stood_when_it_ended(people):
    ticket = open_ticket(now=END - minutes(5))
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=END + minutes(1))
    found = review(now=END + timedelta(days=2))
    assert fates(found.total) == {"open": 1}
    assert found.total.lasted == 300
    following = workflow.review(Scope(WEEK + timedelta(days=7)), now=END + timedelta(days=2))
    assert following.total.arrivals == 0
    assert [line.arrivals for line in following.weeks[:3]] == [0, 1, 0]


def test_every_figure_adds_up_to_the_stays_behind_it(story, people):
    now = T0 + timedelta(hours=2, minutes=5)
    for narrowed in ({}, {"floor": 1}, {"floor": 3}, {"channel": Channel.objects.get(slug="phone")}):
        scope = Scope(WEEK, **narrowed)
        found = workflow.review(scope, now=now)
        for table in (found.floors, found.teams, found.channels, found.ways, found.weeks):
            assert sum(line.arrivals for line in table) == found.total.arrivals
            assert sum(line.lasted for line in table) == pytest.approx(found.total.lasted)
            assert all(sum(line.fates.values()) == line.arrivals for line in table)
        behind = workflow.stays(people.legal, scope, now=now)
        assert behind.total == found.total.arrivals
        assert sum(row["lasted"] for row in behind.rows) == pytest.approx(found.total.lasted)
        for fate in FATES:
            rows = workflow.stays(people.legal, scope, fate=fate, now=now).rows
            assert len(rows) == found.total.fates[fate]
        assert workflow.stays(people.legal, scope, passed=True, now=now).total == found.total.passed
        assert sum(row.lasted for row in found.owners) == pytest.approx(found.total.lasted)
        assert sum(row.waited for row in found.owners) == pytest.approx(found.total.waited)


def test_time_is_split_by_owner_and_waiting_is_kept_apart(story, people):
    times = {(row.floor, row.owner): row for row in review(now=T0 + timedelta(hours=2, minutes=5)).owners}
    specialist = times[2, people.specialist.pk]
    assert (specialist.lasted, specialist.waited) == (33 * 60, 30 * 60)  # minutes 18 to 51, waiting 20 to 50
    assert times[2, people.specialist2.pk].lasted == 120
    assert times[1, None].lasted == (6 + 16 + 1) * 60  # closed, climbing, sent down
    assert times[2, None].lasted == (2 + 4) * 60


def test_hours_of_a_person_are_read_by_reviewers_and_by_that_person(story, people):
    found = review(now=T0 + timedelta(hours=2, minutes=5))
    assert workflow.owners_for(people.manager, found) == found.owners
    mine = workflow.owners_for(people.specialist, found)
    assert {row.owner for row in mine} == {None, people.specialist.pk, 0}
    assert {row.owner for row in workflow.owners_for(people.agent, found)} == {None, 0}
    assert sum(row.lasted for row in mine) == pytest.approx(found.total.lasted)


def test_teams_and_channels_are_those_of_the_stay(story):
    now = T0 + timedelta(hours=2, minutes=5)
    teams = {team.pk: team.slug for team in Team.objects.all()}
    assert {teams[line.key]: line.arrivals for line in review(now=now).teams} == {
        "first-line": 5, "specialists": 3, "risk-legal": 2,
    }  # fmt: skip
    phone = review(now=now, channel=Channel.objects.get(slug="phone"))
    assert [(line.key, line.arrivals) for line in phone.floors] == [(3, 1)]
    assert review(now=now, team=Team.objects.get(slug="first-line")).total.arrivals == 5


def test_flagged_risks_and_how_many_came_to_floor_3(story, people):
    now = T0 + timedelta(hours=2, minutes=5)
    dispute = open_ticket(now=now, customer_email="other@example.org")
    rules.flag(dispute.pk, actor=people.agent, risk="dispute", note="He says it never came.", now=now + minutes(1))
    found = review(now=now + minutes(2))
    assert sum(line.raised for line in found.flags) == 2
    assert sum(line.by_hand for line in found.flags) == 1
    assert {line.share for line in found.flags} == {0, 1}
    legal = next(line for line in found.flags if line.reached)
    narrowed = review(now=now + minutes(2), trigger=legal.trigger)
    assert [line.trigger for line in narrowed.flags] == [legal.trigger]
    assert narrowed.total.arrivals == 1
    assert workflow.flags(people.legal, Scope(WEEK), reached=True, now=now + minutes(2)).total == 1
    hidden = workflow.flags(people.agent, Scope(WEEK), reached=True, now=now + minutes(2))
    assert (hidden.rows, hidden.restricted) == ([], 1)


def test_requests_that_were_late_refused_or_overtaken(people):
    refused = on_floor(2, people)
    asked = moves.escalate(refused.pk, actor=people.specialist, justification=WHY, now=T0 + minutes(1))
    approvals.reject(asked.pk, actor=people.supervisor, note=WHY, now=T0 + minutes(2))
    overtaken = on_floor(2, people)
    moves.escalate(overtaken.pk, actor=people.specialist, justification=WHY, now=T0 + minutes(1))
    sweep.sweep(as_of=T0 + minutes(11))
    found = {line.kind: line for line in review(now=T0 + minutes(13)).requests}["floor_3"]
    assert (found.asked, found.late, found.owed) == (2, 1, 1)
    assert found.states == {"rejected": 1, "overtaken": 1}
    rows = workflow.requests(people.legal, Scope(WEEK), kind="floor_3", owed=True, now=T0 + minutes(13)).rows
    assert [row["ticket"] for row in rows] == [overtaken.pk]
