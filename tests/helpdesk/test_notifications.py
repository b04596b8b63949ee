"""Staff are told once, of what they may still see, by the ways and at the times that they chose."""

import pytest
from django.utils import timezone

from escalation import approvals, assignment, conversation, moves, outbox, taking_back
from escalation.models import OutboxMessage
from helpdesk import letters
from helpdesk.models import Delivery, Notification
from helpdesk.notifications import inbox
from helpdesk.notifications.announce import announce
from metrics import fridays, scorecard
from metrics.models import Target
from tests.builders import minutes, on_floor, open_ticket
from tickets import duty


def topics(user) -> list[str]:
    """Return what USER finds at the desk."""
    return [row.topic for row in inbox.listed(user).order_by("id")]


def test_each_hears_of_their_own_ticket_and_not_of_what_they_did_themselves(people):
    ticket = open_ticket(now=None)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    conversation.customer_message(ticket.pk, body="Any news?")
    letters.relay()
    assert topics(people.agent) == []
    assert topics(people.agent2) == ["assigned", "customer_wrote"]


def test_a_cause_tells_each_person_once_however_often_it_is_carried_out(people):
    on_floor(3, people, now=None)
    for _turn in range(2):
        OutboxMessage.objects.update(sent_at=None)
        letters.relay()
    announce(OutboxMessage.objects.get(topic="floor_3"))
    assert topics(people.risk).count("floor_3") == 1
    assert Delivery.objects.filter(recipient=people.risk, notification__topic="floor_3").count() == 1


def test_who_loses_sight_of_a_ticket_loses_its_notifications_too(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    assignment.assign(ticket.pk, actor=people.supervisor, assignee=people.specialist2)
    letters.relay()
    assert topics(people.specialist2) == ["assigned"]
    assignment.assign(ticket.pk, actor=people.supervisor, assignee=None)
    moves.escalate(ticket.pk, actor=people.risk, justification="this is a legal question")
    assert topics(people.specialist2) == [] and inbox.unread_count(people.specialist2) == 0


def test_a_letter_on_its_way_is_withdrawn_when_its_reader_may_not_see_the_ticket_any_more(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    moves.escalate(ticket.pk, actor=people.specialist, justification="this is a legal question")
    outbox.relay(letters.send)
    assert Delivery.objects.filter(Delivery.OPEN, recipient=people.supervisor2).count() == 1
    moves.escalate(ticket.pk, actor=people.risk, justification="this is a legal question")
    letters.deliver()
    assert not [mail for mail in mailoutbox if "supervisor2@example.com" in mail.to]
    row = Delivery.objects.get(recipient=people.supervisor2, notification__topic="signature_wanted")
    assert row.parked_at and row.sent_at is None and "sight" in row.withdrawn


def test_who_asked_hears_what_became_of_it(people):
    ticket = on_floor(2, people, now=None)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification="this is a legal question")
    approvals.reject(asked.pk, actor=people.supervisor, note="this is not a legal question")
    letters.relay()
    row = inbox.listed(people.specialist).get(topic="decided")
    assert row.facts["state"] == "rejected"


def test_who_had_a_ticket_hears_that_it_was_taken_back(people):
    now = timezone.now() - minutes(10)
    ticket = on_floor(2, people, now=now)
    duty.come_on(people.specialist, now=now)
    assignment.assign(ticket.pk, actor=people.supervisor, assignee=people.specialist, now=now)
    assert taking_back.take_back(now + minutes(6)) == 1
    letters.relay()
    assert topics(people.specialist) == ["taken_from"]
    assert topics(people.supervisor) == ["taken_back"]


def test_many_at_once_come_as_one_letter(people, mailoutbox):
    for _turn in range(5):
        on_floor(3, people, now=None)
    mailoutbox.clear()
    letters.relay()
    theirs = [mail for mail in mailoutbox if mail.to == ["legal@example.com"]]
    assert len(theirs) == 1 and "5 notifications" in theirs[0].subject
    assert theirs[0].body.count("A case has arrived on Floor 3") == 5
    assert not Delivery.objects.filter(Delivery.OPEN).exists()


def test_a_failing_letter_is_tried_again_without_telling_anybody_twice(people, mailoutbox, monkeypatch):
    on_floor(3, people, now=None)

    def refuse(*args, **kwargs):
        raise OSError("mail server away")

    with monkeypatch.context() as patch:
        patch.setattr("helpdesk.notifications.delivery.mail", refuse)
        letters.relay()
    row = Delivery.objects.get(recipient=people.legal, notification__topic="floor_3")
    assert row.attempts == 1 and "mail server away" in row.last_error and row.next_attempt_at > timezone.now()
    Delivery.objects.update(next_attempt_at=timezone.now() - minutes(1))
    letters.relay()
    letters.relay()
    assert len([mail for mail in mailoutbox if mail.to == ["legal@example.com"]]) == 1
    assert topics(people.legal).count("floor_3") == 1


def test_a_topic_that_nobody_knows_is_kept_and_named(people):
    ticket = open_ticket(now=None)
    outbox.promise(ticket=ticket.pk, topic="unheard_of", key="unheard_of:1", now=timezone.now())
    letters.relay()
    assert "unheard_of" in OutboxMessage.objects.get(topic="unheard_of").last_error


@pytest.mark.parametrize("name", ["agent", "legal", "executive", "manager", "stranger"])
def test_the_page_shows_each_their_own_and_counts_it_in_the_bell(people, client, name):
    person = getattr(people, name)
    on_floor(3, people, now=None)
    letters.relay()
    client.force_login(person)
    page = client.get("/desk/notifications/").content.decode()
    count = inbox.unread_count(person)
    assert count == (1 if name == "legal" else 0)
    assert ("A case has arrived on Floor 3" in page) == bool(count)
    assert (f'<span class="badge is-late">{count}</span>' in page) == bool(count)


def test_opening_reads_everything_about_the_ticket_and_strangers_open_nothing(people, client):
    ticket = open_ticket(now=None)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    conversation.customer_message(ticket.pk, body="Any news?")
    letters.relay()
    row = inbox.listed(people.agent2).first()
    client.force_login(people.agent)
    assert client.get(f"/desk/notifications/{row.pk}/").status_code == 404
    client.force_login(people.agent2)
    assert client.get(f"/desk/notifications/{row.pk}/").url == f"/desk/tickets/{ticket.pk}/"
    assert not inbox.unread(people.agent2).exists()


def test_one_and_all_are_marked_as_read_by_their_reader_only(people, client):
    first, second = open_ticket(now=None), open_ticket(now=None)
    for ticket in (first, second):
        assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    letters.relay()
    row = inbox.listed(people.agent2).first()
    client.force_login(people.agent)
    client.post("/desk/notifications/read/", {"one": row.pk})
    assert inbox.unread(people.agent2).count() == 2
    client.force_login(people.agent2)
    client.post("/desk/notifications/read/", {"one": row.pk})
    assert inbox.unread(people.agent2).count() == 1
    client.post("/desk/notifications/read/", {"one": "nonsense"})
    client.post("/desk/notifications/read/")
    assert inbox.unread(people.agent2).count() == 0


def test_idle_pages_hear_of_news_without_a_question_of_their_own(people, client, django_assert_max_num_queries):
    ticket = open_ticket(now=None)
    client.force_login(people.agent2)
    live = {"HX-Request": "true"}
    stamp = client.get(f"/desk/tickets/{ticket.pk}/").context["version"]
    assert client.get(f"/desk/tickets/{ticket.pk}/stand/?v={stamp}", headers=live)["X-Unread"] == ""
    other = open_ticket(now=None)
    assignment.assign(other.pk, actor=people.agent, assignee=people.agent2)
    letters.relay()
    answer = client.get(f"/desk/tickets/{ticket.pk}/stand/?v={stamp}", headers=live)
    assert (answer.status_code, answer["X-Unread"]) == (204, "1")
    with django_assert_max_num_queries(4):
        client.get(f"/desk/tickets/{ticket.pk}/stand/?v={stamp}", headers=live)


def test_news_and_reading_change_a_count_that_was_kept(people, django_capture_on_commit_callbacks):
    ticket = open_ticket(now=None)
    assert inbox.unread_count(people.agent2) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
        letters.relay()
    assert inbox.unread_count(people.agent2) == 1
    with django_capture_on_commit_callbacks(execute=True):
        inbox.read(people.agent2, inbox.unread(people.agent2), now=timezone.now())
    assert inbox.unread_count(people.agent2) == 0


def test_the_list_costs_few_queries_however_long(people, client, django_assert_max_num_queries):
    for _turn in range(12):
        ticket = open_ticket(now=None)
        assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    letters.relay()
    client.force_login(people.agent2)
    client.get("/desk/notifications/")
    with django_assert_max_num_queries(8):
        assert client.get("/desk/notifications/").content.count(b"data-row-link") == 12


def test_old_notifications_are_forgotten_and_unread_ones_are_kept_longer(people):
    ticket = open_ticket(now=None)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    letters.relay()
    now = timezone.now()
    assert inbox.forget_old(now + minutes(60 * 24 * 40)) == 0
    Notification.objects.update(read_at=now)
    assert inbox.forget_old(now + minutes(60 * 24 * 40)) == 1


def test_the_scorecard_reaches_everybody_at_the_desk_and_managers_and_owners_by_mail(people, mailoutbox):
    now = timezone.now()
    Target.objects.filter(key="backlog").update(owner=people.specialist)
    week = fridays.of(now) - 2 * fridays.WEEK
    assert scorecard.publish(week)
    letters.relay()
    assert not inbox.listed(people.manager).exists()  # a week that is long over is no news
    card = scorecard.publish(week + fridays.WEEK)
    letters.relay()
    assert topics(people.agent) == topics(people.manager) == topics(people.executive) == ["scorecard"]
    assert topics(people.stranger) == []
    assert sorted(mail.to[0] for mail in mailoutbox) == ["manager@example.com", "specialist@example.com"]
    mail = mailoutbox[0]
    assert card.name in mail.subject and f"/desk/scorecard/?week={card.name}" in mail.body
    assert "Backlog" in mail.body and "of 8 on target" in mail.body
    ((html, kind),) = mail.alternatives
    assert kind == "text/html" and html.count("<tr>") == 9
    assert "<img" not in html and "style=" not in html and "<script" not in html


def test_a_correction_of_a_scorecard_is_news_with_its_reason(people, mailoutbox):
    week = fridays.of(timezone.now()) - 3 * fridays.WEEK
    scorecard.publish(week)
    scorecard.publish(week, actor=people.manager, reason="two ratings <b>were</b> counted twice")
    letters.relay()
    (mail,) = [mail for mail in mailoutbox if mail.to == ["manager@example.com"]]
    assert "two ratings <b>were</b> counted twice" in mail.body
    assert "&lt;b&gt;" in mail.alternatives[0][0] and "edition 2" in mail.alternatives[0][0]
