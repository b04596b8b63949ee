"""A bad rating opens a task: its cause, and what prevents it (P7.2)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from escalation import approvals, assignment, moves, outbox, sweep
from escalation.models import OutboxMessage
from helpdesk import letters
from helpdesk.models import Notification
from metrics import causes, ratings
from metrics.models import Cause
from tests.builders import CAST, T0, minutes, on_floor, open_ticket
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

HOUR = timedelta(hours=1)
LATER = T0 + timedelta(days=1)


def rated(people, score: int, *, floor: int = 1, **fields):
    ticket = open_ticket(**fields) if floor == 1 else on_floor(floor, people, **fields)
    worker = people.agent if floor == 1 else people.specialist
    moves.resolve(ticket.pk, actor=worker, summary="Sent again.", now=T0 + minutes(5))
    ratings.rate(ticket.pk, score=score, comment="Slow.", now=T0 + HOUR)
    return ticket


def fill(task: Cause, actor, **changes) -> Cause:
    words = {"cause": "Label printed twice", "action": "Scan before packing", "close": True, "now": LATER} | changes
    return causes.fill_in(task.pk, actor=actor, **words)


@pytest.mark.parametrize(("score", "count"), [(1, 1), (2, 1), (3, 0), (5, 0)])
def test_only_a_bad_rating_opens_a_task_for_who_answered(people, score, count):
    rated(people, score)
    assert Cause.objects.count() == count
    if count:
        task = Cause.objects.get()
        assert (task.owner, task.due_at) == (people.agent, T0 + HOUR + causes.DUE_IN)


def test_owner_is_whoever_has_the_ticket(people):
    ticket = open_ticket()
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2, now=T0 + minutes(1))
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=T0 + minutes(5))
    ratings.rate(ticket.pk, score=1, now=T0 + HOUR)
    assert Cause.objects.get().owner == people.agent2


def test_changed_rating_withdraws_the_task_or_opens_it_again_and_asks_once(people):
    ticket = rated(people, 1)
    ratings.rate(ticket.pk, score=2, now=T0 + 2 * HOUR)
    assert Cause.objects.get().is_open
    ratings.rate(ticket.pk, score=4, now=T0 + 3 * HOUR)
    assert not Cause.objects.get().is_open and not causes.listed(people.agent)
    ratings.rate(ticket.pk, score=1, now=T0 + 4 * HOUR)
    task = Cause.objects.get()
    assert task.is_open and task.due_at == T0 + 4 * HOUR + causes.DUE_IN
    assert OutboxMessage.objects.filter(topic="cause_wanted").count() == 1
    fill(task, people.agent)
    ratings.rate(ticket.pk, score=5, now=LATER + HOUR)
    assert Cause.objects.get().closed_at == LATER


def test_owner_is_told_and_when_nobody_answered_the_supervisors_are(people):
    OutboxMessage.objects.all().delete()
    rated(people, 1)
    orphan = rated(people, 2)
    Cause.objects.filter(rating__ticket=orphan).update(owner=None)
    outbox.relay(letters.send)
    told = Notification.objects.filter(topic="cause_wanted").values_list("ticket_id", "recipient__email")
    assert {email for number, email in told if number == orphan.pk} == {
        "supervisor@example.com",
        "supervisor2@example.com",
    }
    assert {email for number, email in told if number != orphan.pk} == {"agent@example.com"}


def test_task_is_closed_only_with_both_words_and_only_once(people):
    rated(people, 1)
    task = Cause.objects.get()
    for missing in ({"cause": " "}, {"action": ""}):
        with pytest.raises(Invalid):
            fill(task, people.agent, **missing)
    half = fill(task, people.agent, action="", close=False)
    assert half.is_open and half.cause
    assert fill(task, people.agent).closed_by == people.agent
    with pytest.raises(Conflict):
        fill(task, people.agent, cause="Another")
    for wrong in ({"cause": ""}, {"closed_by": None}, {"withdrawn_at": LATER}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cause.objects.update(**wrong)


def test_each_role_sees_and_answers_as_it_may(people):
    rated(people, 1)
    task = Cause.objects.get()
    got = {}
    for name in CAST:
        with transaction.atomic():
            try:
                fill(task, getattr(people, name))
                got[name] = "answers"
            except NotAllowed:
                got[name] = "sees"
            except NotFound:
                got[name] = "nothing"
            transaction.set_rollback(True)
    leaders = {"supervisor", "supervisor2", "risk", "legal", "manager"}
    wanted = dict.fromkeys(CAST, "sees") | dict.fromkeys(leaders | {"agent"}, "answers") | {"stranger": "nothing"}
    assert got == wanted


def test_cause_of_a_secret_case_is_as_secret_as_the_case(people, client):
    ticket = on_floor(3, people)
    sweep.sweep(as_of=T0 + minutes(61))
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="We pay.", now=T0 + minutes(70))

    approvals.approve(asked.pk, actor=people.legal, note="agreed, this is right", now=T0 + minutes(75))
    ratings.rate(ticket.pk, score=1, comment="CANARY", now=T0 + 2 * HOUR)
    task = Cause.objects.get()
    for name, status in (("agent", 404), ("manager", 404), ("stranger", 403), ("legal", 200)):
        client.force_login(getattr(people, name))
        listed, page = client.get("/desk/causes/"), client.get(f"/desk/causes/{task.pk}/")
        assert page.status_code == (404 if name == "stranger" else status)
        assert ("CANARY" in page.content.decode()) == (name == "legal")
        assert (f"/desk/causes/{task.pk}/" in listed.content.decode()) == (name == "legal")


def test_pages_list_take_save_and_close(people, client, django_assert_max_num_queries):
    for _turn in range(4):
        rated(people, 1)
    task = Cause.objects.order_by("pk").first()
    client.force_login(people.supervisor)
    with django_assert_max_num_queries(12):
        text = client.get("/desk/causes/").content.decode()
    assert text.count("data-row-link") == 4 and "is-late" in text
    address = f"/desk/causes/{task.pk}/"
    client.post(address, {"do": "take"})
    task.refresh_from_db()
    assert task.owner == people.supervisor
    client.post(address, {"do": "save", "cause": "Label printed twice"})
    refused = client.post(address, {"do": "close", "cause": "Label printed twice"})
    assert refused.status_code == 422 and "required" in refused.content.decode()
    assert client.post(address, {"do": "close", "cause": "Label", "action": "Scan"}).url == "/desk/causes/"
    assert "Scan" in client.get("/desk/causes/?show=closed").content.decode()
    assert client.post(address, {"do": "close", "cause": "x", "action": "y"}).status_code == 409
    client.force_login(people.agent2)
    other = Cause.objects.order_by("pk").last()
    assert client.post(f"/desk/causes/{other.pk}/", {"do": "take"}).status_code == 403


def test_week_counts_its_tasks_beside_satisfaction(people, client):
    rated(people, 1)
    assert causes.in_week(T0, T0 + timedelta(days=7)) == {"opened": 1, "closed": 0}
    client.force_login(people.manager)
    week = f"{T0:%G-W%V}"
    text = client.get(f"/desk/scorecard/figures/satisfaction/?week={week}").content.decode()
    assert "1 cause was asked for this week, 0 is closed." in text
