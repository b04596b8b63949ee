"""Clocks that run in opening hours: entering, pausing, climbing, explained and foreseen."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalation import conversation, deadlines, explain, moves, sweep, visits, waiting, what_if
from escalation.explain import Kind
from escalation.models import AuditEvent, FloorVisit, Pause
from policies import floors
from policies.floors import Scope, Terms
from policies.models import Calendar, FloorLimit
from tests.builders import T0, minutes, on_floor, open_ticket, stand, visit
from tests.policies.test_floors import OFFICE, office, put
from tickets.models import Category, Channel
from tickets.refusals import NotAllowed


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Rome")).astimezone(UTC)


@pytest.fixture
def hours(people) -> Calendar:
    """Floor 1 works 15 minutes in office hours, in Rome."""
    calendar = office(people, now=T0 - timedelta(days=300))
    put(people, 15, calendar=calendar, now=T0 - timedelta(days=299))
    return calendar


@pytest.mark.parametrize(
    ("arrival", "due"),
    [
        ("2026-11-16 10:00", "2026-11-16 10:15"),
        ("2026-11-16 12:50", "2026-11-16 14:05"),
        ("2026-11-20 17:59", "2026-11-23 09:14"),
        ("2026-11-21 12:00", "2026-11-23 09:15"),
    ],
)
def test_complaint_after_hours_has_its_time_when_people_are_there(people, hours, arrival, due):
    ticket = open_ticket(now=rome(arrival))
    assert visit(ticket).due_at == rome(due)
    assert sweep.sweep(as_of=rome(due) - timedelta(seconds=1)) == 0
    assert sweep.sweep(as_of=rome(due)) == 1


def test_pause_over_closing_time_gives_back_its_working_part(people, hours):
    ticket = open_ticket(now=rome("2026-11-16 17:50"))
    waiting.wait(ticket.pk, actor=people.agent, now=rome("2026-11-16 17:55"))
    assert visits.time_left(visit(ticket), rome("2026-11-17 08:00")) == minutes(10)
    conversation.customer_message(ticket.pk, body="Here it is.", now=rome("2026-11-17 09:30"))
    assert visit(ticket).due_at == rome("2026-11-17 09:40")


def test_pause_outside_opening_hours_changes_nothing(people, hours):
    ticket = open_ticket(now=rome("2026-11-16 17:50"))
    before = visit(ticket).due_at
    waiting.wait(ticket.pk, actor=people.agent, now=rome("2026-11-16 19:00"))
    assert visit(ticket).due_at is None
    waiting.resume(ticket.pk, actor=people.agent, now=rome("2026-11-17 07:00"))
    assert visit(ticket).due_at == before == rome("2026-11-17 09:05")


def test_the_sweep_reckons_the_next_floor_in_its_calendar_too(people, hours):
    put(people, 10, floor=2, calendar=hours, now=T0 - timedelta(days=299))
    ticket = open_ticket(now=rome("2026-11-16 17:43"))
    assert sweep.sweep(as_of=rome("2026-11-16 17:58")) == 1
    climbed = visit(ticket)
    assert (climbed.floor, climbed.due_at) == (2, rome("2026-11-17 09:08"))
    assert climbed.policy.calendar == hours
    cited = AuditEvent.objects.filter(ticket=ticket).last().data["policy"]
    assert cited == {"floor_limit": 2, "version": 2, "seconds": 600, "calendar": {"slug": "office", "version": 1}}
    assert climbed.warn_at == rome("2026-11-17 09:04:40")


def test_the_sweep_knows_what_tickets_are_about(people):
    put(people, 3, floor=2, channel="chat")
    put(people, 30, floor=2, category="damage")
    damage = Category.objects.get(slug="damage")
    plain, chat = open_ticket(), open_ticket(channel="chat", customer_email="b@example.org")
    broken = open_ticket(channel="chat", category=damage, customer_email="c@example.org")
    late = T0 + minutes(15)
    assert sweep.sweep(as_of=late) == 3
    assert [visit(t).due_at - late for t in (plain, chat, broken)] == [minutes(10), minutes(3), minutes(30)]


def test_scope_holds_from_the_first_floor_on(people):
    put(people, 4, channel="chat")
    chat = open_ticket(channel="chat")
    assert visit(chat).due_at == T0 + minutes(4)
    assert AuditEvent.objects.get(ticket=chat).data["policy"]["channel"] == "chat"
    assert visit(open_ticket(channel="phone")).due_at == T0 + minutes(15)


def test_stays_that_have_begun_keep_calendar_and_limit(people, hours):
    ticket = open_ticket(now=rome("2026-11-16 17:55"))
    office(people, week=[[["00:00", "24:00"]]] * 7, now=rome("2026-11-16 17:56"))
    later = open_ticket(now=rome("2026-11-16 17:57"), customer_email="b@example.org")
    assert visit(ticket).due_at == rome("2026-11-17 09:10")
    assert visit(later).due_at == rome("2026-11-16 18:12")
    waiting.wait(ticket.pk, actor=people.agent, now=rome("2026-11-16 17:58"))
    waiting.resume(ticket.pk, actor=people.agent, now=rome("2026-11-16 17:59"))
    assert visit(ticket).due_at == rome("2026-11-17 09:11")


# --- explaining


def kinds(found: explain.Explanation) -> list[tuple]:
    return [(step.kind, step.counted, step.used) for step in found.steps]


def test_explanation_walks_from_entry_to_deadline(people, hours):
    ticket = open_ticket(now=rome("2026-11-20 17:50"))
    waiting.wait(ticket.pk, actor=people.agent, reason="Photo needed", now=rome("2026-11-20 17:52"))
    waiting.resume(ticket.pk, actor=people.agent, now=rome("2026-11-20 17:56"))
    found = explain.explain(visit(ticket))
    zero = timedelta(0)
    assert kinds(found) == [
        (Kind.COUNTED, minutes(2), minutes(2)),
        (Kind.PAUSED, zero, minutes(2)),
        (Kind.COUNTED, minutes(4), minutes(6)),
        (Kind.CLOSED, zero, minutes(6)),
        (Kind.COUNTED, minutes(9), minutes(15)),
    ]
    assert found.due_at == rome("2026-11-23 09:09") and found.agrees
    assert (found.policy.floor, found.calendar) == (1, hours)
    (stop,) = found.stops
    assert (stop.pause.by, stop.pause.reason, stop.given_back) == (people.agent, "Photo needed", minutes(4))


def test_explanation_names_the_holiday(people):
    calendar = office(people, closures=[{"from": "2026-11-17", "until": "2026-11-17", "why": "Stocktaking"}])
    put(people, 15, calendar=calendar)
    ticket = open_ticket(now=rome("2026-11-16 17:50"))
    assert [step.why for step in explain.explain(visit(ticket)).steps] == ["", "Stocktaking", ""]


def test_explanation_of_a_clock_that_stands_still_says_what_is_left(people, hours):
    ticket = open_ticket(now=rome("2026-11-16 10:00"))
    waiting.wait(ticket.pk, actor=people.agent, now=rome("2026-11-16 10:04"))
    found = explain.explain(visit(ticket))
    assert (found.due_at, found.left, found.agrees) == (None, minutes(11), True)
    moves.resolve(ticket.pk, actor=people.agent, summary="Solved.", now=rome("2026-11-16 11:00"))
    found = explain.explain(FloorVisit.objects.get(escalation_id=ticket.pk))
    assert (found.due_at, found.left, found.agrees) == (None, minutes(11), True)


def test_explanation_without_calendar_is_one_stretch(people):
    found = explain.explain(visit(open_ticket()))
    assert kinds(found) == [(Kind.COUNTED, minutes(15), minutes(15))] and found.agrees
    assert found.calendar is None


WEEKS = st.sampled_from(
    [
        OFFICE,
        [[["22:00", "06:00"]]] * 7,
        [[["00:00", "24:00"]]] * 7,
        [[["08:00", "08:05"], ["08:30", "12:00"], ["18:00", "02:30"]]] * 6 + [[]],
    ]
)
ZONES = st.sampled_from(["Europe/Rome", "America/New_York", "Australia/Lord_Howe"])
DAYS = st.sampled_from([datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (10, 3), (10, 24))])
CLOSURES = st.sampled_from([[], [{"from": "2026-03-29", "until": "2026-03-30", "why": "Move"}]])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    week=WEEKS | st.none(),
    zone=ZONES,
    day=DAYS,
    offset=st.integers(0, 200_000),
    limit=st.integers(1, 100_000),
    waits=st.lists(st.tuples(st.floats(0, 0.99), st.integers(0, 90_000)), max_size=4),
    closures=CLOSURES,
)
def test_explanation_agrees_with_the_clock_whatever_happened(people, week, zone, day, offset, limit, waits, closures):
    with transaction.atomic():
        _explain_one(people, week, zone, day, offset, limit, waits, closures)
        transaction.set_rollback(True)  # nothing of it can be deleted


def _explain_one(people, week, zone, day, offset, limit, waits, closures) -> None:
    calendar = None
    if week is not None:
        calendar = Calendar.objects.create(slug="any", name="Any", zone=zone, week=week, closures=closures, version=99)
        Calendar.objects.filter(pk=calendar.pk).update(valid_until=T0)
    policy = FloorLimit.objects.create(
        floor=1, limit=timedelta(seconds=limit), calendar=calendar, version=99, valid_from=day, valid_until=day
    )
    ticket = open_ticket()
    entered = day + timedelta(seconds=offset)
    stay = visit(ticket)
    stay.policy, stay.limit, stay.entered_at = policy, policy.limit, entered
    stay.due_at = visits.deadline(stay).due_at
    at = entered
    for share, seconds in waits:  # each pause begins somewhere before the deadline that holds by then
        at += (stay.due_at - at) * share
        begun, at = at, at + timedelta(seconds=seconds)
        Pause.objects.create(visit=stay, started_at=begun, ended_at=at, by=people.agent, reason="x")
        stay = FloorVisit(**{f.attname: getattr(stay, f.attname) for f in FloorVisit._meta.concrete_fields})
        stay.due_at, stay.warn_at = visits.deadline(stay)
        assert stay.warn_at <= stay.due_at
    found = explain.explain(stay)
    assert found.agrees, (found.due_at, stay.due_at)
    assert sum((step.counted for step in found.steps), timedelta(0)) == policy.limit
    assert all(a.ended_at == b.begun_at for a, b in zip(found.steps, found.steps[1:], strict=False))
    assert found.steps[0].begun_at == entered


# --- what if


def test_what_if_lists_what_would_fall_due_when_and_moves_nothing(people):
    early, late = open_ticket(now=T0), open_ticket(now=T0 + minutes(5), customer_email="b@example.org")
    chat = open_ticket(now=T0, channel="chat", customer_email="c@example.org")
    put(people, 30, channel="chat")
    now = T0 + minutes(6)
    found = what_if.of_terms(Scope(1), Terms(minutes(5)), asker=people.policy, now=now)
    assert [(row.ticket, row.due_at, row.then) for row in found.rows] == [
        (early.pk, T0 + minutes(15), T0 + minutes(5)),
        (late.pk, T0 + minutes(20), T0 + minutes(10)),
    ]
    assert (found.total, found.earlier, found.later, found.late_now, found.late_then) == (2, 2, 0, 0, 1)
    assert visit(early).due_at == T0 + minutes(15)
    of_chat = Scope(1, Channel.objects.get(slug="chat"))
    (row,) = what_if.of_terms(of_chat, Terms(minutes(20)), asker=people.policy, now=now).rows
    assert (row.ticket, row.then) == (chat.pk, T0 + minutes(20))


def test_what_if_counts_what_it_may_not_show(people):
    on_floor(3, people)
    found = what_if.of_terms(Scope(3), Terms(minutes(5)), asker=people.policy, now=T0 + minutes(6))
    assert (found.total, found.hidden, found.rows, found.late_then) == (1, 1, [], 1)


def test_what_if_of_a_calendar_asks_every_limit_in_it(people, hours):
    ticket = open_ticket(now=rome("2026-11-16 17:55"))
    waiting.wait(open_ticket(customer_email="b@example.org").pk, actor=people.agent, now=T0)
    on_floor(2, people, customer_email="c@example.org")
    draft = Calendar(slug="office", name="Office", zone="Europe/Rome", week=[[["00:00", "24:00"]]] * 7)
    found = what_if.of_calendar(draft, asker=people.admin, now=rome("2026-11-16 18:00"))
    assert [(row.ticket, row.then) for row in found.rows] == [(ticket.pk, rome("2026-11-16 18:10"))]
    assert (found.total, found.paused, found.earlier) == (2, 1, 1)


def test_only_owners_ask_what_if(people):
    for actor in (people.agent, people.supervisor, people.manager, people.stranger):
        with pytest.raises(NotAllowed):
            what_if.of_terms(Scope(1), Terms(minutes(5)), asker=actor, now=T0)


def test_what_if_is_what_happens_to_tickets_that_arrive_after_the_change(people, hours):
    arrival = rome("2026-11-16 12:55")
    ticket = open_ticket(now=arrival)
    scope, terms = Scope(1), Terms(minutes(40), hours)
    (row,) = what_if.of_terms(scope, terms, asker=people.policy, now=arrival).rows
    floors.put_in_force(scope, terms, actor=people.policy, now=arrival)
    assert visit(open_ticket(now=arrival, customer_email="b@example.org")).due_at == row.then
    assert visit(ticket).due_at == rome("2026-11-16 14:10")
    assert stand(ticket).floor == 1
    assert deadlines.reckon(arrival, terms).due_at == row.then
