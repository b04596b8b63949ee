"""The day itself: the whole script by the real verbs, deadlines that fall once, steps, and a visitor in between."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from escalation import audit, conversation, moves
from escalation.models import (
    Action,
    Approval,
    AuditEvent,
    Decision,
    Escalation,
    FloorVisit,
    Hold,
    RiskFlag,
    Verdict,
)  # fmt: skip
from helpdesk.demo import clock, day, mail, tour
from metrics.models import Rating
from tests.demo.conftest import TUESDAY
from tickets.models import Ticket, User


def local(hour: str):
    return day.at(hour, TUESDAY)


def test_the_whole_day_shows_what_the_tour_says_and_ends_as_promised(demo, caplog):
    caplog.set_level("INFO", "helpdesk.demo.day")
    _take_the_tour()
    day.forward_to(local("18:00"))
    assert [record.getMessage() for record in caplog.records if record.name == "helpdesk.demo.day"] == []
    assert Ticket.objects.count() == len(day.script()) >= 60
    assert set(Ticket.objects.values_list("language", flat=True)) == {"en", "it", "pt"}
    assert Counter(Escalation.objects.values_list("state", flat=True)) == {"resolved": Ticket.objects.count()}
    assert FloorVisit.objects.filter(floor=3).values("escalation").distinct().count() == 3
    assert FloorVisit.objects.filter(floor=2).values("escalation").distinct().count() <= Ticket.objects.count() / 4
    assert Hold.objects.count() == 2
    assert Approval.objects.filter(state=Approval.State.OVERTAKEN).count() == 1
    assert RiskFlag.objects.filter(risk="abuse").count() == 1
    made = Decision.objects.all()
    assert made.filter(verdict=Verdict.ALLOWED).count() >= 8
    assert set(made.exclude(verdict=Verdict.ALLOWED).values_list("approval__state", flat=True)) == {
        Approval.State.APPROVED, Approval.State.REJECTED,
    }  # fmt: skip
    assert made.filter(verdict=Verdict.NO_RULE).exists()
    assert Rating.objects.count() >= 40 and set(Rating.objects.values_list("score", flat=True)) == {2, 3, 4, 5}
    by_clock = FloorVisit.objects.filter(how=FloorVisit.How.CLOCK)
    assert by_clock.count() == 4
    for visit in by_clock:
        left = FloorVisit.objects.get(escalation=visit.escalation_id, left_at=visit.entered_at)
        assert left.due_at == left.left_at  # to the microsecond, and once
    assert AuditEvent.objects.filter(action=Action.DEADLINE_PASSED).count() == 0
    assert list(audit.verify()) == []
    assert len(mail.letters(limit=1000)) > 2 * Ticket.objects.count()
    assert len(mail.letters(to="amara.obi@example.org", limit=50)) >= 3


def test_step_leads_to_the_next_act_or_deadline_whichever_is_first(demo):
    events, seen = [], TUESDAY
    for _step in range(12):
        at = day.step()
        assert at > seen and timezone.now() == at
        seen = at
        events.append(AuditEvent.objects.filter(at=at).exists())
    assert sum(events) >= 10
    assert not clock.read().running


def test_ticket_that_nobody_answers_climbs_once_at_its_very_deadline(demo):
    day.forward_to(local("09:20"))
    moved = AuditEvent.objects.filter(action=Action.MOVED, by=AuditEvent.By.CLOCK)
    assert moved.count() == 1
    for event in moved:
        stay = FloorVisit.objects.get(escalation=event.ticket_id, floor=event.floor_from, left_at=event.at)
        assert stay.due_at == event.at
    assert len({(event.ticket_id, event.floor_from) for event in moved}) == moved.count()


def test_what_a_visitor_made_impossible_is_passed_over(demo):
    day.forward_to(local("09:04"))
    number = day.ticket_of("cups")
    anna = User.objects.get(email="agent@example.com")
    conversation.reply(number, actor=anna, body="Dear Giulia, I have found it.")
    moves.resolve(number, actor=anna, summary="Found behind the bins.")
    day.forward_to(local("09:30"))
    assert Escalation.objects.get(pk=number).state == "resolved"
    assert not Decision.objects.filter(escalation=number).exists()


def test_program_and_form_never_play_at_the_same_time(demo):
    before = day._progress()[0]
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [day._LOCK])
        clock.stand_at(local("08:50"))
        assert day.catch_up() is False
        assert day._progress()[0] == before
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [day._LOCK])
    finally:
        other.close()
    assert day.catch_up() is True
    assert day._progress()[0] > before


def test_clock_runs_on_after_a_step_when_it_ran_before(demo):
    clock.change(running=True)
    assert day.step() and clock.read().running


def test_day_stops_in_the_evening(demo):
    clock.stand_at(local("17:59"))
    clock.change(running=True, rate=120)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE demo.clock SET real_at = real_at - interval '60 seconds'")
        cursor.execute("UPDATE demo.day SET played = 10000")
    assert day.catch_up()
    assert not clock.read().running
    assert timedelta() <= timezone.now() - local("18:00") < timedelta(hours=3)


@pytest.mark.parametrize("who", ["a visitor", "nobody"])
def test_morning_comes_back_whole(demo, who):
    day.forward_to(local("08:50"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo.keep_morning()")
        cursor.execute("UPDATE demo.clock SET morning = %s", [local("08:50")])
    kept = _everything()
    if who == "a visitor":
        User.objects.create_user("guest@example.com", name="Guest")
    day.forward_to(local("09:20"))
    assert _everything() != kept
    day.begin_again()
    assert _everything() == kept
    assert timezone.now() == local("08:50") and not clock.read().running
    day.forward_to(local("09:20"))
    assert list(audit.verify()) == []


def _everything() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM demo.kept ORDER BY name")
        found = {}
        for (name,) in cursor.fetchall():
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM public.{name} t"
            )
            found[name] = cursor.fetchone()[0]
        return found


def _take_the_tour() -> None:
    assert len(tour.STOPS) == 8
    stops = {stop.slug: stop for stop in tour.STOPS}
    told = {"latitude": "cups", "abuse": "abuse", "floor-3": "card", "past": "contract", "final": "contract"}
    for slug in ("desk", *told):
        day.forward_to(stops[slug].instant(TUESDAY))
        case = slug in told and Escalation.objects.get(pk=day.ticket_of(told[slug]))
        match slug:
            case "desk":
                assert Escalation.objects.exclude(state="resolved").count() >= 2
            case "latitude":
                assert case.floor == 1 and case.ticket.assignee.email == "agent@example.com"
            case "abuse":
                assert case.floor == 2 and case.ticket.assignee.email == "specialist@example.com"
            case "floor-3":
                assert case.floor == 3 and Hold.objects.filter(escalation=case, released_at=None).exists()
            case "past":
                assert case.floor == 3 and case.approvals.get(state=Approval.State.OVERTAKEN).decided_at is None
            case "final":
                assert case.approvals.get(state=Approval.State.PENDING).kind == Approval.Kind.FINAL_RESOLUTION
