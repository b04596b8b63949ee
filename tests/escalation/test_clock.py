"""The deadline is a row; the sweep climbs what is due, once (P2.1)."""

from datetime import timedelta

import pytest
from django.db import connection

from escalation import conversation, moves, sweep, waiting
from escalation.models import Approval, AuditEvent, FloorVisit, OutboxMessage, SweepHeartbeat
from policies import floors
from tests.builders import T0, minutes, on_floor, open_ticket, stand, visit
from tickets.refusals import Conflict, Invalid, NotAllowed

SECOND = timedelta(seconds=1)


def test_new_ticket_has_fifteen_minutes_on_floor_1(people):
    ticket = open_ticket()
    assert visit(ticket).due_at == T0 + minutes(15)
    assert stand(ticket).floor == 1


@pytest.mark.parametrize(("after", "floor"), [(minutes(15) - SECOND, 1), (minutes(15), 2)])
def test_deadline_is_met_to_the_second(people, after, floor):
    ticket = open_ticket()
    sweep.sweep(as_of=T0 + after)
    assert stand(ticket).floor == floor


def test_overdue_ticket_climbs_once_per_sweep_and_starts_a_new_clock(people):
    ticket = open_ticket()
    late = T0 + minutes(16)
    assert sweep.sweep(as_of=late) == 1
    assert sweep.sweep(as_of=late) == 0
    new = visit(ticket)
    assert (new.floor, new.how, new.entered_at, new.due_at) == (2, "clock", late, late + minutes(10))
    assert FloorVisit.objects.filter(escalation_id=ticket.pk, left_at=late, floor=1).count() == 1


def test_climb_clears_the_assignee_and_hands_over_to_the_floors_team(people):
    ticket = open_ticket()
    type(ticket).objects.filter(pk=ticket.pk).update(assignee=people.agent)
    sweep.sweep(as_of=T0 + minutes(15))
    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert ticket.team.slug == "specialists"
    assert ticket.updated_at == T0 + minutes(15)


def test_climb_is_recorded_with_floor_policy_and_the_moment_it_was_due(people):
    ticket = open_ticket()
    sweep.sweep(as_of=T0 + minutes(17))
    event = AuditEvent.objects.get(ticket=ticket, action="moved")
    assert (event.by, event.floor_from, event.floor_to, event.at) == ("clock", 1, 2, T0 + minutes(17))
    assert event.data["due"] == (T0 + minutes(15)).isoformat(timespec="microseconds")
    assert event.data["policy"]["floor_limit"] == 2


def test_each_climb_leaves_exactly_one_outbox_row(people):
    ticket = open_ticket()
    sweep.sweep(as_of=T0 + minutes(15))
    assert OutboxMessage.objects.filter(ticket=ticket, topic="floor_2").count() == 1


def test_floor_3_has_nowhere_to_climb_and_alarms_once(people):
    ticket = on_floor(3, people)
    late = T0 + minutes(61)
    assert sweep.sweep(as_of=late) == 1
    assert sweep.sweep(as_of=late + minutes(60)) == 0
    assert stand(ticket).floor == 3
    assert visit(ticket).alarmed_at == late
    assert AuditEvent.objects.filter(ticket=ticket, action="deadline_passed").count() == 1
    assert OutboxMessage.objects.filter(ticket=ticket, topic="alarm").count() == 1


def test_clock_past_a_pending_sign_off_is_marked_and_justification_is_owed(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification="possible legal question", now=T0)
    sweep.sweep(as_of=T0 + minutes(10))
    asked = Approval.objects.get(pk=asked.pk)
    assert stand(ticket).floor == 3
    assert asked.justification_owed
    event = AuditEvent.objects.filter(ticket=ticket, action="moved").last()
    assert event.data["approvals"] == [{"approval": asked.pk, "kind": "floor_3", "state": "overtaken"}]


def test_resolved_ticket_never_climbs(people):
    ticket = open_ticket()
    moves.resolve(ticket.pk, actor=people.agent, summary="The parcel has arrived.", now=T0 + minutes(5))
    assert sweep.sweep(as_of=T0 + minutes(60)) == 0
    assert stand(ticket).state == "resolved"


def test_waiting_stops_the_clock_and_the_customers_message_resumes_it(people):
    ticket = open_ticket()
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(5))
    assert sweep.sweep(as_of=T0 + minutes(300)) == 0
    conversation.customer_message(ticket.pk, body="Here is the number.", now=T0 + minutes(305))
    assert visit(ticket).due_at == T0 + minutes(315)
    assert sweep.sweep(as_of=T0 + minutes(315)) == 1


def test_two_pauses_add_up(people):
    ticket = open_ticket()
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(1))
    waiting.resume(ticket.pk, actor=people.agent, now=T0 + minutes(4))
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(6))
    waiting.resume(ticket.pk, actor=people.agent, now=T0 + minutes(13))
    assert visit(ticket).due_at == T0 + minutes(15 + 3 + 7)


def test_clock_that_has_run_out_cannot_be_paused(people):
    ticket = open_ticket()
    with pytest.raises(Conflict) as refusal:
        waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(15))
    assert refusal.value.code == "overdue"


def test_pause_counts_when_the_ticket_is_resolved_while_waiting(people):
    ticket = open_ticket()
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(2))
    moves.resolve(ticket.pk, actor=people.agent, summary="Solved by phone.", now=T0 + minutes(9))
    pause = FloorVisit.objects.get(escalation_id=ticket.pk).pauses.get()
    assert pause.ended_at - pause.started_at == minutes(7)


def test_changed_limit_holds_for_stays_that_begin_after_it(people):
    before = open_ticket()
    floors.change_limit(floor=1, limit=minutes(20), actor=people.policy, now=T0 + minutes(1))
    after = open_ticket(now=T0 + minutes(2))
    assert visit(before).due_at == T0 + minutes(15)
    assert visit(after).due_at == T0 + minutes(22)
    assert visit(after).policy.version == visit(before).policy.version + 1


def test_only_policy_owners_and_administrators_change_a_clock(people):
    for actor in (people.agent, people.supervisor, people.risk, people.manager, people.stranger):
        with pytest.raises(NotAllowed):
            floors.change_limit(floor=1, limit=minutes(20), actor=actor, now=T0)
    with pytest.raises(Invalid):
        floors.change_limit(floor=1, limit=timedelta(0), actor=people.admin, now=T0)


def test_batches_share_the_work_and_miss_nothing(people):
    tickets = [open_ticket(customer_email=f"c{n}@example.org") for n in range(23)]
    assert sweep.sweep(as_of=T0 + minutes(15), batch=5) == 23
    assert {stand(ticket).floor for ticket in tickets} == {2}


def test_poison_row_is_set_aside_and_delays_nobody(people):
    poisoned, healthy = open_ticket(), open_ticket(customer_email="other@example.org")
    with connection.cursor() as cursor:  # a visit that contradicts its ticket: the state machine will refuse the climb
        cursor.execute("UPDATE escalation_floorvisit SET floor = 2 WHERE escalation_id = %s", [poisoned.pk])
    late = T0 + minutes(15)
    assert sweep.sweep(as_of=late) == 1
    assert stand(healthy).floor == 2
    aside = visit(poisoned)
    assert aside.failures == 1 and aside.retry_at > late and "open visit" in aside.last_error
    assert sweep.sweep(as_of=late + SECOND) == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE escalation_floorvisit SET floor = 1 WHERE escalation_id = %s", [poisoned.pk])
    assert sweep.sweep(as_of=aside.retry_at) == 1
    assert stand(poisoned).floor == 2


def test_sweep_says_that_it_has_looked(people):
    assert sweep.age_of_last_sweep() is None
    sweep.sweep(door="celery")
    assert sweep.age_of_last_sweep() < 5
    assert SweepHeartbeat.objects.get().door == "celery"


def test_next_due_names_the_nearest_live_deadline(people):
    ticket = open_ticket(now=T0)
    open_ticket(now=T0 + minutes(3), customer_email="other@example.org")
    assert sweep.next_due()[1] == T0 + minutes(15)
    moves.resolve(ticket.pk, actor=people.agent, summary="Done.", now=T0 + minutes(4))
    assert sweep.next_due()[1] == T0 + minutes(18)
