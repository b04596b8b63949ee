"""What happens around a ticket: where one is led after an answer, tags and subject in place, putting it off."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation.models import Snooze
from tests import builders
from tests.builders import CAST
from tickets.clock import database_now
from tickets.models import User


def after(person, choice, undo=0):
    User.objects.filter(pk=person.pk).update(after_sending=choice, undo_seconds=undo)


def at(ticket, what=""):
    return f"/desk/tickets/{ticket.pk}/{what}"


@pytest.mark.parametrize("then", ["send", "wait", "resolve"])
def test_the_next_ticket_of_the_list_that_was_shown(then, people, visit, fresh):
    after(people.agent, "next")
    first, second = fresh(), fresh()
    client = visit(people.agent)
    client.get("/desk/?view=unassigned")
    sent = {"kind": "reply", "body": "Good morning", "do": then}
    answer = client.post(at(first, "write/"), sent, follow=True)
    assert answer.redirect_chain == [(at(second), 302)]
    assertContains(answer, f'href="{at(first)}#m')
    ended = client.post(at(second, "write/"), sent)
    if then == "send":
        assert ended.url == "/desk/?view=unassigned", "at its end, back to the list"


def test_the_list_and_the_way_to_take_the_answer_back(people, visit, fresh):
    after(people.agent, "list", undo=10)
    ticket, client = fresh(), visit(people.agent)
    client.get("/desk/?view=floor")
    sent = {"kind": "reply", "body": "Good morning", "do": "send"}
    answer = client.post(at(ticket, "write/"), sent, follow=True)
    assert answer.redirect_chain == [("/desk/?view=floor", 302)]
    assertContains(answer, f'href="{at(ticket)}#out{ticket.drafts.get().pk}"')


def test_a_note_and_a_refused_answer_stay_where_they_are(people, visit, fresh):
    after(people.agent, "list")
    ticket, client = fresh(), visit(people.agent)
    assert client.post(at(ticket, "write/"), {"kind": "note", "body": "Hm", "do": "send"}).url.startswith(at(ticket))
    assert client.post(at(ticket, "write/"), {"kind": "reply", "body": "", "do": "send"}).status_code == 400


def test_subject_and_tags_in_place(people, visit, fresh):
    ticket, client = fresh(), visit(people.agent)
    htmx = {"HX-Request": "true"}
    answer = client.post(at(ticket, "do/label/"), {"subject": "A ring", "tags": ["vip", "refund"]}, headers=htmx)
    assertContains(answer, '<bdi id="subject" hx-swap-oob="true">A ring</bdi>')
    assertContains(answer, "?tag=vip")
    ticket.refresh_from_db()
    assert ticket.subject == "A ring" and {tag.slug for tag in ticket.tags.all()} == {"vip", "refund"}
    for wrong in ({"subject": "", "tags": []}, {"subject": "x", "tags": ["no-such"]}):
        assert client.post(at(ticket, "do/label/"), wrong).status_code == 400
    client.post(at(ticket, "do/label/"), {"subject": "A ring"})
    assert not ticket.tags.exists()


def test_subject_and_tags_are_changed_by_who_works_on_the_ticket(people, visit, brought):
    ticket = brought(2)
    for name in CAST:
        answer = visit(getattr(people, name)).post(at(ticket, "do/label/"), {"subject": "Mine"})
        works = name in {"specialist", "specialist2", "supervisor", "supervisor2", "risk", "legal"}
        assert answer.status_code == (302 if works else 404 if name == "stranger" else 403), name


def test_put_off_until_an_exact_time_said_in_words(people, visit, fresh):
    ticket, client = fresh(), visit(people.agent)
    User.objects.filter(pk=people.agent.pk).update(time_zone="Europe/Rome")
    due = deadline(ticket)
    day = timezone.localtime(timezone=None) + timedelta(days=2)
    sent = {"until": "exact", "at": f"{day:%Y-%m-%d}T09:30"}
    answer = client.post(at(ticket, "do/snooze/"), sent, follow=True)
    assert re.search(f"until {day:%A} [^<]*{day.year},? 09:30 ", answer.content.decode())
    assertContains(answer, "No clock stops.")
    assertContains(answer, "Snoozed until:")
    until = Snooze.objects.get().until
    assert until > database_now() and deadline(ticket) == due


def deadline(ticket):
    return builders.visit(ticket).due_at


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"until": "exact"}, "Give the time."), ({"until": "exact", "at": "yesterday"}, "Enter a valid date/time"),
        ({"until": "exact", "at": "2001-01-01T09:00"}, "within the next 30 days"),
        ({"until": "never"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_is_refused_at_its_field(sent, words, people, visit, fresh):
    answer = visit(people.agent).post(at(fresh(), "do/snooze/"), sent)
    assertContains(answer, words, status_code=400)
    assert not Snooze.objects.exists()


def test_until_the_customer_writes(people, visit, fresh):
    ticket, client = fresh(), visit(people.agent)
    answer = client.post(at(ticket, "do/snooze/"), {"until": "customer"}, follow=True)
    assertContains(answer, "Snoozed until: the customer writes.")
    assert Snooze.objects.get().until is None
    assertNotContains(client.get("/desk/?view=mine"), ticket.subject)
