"""On duty, off duty, seen: what people say and what the desk shows of it."""

import pytest
from django.utils import timezone

from escalation import assignment, routing
from tests.builders import minutes, on_floor
from tickets import duty
from tickets.models import Duty, Skills, Ticket


@pytest.fixture
def desk(people, client):
    client.force_login(people.specialist)
    return client


def test_duty_is_switched_in_the_menu_without_scripts(people, desk):
    page = desk.get("/desk/").content.decode()
    assert 'name="duty" value="on" aria-pressed="false"' in page
    assert desk.post("/desk/preferences/", {"duty": "on", "next": "/desk/"}).url == "/desk/"
    assert 'name="duty" value="on" aria-pressed="true"' in desk.get("/desk/").content.decode()
    assert Duty.objects.get().on_duty
    desk.post("/desk/preferences/", {"duty": "off"})
    assert not Duty.objects.get().on_duty


def test_who_takes_no_tickets_is_not_asked(people, client):
    client.force_login(people.manager)
    assert 'name="duty"' not in client.get("/desk/").content.decode()


def test_any_page_says_that_the_person_is_there_once_a_minute(people, desk):
    desk.post("/desk/preferences/", {"duty": "on"})
    long_ago = timezone.now() - minutes(30)
    Duty.objects.update(seen_at=long_ago)
    assert desk.get("/desk/").status_code == 200
    seen = Duty.objects.get().seen_at
    assert seen > long_ago
    desk.get("/desk/")
    assert Duty.objects.get().seen_at == seen  # within the same minute nothing is written


def test_pages_of_people_off_duty_note_nothing(people, desk):
    desk.get("/desk/")
    assert not Duty.objects.filter(seen_at__isnull=False).exists()


def test_skills_are_said_on_the_persons_own_page(people, desk):
    assert desk.get("/desk/me/work/").status_code == 200
    answer = desk.post("/desk/me/work/", {"languages": "IT, pt ,", "categories": [], "capacity": "3"})
    assert answer.status_code == 302
    skills = Skills.objects.get(user=people.specialist)
    assert (skills.languages, skills.capacity) == (["it", "pt"], 3)
    assert "it, pt" in desk.get("/desk/me/work/").content.decode()
    for wrong in ("-1", "many", "1001", ""):
        assert desk.post("/desk/me/work/", {"languages": "", "capacity": wrong}).status_code == 422


def test_queue_and_ticket_show_whose_owner_is_there(people, desk):
    ticket = on_floor(2, people, now=timezone.now())
    assignment.assign(ticket.pk, actor=people.supervisor, assignee=people.specialist2)
    assert 'title="on duty"></i> Specialist2' not in desk.get("/desk/").content.decode()
    duty.come_on(people.specialist2, now=timezone.now())
    assert 'title="on duty"></i> Specialist2' in desk.get("/desk/").content.decode()
    assert 'Specialist2 <span class="badge is-ok">on duty' in desk.get(f"/desk/tickets/{ticket.pk}/").content.decode()


def test_those_on_duty_come_first_when_a_ticket_is_assigned(people, desk):
    now = timezone.now()
    busy, ticket = on_floor(2, people, now=now), on_floor(2, people, now=now)
    for person in (people.specialist, people.supervisor2):
        duty.come_on(person, now=now)
    assignment.assign(busy.pk, actor=people.supervisor, assignee=people.specialist)
    escalation = Ticket.objects.get(pk=ticket.pk).escalation
    names = [str(person) for person in assignment.candidates(escalation)]
    assert names == ["Supervisor2", "Specialist", "Legal", "Risk", "Specialist2", "Supervisor"]
    page = desk.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert "Specialist, on duty, 1 open" in page


def test_log_says_whom_the_rule_considered(people, desk):
    ticket = on_floor(2, people, now=timezone.now())
    duty.come_on(people.specialist, now=timezone.now())
    assert routing.give_out() == 1
    log = desk.get(f"/desk/tickets/{ticket.pk}/log/").content.decode()
    assert "assigned to Specialist" in log
    assert "considered Specialist: 0 of 5 open tickets" in log
    assert "The best fit of 1 on duty" in log
