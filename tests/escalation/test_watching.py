"""Watching, naming colleagues, snoozing: what each wants of a ticket for themselves, never more than they may see."""

from datetime import timedelta

import pytest

from escalation import assignment, conversation, mentions, moves, snoozing, sweep, watching
from escalation.models import OutboxMessage, Snooze, Watch
from helpdesk import letters
from helpdesk.desk.counts import _count as counted
from helpdesk.models import Notification
from tests.builders import T0, minutes, on_floor, open_ticket, visit
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Invalid, NotFound

WHY = "a reason long enough for the record"


@pytest.fixture
def ticket(people):
    return open_ticket()


def told(topic: str) -> list[dict]:
    return list(OutboxMessage.objects.filter(topic=topic).order_by("pk").values_list("payload", flat=True))


def test_who_watches_hears_once_of_what_others_and_the_clock_did(people, ticket):
    watching.watch(ticket.pk, actor=people.specialist)
    watching.watch(ticket.pk, actor=people.specialist)
    conversation.reply(ticket.pk, actor=people.agent, body="Hello", now=T0 + minutes(1))
    conversation.note(ticket.pk, actor=people.specialist, body="My own", now=T0 + minutes(2))
    assert [watching.tell(), watching.tell()] == [1, 0]
    assert told("watched_change") == [{"person": people.specialist.pk, "kinds": ["message_sent"]}]
    sweep.sweep(as_of=visit(ticket).due_at)
    assert watching.tell() == 1
    assert told("watched_change")[1]["kinds"] == ["moved"]
    watching.unwatch(ticket.pk, actor=people.specialist)
    conversation.customer_message(ticket.pk, body="Hello?")
    assert watching.tell() == 0


def test_what_went_out_of_a_watchers_sight_is_told_to_nobody(people, ticket):
    watching.watch(ticket.pk, actor=people.agent)
    for _floor in (2, 3):
        moves.escalate(ticket.pk, actor=people.legal, justification=WHY)
    assert watching.tell() == 1
    letters.relay()
    assert not Notification.objects.filter(topic="watched_change").exists()
    with pytest.raises(NotFound):
        watching.watch(ticket.pk, actor=people.agent2)


def test_a_colleague_who_is_named_in_a_note_hears_of_it_and_watches(people, ticket):
    User.objects.filter(pk=people.specialist.pk).update(name="Ánna Rossi")
    User.objects.filter(pk=people.specialist2.pk).update(name="Anna")
    note = conversation.note(ticket.pk, actor=people.agent, body="@anna rossi, and @legal, not me@example.com @agent")
    assert {payload["person"] for payload in told("mention")} == {people.specialist.pk, people.legal.pk}
    assert Watch.objects.filter(ticket=ticket).count() == 2
    assert mentions.not_told(note) == []
    letters.relay()
    assert set(Notification.objects.filter(topic="mention").values_list("recipient", flat=True)) == {
        people.specialist.pk,
        people.legal.pk,
    }


def test_whoever_may_not_see_the_ticket_hears_nothing_and_the_writer_is_told(people, client):
    secret = on_floor(3, people)
    client.force_login(people.legal)
    page = client.post(
        f"/desk/tickets/{secret.pk}/write/", {"kind": "note", "body": "@Agent look", "do": "send"}, follow=True
    )
    assert "may not see this ticket: Agent." in page.content.decode()
    assert told("mention") == [] and not Watch.objects.exists()


def test_an_answer_to_the_customer_names_nobody(people, ticket):
    conversation.reply(ticket.pk, actor=people.agent, body="Write to @legal")
    assert told("mention") == []


def test_a_snoozed_ticket_leaves_mine_only_and_no_clock_stops(people, client):
    ticket = open_ticket(now=database_now(), subject="Put off")
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent)
    due = visit(ticket).due_at
    client.force_login(people.agent)
    client.post(f"/desk/tickets/{ticket.pk}/do/snooze/", {"until": "1"})
    lists = {view: "Put off" in client.get(f"/desk/?view={view}").content.decode() for view in ("mine", "", "snoozed")}
    assert lists == {"mine": False, "": True, "snoozed": True}
    assert visit(ticket).due_at == due and counted(people.agent)["mine"] == 0
    visit_ = visit(ticket)
    type(visit_).objects.filter(pk=visit_.pk).update(due_at=database_now() + minutes(4))
    assert "Put off" in client.get("/desk/?view=mine").content.decode()
    assert counted(people.agent)["mine"] == 1
    client.post(f"/desk/tickets/{ticket.pk}/do/wake/")
    assert not Snooze.objects.exists()


def test_a_snoozed_ticket_is_back_when_its_customer_writes(people, ticket):
    snoozing.snooze(ticket.pk, actor=people.agent, until=None)
    conversation.customer_message(ticket.pk, body="Hello?")
    assert not Snooze.objects.exists()


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=31)])
def test_nobody_snoozes_into_the_past_or_for_ever(ahead, people, ticket):
    with pytest.raises(Invalid):
        snoozing.snooze(ticket.pk, actor=people.agent, until=T0 + ahead, now=T0)


@pytest.mark.parametrize("name", ["agent", "executive", "manager"])
@pytest.mark.parametrize("act", ["watch", "unwatch"])
def test_everybody_who_sees_a_ticket_may_watch_it(name, act, people, ticket, client):
    client.force_login(getattr(people, name))
    assert client.post(f"/desk/tickets/{ticket.pk}/do/{act}/").status_code == 302
    client.force_login(people.stranger)
    assert client.post(f"/desk/tickets/{ticket.pk}/do/{act}/").status_code == 404
