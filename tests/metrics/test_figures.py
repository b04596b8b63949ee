"""Each figure against a count by hand, in a small story with known numbers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from escalation import approvals, assignment, conversation, moves, waiting
from metrics import catalogue, figures, fridays, quality, ratings, scorecard, splits, targets
from metrics.models import Figure
from policies.models import ResponseTime, Script
from tests.builders import T0, hire, minutes, on_floor, open_ticket
from tests.policies.test_floors import office, put
from tickets import roles
from tickets.models import Team, Ticket

WEEK = date(2026, 11, 16)
END = datetime(2026, 11, 20, 16, tzinfo=UTC)


def figure(key: str, *, week: date = WEEK, team: Team | None = None) -> Figure:
    """Read a figure and check that the rows behind it add up to it."""
    found = scorecard.read(week, team=team).figure(key)
    metric = catalogue.get(key)
    if metric.has_tickets and found.value is not None:
        amounts = [row.amount for row in figures.behind(week, key, team=team)]
        assert len(amounts) == found.n
        assert abs(sum(amounts) - found.numerator) < Decimal("0.001")
    return found


def answer(ticket: Ticket, people, after: timedelta, **fields) -> None:
    conversation.reply(ticket.pk, actor=people.agent, body="We look into it.", now=ticket.created_at + after, **fields)


def resolve(ticket: Ticket, people, after: timedelta) -> None:
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=ticket.created_at + after)


@pytest.fixture(autouse=True)
def friday_evening(people, monkeypatch):
    """Read drafts as somebody would right after the week ended."""
    monkeypatch.setattr(scorecard, "database_now", lambda: END)


def test_without_data_every_figure_is_empty_never_zero(people):
    figures_then = {f.key: f for f in scorecard.read(WEEK).figures}
    assert list(figures_then) == list(catalogue.METRICS)
    assert {key for key, f in figures_then.items() if f.value is not None} <= {"turnover"}
    assert all(f.met is None and f.why_empty for f in figures_then.values() if f.value is None)


def test_first_response_time_is_the_mean_of_minutes_to_the_first_answer(people):
    for after in (4, 6, 20):
        answer(open_ticket(), people, minutes(after))
    second_answer = Ticket.objects.first()
    answer(second_answer, people, minutes(300))
    open_ticket()  # never answered
    answer(open_ticket(now=END - minutes(5)), people, minutes(5))  # answered as the week ended: counts in the next
    found = figure("first_response_time")
    assert (found.value, found.n, found.unit) == (10, 3, "minutes")
    assert (found.target, found.met, found.state) == (8, False, "missed")


def test_resolution_time_is_the_mean_of_hours_to_the_resolution(people):
    resolve(open_ticket(), people, timedelta(hours=2))
    resolve(open_ticket(), people, timedelta(hours=40))
    found = figure("resolution_time")
    assert (found.value, found.n, found.met) == (21, 2, True)
    assert figure("resolved_within_24h").value == 50


def test_a_reopened_ticket_counts_when_it_is_resolved_at_last(people):
    ticket = open_ticket()
    resolve(ticket, people, timedelta(hours=1))
    assert figure("resolution_time").n == 1
    conversation.customer_message(ticket.pk, body="It came back.", now=T0 + timedelta(hours=2))
    assert figure("resolution_time").value is None
    resolve(ticket, people, timedelta(hours=5))
    found = figure("resolution_time")
    assert (found.value, found.n) == (5, 1)
    conversation.customer_message(ticket.pk, body="Again!", now=END + minutes(1))
    assert figure("resolution_time").value == 5  # what happens later changes nothing about the week


def test_backlog_counts_open_tickets_older_than_seven_days(people):
    old = open_ticket(now=END - timedelta(days=7, seconds=1))
    open_ticket(now=END - timedelta(days=7))
    resolve(open_ticket(now=END - timedelta(days=9)), people, timedelta(days=8))
    found = figure("backlog")
    assert (found.value, found.n, found.unit, found.met) == (1, 2, "tickets", True)
    assert [row.number for row in figures.behind(WEEK, "backlog") if row.amount] == [old.pk]


def test_backlog_is_zero_when_there_are_tickets_and_none_is_open(people):
    resolve(open_ticket(), people, minutes(5))
    assert figure("backlog").value == 0


def test_satisfaction_is_the_share_of_ratings_of_four_or_five(people):
    for score in (5, 4, 3, 1):
        ticket = open_ticket()
        resolve(ticket, people, minutes(5))
        ratings.rate(ticket.pk, score=score, now=T0 + timedelta(hours=1))
    found = figure("satisfaction")
    assert (found.value, found.numerator, found.denominator, found.n) == (50, 2, 4, 4)


def test_qa_score_is_the_mean_of_the_reviews(people):
    ticket = open_ticket()
    for score in (90, 97):
        quality.review(ticket.pk, reviewer=people.supervisor, reviewed=people.agent, score=score, now=T0)
    assert figure("qa_score").value == Decimal("93.5")


def test_sla_adherence_needs_both_promises_kept(people):
    kept, late_answer, late_solution, waited = (open_ticket() for _ in range(4))
    for ticket, after in ((kept, 8), (late_answer, 9), (late_solution, 1), (waited, 1)):
        answer(ticket, people, minutes(after))
    waiting.wait(waited.pk, actor=people.agent, now=T0 + minutes(2))
    waiting.resume(waited.pk, actor=people.agent, now=T0 + timedelta(hours=20))
    for ticket, hours in ((kept, 24), (late_answer, 2), (late_solution, 25), (waited, 30)):
        resolve(ticket, people, timedelta(hours=hours))
    found = figure("sla_adherence")
    assert (found.value, found.numerator, found.n) == (50, 2, 4)
    assert {row.number for row in figures.behind(WEEK, "sla_adherence") if row.amount} == {kept.pk, waited.pk}


def test_sla_adherence_uses_the_promise_in_force_when_the_ticket_came_in(people):
    ticket = open_ticket()
    answer(ticket, people, minutes(20))
    resolve(ticket, people, timedelta(hours=1))
    assert figure("sla_adherence").value == 0
    own = ResponseTime.objects.create(
        channel=ticket.channel, first_response=minutes(30), resolution=timedelta(days=1), valid_from=T0
    )
    assert figure("sla_adherence").value == 100
    ResponseTime.objects.filter(pk=own.pk).update(valid_from=T0 + minutes(1))
    assert figure("sla_adherence").value == 0


def test_sla_adherence_counts_while_the_desk_is_open(people):
    put(people, 15, calendar=office(people))
    evening = T0 + timedelta(hours=10)  # Monday 20:00 in Rome; the desk opens on Tuesday at 9:00
    on_time, late, waited, slow = (open_ticket(now=evening) for _ in range(4))
    opens = timedelta(hours=13)
    for ticket, after in ((on_time, 8), (late, 9), (waited, 1), (slow, 1)):
        answer(ticket, people, opens + minutes(after))
    waiting.wait(waited.pk, actor=people.agent, now=evening + opens + minutes(2))
    waiting.resume(waited.pk, actor=people.agent, now=evening + opens + timedelta(days=2))
    for ticket, days in ((on_time, 1), (late, 1), (waited, 2), (slow, 2)):
        resolve(ticket, people, opens + timedelta(days=days, hours=1))
    assert figure("sla_adherence").value == 75  # 24 hours are three days of eight
    assert [row.number for row in figures.behind(WEEK, "sla_adherence") if not row.amount] == [late.pk]
    own = {"first_response": minutes(8), "resolution": timedelta(hours=10)}
    ResponseTime.objects.create(channel=late.channel, valid_from=T0, **own)
    missed = {row.number for row in figures.behind(WEEK, "sla_adherence") if not row.amount}
    assert missed == {late.pk, slow.pk}


def test_guided_by_script_is_the_share_of_answered_tickets_with_a_script(people):
    answer(open_ticket(), people, minutes(1), script=Script.objects.first().slug)
    answer(open_ticket(), people, minutes(1))
    open_ticket()
    assert (figure("guided_by_script").value, figure("guided_by_script").n) == (50, 2)


def test_floor_figures_follow_the_stays(people):
    for _ in range(3):
        resolve(open_ticket(), people, minutes(5))
    second = on_floor(2, people)
    assignment.assign(second.pk, actor=people.supervisor, assignee=people.specialist, now=T0 + minutes(6))
    moves.resolve(second.pk, actor=people.specialist, summary="Explained.", now=T0 + minutes(9))
    third = on_floor(3, people)
    asked = moves.resolve(third.pk, actor=people.legal, summary="Settled in writing.", now=T0 + minutes(30))
    approvals.approve(asked.pk, actor=people.risk, note="Agreed, close it.", now=T0 + minutes(45))
    on_floor(3, people, now=T0 + minutes(1))
    assert (figure("floor_1_closed").value, figure("floor_1_closed").n) == (60, 5)
    assert (figure("floor_2_rate").value, figure("floor_2_rate").n) == (50, 6)
    assert (figure("specialist_assignment_time").value, figure("specialist_assignment_time").met) == (6, True)
    assert (figure("floor_3_decision_time").value, figure("floor_3_decision_time").met) == (45, True)
    assert (figure("floor_3_completion").value, figure("floor_3_completion").met) == (50, None)


def test_first_contact_resolution_needs_one_message_and_no_reopening(people):
    once, twice, again = (open_ticket() for _ in range(3))
    conversation.customer_message(twice.pk, body="And one more thing.", now=T0 + minutes(1))
    for ticket in (once, twice, again):
        resolve(ticket, people, minutes(5))
    moves.reopen(again.pk, actor=people.agent, reason="The parcel came back.", now=T0 + minutes(8))
    resolve(again, people, minutes(9))
    found = figure("first_contact_resolution")
    assert (found.numerator, found.n) == (1, 3)
    assert [row.number for row in figures.behind(WEEK, "first_contact_resolution") if row.amount] == [once.pk]


def test_turnover_is_a_rate_per_year_of_work(people):
    everybody = [people.agent, people.agent2, people.specialist, people.specialist2, people.supervisor]
    everybody += [people.supervisor2, *(hire(f"extra{i}", roles.AGENT) for i in range(4))]
    for person in everybody:
        person.joined_on = date(2020, 1, 1)
        person.save()
    people.agent.left_on = END.date()
    people.agent.save()
    found = figure("turnover")
    assert (found.n, found.numerator, found.denominator) == (10, 1, 10)
    assert (found.value, found.met) == (10, False)
    assert figure("turnover", team=Team.objects.get(slug="first-line")).value is None  # two people


def test_imported_history_counts_by_its_dates_but_in_no_figure_of_minutes(people):
    ticket = open_ticket()
    answer(ticket, people, minutes(30))
    resolve(ticket, people, timedelta(hours=30))
    Ticket.objects.filter(pk=ticket.pk).update(source="elsewhere", source_key="1")
    timed = ("first_response_time", "resolution_time", "resolved_within_24h", "sla_adherence", "guided_by_script")
    assert [figure(key).value for key in (*timed, "first_contact_resolution")] == [None] * 6
    assert (figure("floor_1_closed").value, figure("floor_2_rate").value) == (100, 0)


def test_a_team_has_figures_of_its_own(people):
    resolve(open_ticket(), people, timedelta(hours=2))
    second = on_floor(2, people)
    moves.resolve(second.pk, actor=people.specialist, summary="Explained.", now=T0 + timedelta(hours=6))
    by_team = {slug: figure("resolution_time", team=Team.objects.get(slug=slug)).value
               for slug in ("first-line", "specialists", "risk-legal")}  # fmt: skip
    assert by_team == {"first-line": 2, "specialists": 6, "risk-legal": None}
    assert figure("resolution_time").value == 4


@pytest.mark.parametrize(
    ("key", "value", "met", "state"),
    [
        ("morale", "85", True, "met"), ("morale", "84.99", False, "near"), ("morale", "80", False, "missed"),
        ("satisfaction", "90", True, "met"), ("satisfaction", "87", False, "near"),
        ("first_response_time", "7.99", True, "met"), ("first_response_time", "8", False, "near"),
        ("first_response_time", "12", False, "missed"),
        ("resolution_time", "23.9", True, "met"), ("resolution_time", "24", False, "near"),
        ("backlog", "49", True, "met"), ("backlog", "50", False, "near"), ("backlog", "110", False, "missed"),
        ("qa_score", "92", True, "met"), ("qa_score", "89", False, "near"),
        ("turnover", "8", True, "met"), ("turnover", "11", False, "missed"),
        ("sla_adherence", "95", True, "met"), ("sla_adherence", "90", False, "missed"),
        ("resolved_within_24h", "80", True, "met"), ("resolved_within_24h", "79", False, "near"),
        ("guided_by_script", "60", True, "met"), ("guided_by_script", "59", False, "near"),
        ("floor_1_closed", "75", True, "met"), ("floor_1_closed", "74", False, "near"),
        ("floor_2_rate", "25", True, "met"), ("floor_2_rate", "26", False, "near"),
        ("specialist_assignment_time", "10", True, "met"), ("specialist_assignment_time", "10.1", False, "near"),
        ("floor_3_decision_time", "60", True, "met"), ("floor_3_decision_time", "61", False, "near"),
        ("floor_3_completion", "99", None, "none"), ("first_contact_resolution", "70", None, "none"),
    ],
)  # fmt: skip
def test_both_sides_of_each_target(people, key, value, met, state):
    target = targets.in_force(END)[key]
    found = Figure(key=key, value=Decimal(value), target=target.value, met=target.met_by(Decimal(value)))
    assert (found.met, found.state) == (met, state)


@pytest.mark.parametrize("moment", ["2026-10-23T15:00", "2026-10-30T15:59:59"])
def test_a_week_with_a_change_of_the_clocks_misses_nothing(people, monkeypatch, moment):
    """2026-W44 in Rome runs from Friday 17:00 summer time to Friday 17:00 winter time: 169 hours."""
    instant = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    answer(open_ticket(now=instant - minutes(3)), people, minutes(3))
    assert figure("first_response_time", week=fridays.parse("2026-W44")).n == 1
    assert figure("first_response_time", week=fridays.parse("2026-W43")).n == 0
    assert figure("first_response_time", week=fridays.parse("2026-W45")).n == 0


def test_a_part_of_few_reviews_cannot_be_told_from_the_others_and_the_whole(people):
    rows = [figures.Row(open_ticket().pk, Decimal(90)) for _n in range(5)]
    rows.append(figures.Row(open_ticket(channel="email").pk, Decimal(30)))
    metric = catalogue.get("qa_score")
    shown = {(part.by, part.name): part.value for part in splits.parts(metric, rows, about_people=True)}
    assert shown["channel", "Web form"] is None and shown["channel", "E-mail"] is None
    assert shown["floor", "1"] == 80, "six of one kind"
    assert splits.parts(metric, rows)[-1].value is not None
