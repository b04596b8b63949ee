"""Tickets of Floor 2 find a specialist by themselves, and come back when they are let lie."""

from datetime import timedelta

import pytest

from escalation import apologies, assignment, audit, conversation, moves, routing, taking_back, waiting
from escalation.models import AuditEvent, OutboxMessage
from tests.builders import T0, hire, minutes, on_floor, open_ticket, visit
from tests.escalation.test_races import together
from tickets import duty, roles
from tickets.clock import database_now
from tickets.models import Category, Duty, Skills, Team, Ticket


def owner(ticket) -> str:
    return str(Ticket.objects.select_related("assignee").get(pk=ticket.pk).assignee or "")


def skilled(user, *, languages=(), categories=(), capacity=5):
    skills, _new = Skills.objects.update_or_create(
        user=user, defaults={"languages": list(languages), "capacity": capacity}
    )
    skills.categories.set(Category.objects.filter(slug__in=categories))


def assignments(ticket) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(ticket=ticket, action="assigned").order_by("seq"))


def told(topic: str) -> int:
    return OutboxMessage.objects.filter(topic=topic).count()


def test_specialist_on_duty_gets_the_ticket_with_the_reason_on_record(people):
    ticket = on_floor(2, people)
    duty.come_on(people.specialist, now=T0)
    assert routing.give_out(T0 + timedelta(seconds=2)) == 1
    assert owner(ticket) == "Specialist"
    (event,) = assignments(ticket)
    assert event.by == "rule" and "on duty" in event.reason
    assert event.data["considered"] == [{"person": people.specialist.pk, "open": 0, "capacity": 5}]
    assert visit(ticket).assigned_at == T0 + timedelta(seconds=2)
    assert routing.give_out(T0 + timedelta(seconds=4)) == 0
    assert not list(audit.verify(ticket.pk))


def test_nobody_is_given_work_off_duty_or_unseen(people):
    ticket = on_floor(2, people)
    duty.come_on(people.specialist, now=T0 - minutes(10))  # and not seen since
    duty.come_on(people.specialist2, now=T0 - minutes(1))
    duty.go_off(people.specialist2, now=T0)
    assert routing.give_out(T0) == 0
    duty.seen(people.specialist, now=T0)
    assert routing.give_out(T0) == 1
    assert owner(ticket) == "Specialist"


@pytest.mark.parametrize("who", ["agent", "supervisor", "risk", "manager", "stranger"])
def test_only_specialists_of_the_team_are_given_floor_2(people, who):
    on_floor(2, people)
    person = getattr(people, who)
    duty.come_on(person, now=T0)
    assert routing.give_out(T0) == 0


def test_floors_that_are_not_given_out_keep_their_tickets(people):
    ticket = open_ticket()
    duty.come_on(people.agent, now=T0)
    assert routing.give_out(T0) == 0
    Team.objects.filter(slug="first-line").update(auto_assign=True)
    assert routing.give_out(T0) == 1
    assert owner(ticket) == "Agent"


def test_language_and_category_come_before_load(people):
    for person in (people.specialist, people.specialist2):
        duty.come_on(person, now=T0)
    skilled(people.specialist, languages=["en"], categories=["damage"])
    skilled(people.specialist2, languages=["pt", "it"])
    portuguese = on_floor(2, people, language="pt-BR")
    damage = on_floor(2, people, category=Category.objects.get(slug="damage"))
    third = on_floor(2, people, language="pt")
    routing.give_out(T0)
    assert (owner(portuguese), owner(damage), owner(third)) == ("Specialist2", "Specialist", "Specialist2")
    assert "speaks the language" in assignments(portuguese)[0].reason


def test_somebody_without_the_language_is_better_than_nobody(people):
    duty.come_on(people.specialist, now=T0)
    skilled(people.specialist, languages=["en"])
    ticket = on_floor(2, people, language="pt")
    routing.give_out(T0)
    assert owner(ticket) == "Specialist"


def test_load_is_shared_evenly(people):
    for person in (people.specialist, people.specialist2):
        duty.come_on(person, now=T0)
    tickets = [on_floor(2, people) for _n in range(6)]
    assert routing.give_out(T0) == 6
    owners = [owner(ticket) for ticket in tickets]
    assert owners.count("Specialist") == owners.count("Specialist2") == 3


def test_nobody_is_given_more_than_they_can_hold(people):
    duty.come_on(people.specialist, now=T0)
    skilled(people.specialist, capacity=2)
    tickets = [on_floor(2, people) for _n in range(4)]
    assert routing.give_out(T0) == 2
    waiting.wait(tickets[0].pk, actor=people.specialist, now=T0)  # what waits for the customer takes no room
    assert routing.give_out(T0) == 1
    assert [owner(ticket) for ticket in tickets] == ["Specialist"] * 3 + [""]


def test_most_urgent_comes_first_and_a_paused_clock_waits(people):
    duty.come_on(people.specialist, now=T0)
    skilled(people.specialist, capacity=1)
    paused = on_floor(2, people, now=T0 - minutes(5))
    waiting.wait(paused.pk, actor=people.specialist2, now=T0 - minutes(4))
    late = on_floor(2, people, now=T0)
    urgent = on_floor(2, people, now=T0 - minutes(3))
    assert routing.give_out(T0) == 1
    assert (owner(paused), owner(late), owner(urgent)) == ("", "", "Specialist")


def test_supervisor_hears_once_when_nobody_is_there(people):
    on_floor(2, people)
    assert routing.tell_supervisors(T0 + minutes(4.9)) == 0
    assert routing.tell_supervisors(T0 + minutes(5)) == 1
    assert routing.tell_supervisors(T0 + minutes(6)) == 0
    assert told("unassigned") == 1


def test_going_off_duty_gives_the_tickets_back(people):
    ticket = on_floor(2, people)
    duty.come_on(people.specialist, now=T0)
    routing.give_out(T0)
    conversation.note(ticket.pk, actor=people.specialist, body="asked the courier", now=T0 + minutes(1))
    duty.go_off(people.specialist, now=T0 + minutes(2))
    assert taking_back.take_back(T0 + minutes(2)) == 1
    assert owner(ticket) == ""
    event = assignments(ticket)[-1]
    assert (event.by, event.data["from"], event.data["to"]) == ("rule", people.specialist.pk, None)
    assert event.data["why"] == "offline"
    assert ticket.messages.filter(body="asked the courier").exists()
    assert told("taken_back") == 1
    duty.come_on(people.specialist, now=T0 + minutes(3))
    assert routing.give_out(T0 + minutes(3)) == 1  # back on duty, they may have it again
    assert visit(ticket).assigned_at == T0


def test_unseen_owner_counts_as_offline(people):
    Team.objects.update(idle_after=minutes(60))
    policies_limit = minutes(60)
    ticket = on_floor(2, people)
    ticket.escalation.visits.filter(left_at__isnull=True).update(due_at=T0 + policies_limit, limit=policies_limit * 2)
    duty.come_on(people.specialist, now=T0)
    routing.give_out(T0)
    assert taking_back.take_back(T0 + minutes(9.9)) == 0
    assert taking_back.take_back(T0 + minutes(10)) == 1
    assert owner(ticket) == ""


def test_idle_owner_loses_the_ticket_and_is_not_given_it_again(people):
    ticket = on_floor(2, people)
    for person in (people.specialist, people.specialist2):
        duty.come_on(person, now=T0)
    routing.give_out(T0)
    first = owner(ticket)
    assert taking_back.take_back(T0 + minutes(4.9)) == 0
    assert taking_back.take_back(T0 + minutes(5)) == 1
    assert routing.give_out(T0 + minutes(5)) == 1
    assert owner(ticket) not in ("", first)
    assert taking_back.take_back(T0 + minutes(9.9)) == 0
    Ticket.objects.filter(pk=ticket.pk).update(assignee=None)
    assert taking_back.take_back(T0 + minutes(9.9)) == 0


def test_work_waiting_and_a_resumed_clock_keep_the_ticket(people):
    ticket = on_floor(2, people)
    duty.come_on(people.specialist, now=T0)
    routing.give_out(T0)
    conversation.reply(ticket.pk, actor=people.specialist, body="We look into it.", now=T0 + minutes(3))
    assert taking_back.take_back(T0 + minutes(7)) == 0
    waiting.wait(ticket.pk, actor=people.specialist, now=T0 + minutes(7))
    duty.seen(people.specialist, now=T0 + minutes(60))
    assert taking_back.take_back(T0 + minutes(60)) == 0
    conversation.customer_message(ticket.pk, body="Here is the photo.", now=T0 + minutes(60))
    assert taking_back.take_back(T0 + minutes(62)) == 0


def test_what_a_supervisor_took_or_a_person_off_duty_was_given_on_purpose_stays(people):
    ticket, other = on_floor(2, people), on_floor(2, people)
    assignment.assign(ticket.pk, actor=people.supervisor, assignee=people.supervisor, now=T0)
    assignment.assign(other.pk, actor=people.supervisor, assignee=people.specialist, now=T0)
    duty.come_on(people.specialist, now=T0 - minutes(9))
    duty.go_off(people.specialist, now=T0 - minutes(1))
    assert taking_back.take_back(T0 + minutes(4)) == 0
    assert (owner(ticket), owner(other)) == ("Supervisor", "Specialist")


def test_supervisor_hears_once_of_a_ticket_that_is_let_lie_twice(people):
    ticket = on_floor(2, people)
    duty.come_on(people.specialist, now=T0)
    for turn in range(2):
        routing.give_out(T0 + minutes(turn))
        duty.go_off(people.specialist, now=T0 + minutes(turn + 0.5))
        assert taking_back.take_back(T0 + minutes(turn + 0.5)) == 1
        duty.come_on(people.specialist, now=T0 + minutes(turn + 0.8))
    assert told("taken_back") == 1
    assert len(assignments(ticket)) == 4


def test_resolved_tickets_are_left_alone(people):
    ticket = on_floor(2, people)
    duty.come_on(people.specialist, now=T0)
    routing.give_out(T0)
    moves.resolve(ticket.pk, actor=people.specialist, summary="Solved.", now=T0 + minutes(1))
    duty.go_off(people.specialist, now=T0 + minutes(2))
    assert taking_back.take_back(T0 + minutes(30)) == 0
    assert owner(ticket) == "Specialist"


def test_late_answer_is_admitted_once_and_only_to_whom_we_write(people):
    ticket, silent = open_ticket(), open_ticket(acknowledge=False)
    answered = open_ticket()
    conversation.reply(answered.pk, actor=people.agent, body="Tomorrow.", now=T0 + minutes(2))
    assert apologies.tell_late(T0 + minutes(8)) == 0
    assert apologies.tell_late(T0 + minutes(8.1)) == 1
    assert apologies.tell_late(T0 + minutes(9)) == 0
    owed = OutboxMessage.objects.get(topic="answer_late")
    assert owed.ticket_id == ticket.pk != silent.pk


@pytest.mark.django_db(transaction=True)
def test_two_routers_at_once_give_each_ticket_once_and_nobody_too_many(people):
    now = database_now()
    tickets = [on_floor(2, people, now=now) for _n in range(12)]
    for person in (people.specialist, people.specialist2):
        duty.come_on(person, now=now)
        skilled(person, capacity=4)
    results = together(*(routing.give_out for _n in range(4)))
    assert sum(results) == 8
    owners = [owner(ticket) for ticket in tickets]
    assert owners.count("Specialist") == owners.count("Specialist2") == 4
    assert AuditEvent.objects.filter(action="assigned").count() == 8
    assert not list(audit.verify())


@pytest.mark.django_db(transaction=True)
def test_off_duty_in_the_middle_of_a_round_leaves_no_ticket_with_the_absent(people):
    for turn in range(6):
        now = database_now()
        ticket = on_floor(2, people, now=now, customer_email=f"c{turn}@example.org")
        duty.come_on(people.specialist, now=now)
        together(
            lambda at=now: duty.go_off(people.specialist, now=at + timedelta(seconds=1)),
            lambda at=now: routing.give_out(at),
            lambda at=now: routing.give_out(at),
        )
        taking_back.take_back(now + timedelta(seconds=2))
        assert owner(ticket) == ""
        assert not Duty.objects.get(user=people.specialist).on_duty
        moves.resolve(ticket.pk, actor=people.supervisor, summary="Solved.")
    assert not list(audit.verify())


@pytest.mark.django_db(transaction=True)
def test_router_against_a_person_is_one_owner_and_one_chain(people):
    extra = hire("sofia", roles.SPECIALIST, "specialists")
    for turn in range(6):
        now = database_now()
        ticket = on_floor(2, people, now=now, customer_email=f"c{turn}@example.org")
        duty.come_on(people.specialist, now=now)
        together(
            routing.give_out,
            lambda t=ticket: assignment.assign(t.pk, actor=extra, assignee=extra),
            routing.give_out,
        )
        assert owner(ticket) in ("Sofia", "Specialist")
        assert assignments(ticket)[-1].data["to"] == Ticket.objects.get(pk=ticket.pk).assignee_id
    assert not list(audit.verify())
