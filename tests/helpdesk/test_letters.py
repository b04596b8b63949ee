"""What is owed is sent once, later, and never lost to a failing mail server."""

import pytest
from django.db import transaction

from escalation import conversation, moves, outbox, sweep
from escalation.models import OutboxMessage
from helpdesk import letters
from tests.builders import T0, minutes, on_floor, open_ticket


def relay() -> int:
    return letters.relay()


def told(mailoutbox, words: str) -> set[str]:
    """Return who got a letter with WORDS in its subject."""
    return {address for mail in mailoutbox if words in mail.subject for address in mail.to}


def test_customer_is_told_number_and_link_without_the_submitted_words(people, mailoutbox):
    ticket = open_ticket(subject="Buy at http://evil.example", body="spam spam", now=None)
    assert relay() == 1
    (mail,) = mailoutbox
    assert mail.to == ["carla@example.org"]
    assert f"#{ticket.pk}" in mail.subject and "/help/my/" in mail.body
    assert "evil" not in mail.subject + mail.body and "spam" not in mail.body


def test_answer_reaches_the_customer_and_the_note_does_not(people, mailoutbox):
    ticket = open_ticket(now=None)
    conversation.note(ticket.pk, actor=people.agent, body="canary-note")
    conversation.reply(ticket.pk, actor=people.agent, body="It comes tomorrow.")
    relay()
    assert "It comes tomorrow." in mailoutbox[-1].body
    assert not any("canary-note" in mail.body for mail in mailoutbox)


def test_customer_hears_once_that_a_specialist_has_it_and_never_of_floors(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    moves.send_down(ticket.pk, actor=people.specialist, floor=1, justification="triage can do this")
    moves.escalate(ticket.pk, actor=people.agent, justification="no, it cannot do this")
    relay()
    told = [mail for mail in mailoutbox if "specialist" in mail.subject]
    assert len(told) <= 1
    assert not any("floor" in (mail.subject + mail.body).lower() for mail in mailoutbox)


def test_risk_and_legal_are_notified_and_executives_alarmed(people, mailoutbox):
    ticket = on_floor(3, people)
    sweep.sweep(as_of=T0 + minutes(60))
    relay()
    assert told(mailoutbox, "arrived on Floor 3") == {"risk@example.com", "legal@example.com"}
    assert told(mailoutbox, "late") == {"executive@example.com", "risk@example.com", "legal@example.com"}
    for mail in mailoutbox:
        if "late" in mail.subject:
            assert f"/desk/tickets/{ticket.pk}/" in mail.body and len(mail.to) == 1
            assert ticket.subject not in mail.subject + mail.body


def test_signers_are_asked_and_the_asker_is_not(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    moves.escalate(ticket.pk, actor=people.supervisor, justification="possible legal question")
    relay()
    asked = told(mailoutbox, "signature")
    assert "supervisor2@example.com" in asked and "supervisor@example.com" not in asked


def test_failing_mail_is_tried_again_and_given_up_at_last(people, monkeypatch):
    ticket = open_ticket(now=None)

    def refuse(owed):
        raise OSError("mail server away")

    for attempt in range(outbox.MAX_ATTEMPTS):
        OutboxMessage.objects.update(next_attempt_at=T0)
        assert outbox.relay(refuse) == 0
        assert OutboxMessage.objects.get(ticket=ticket).attempts == attempt + 1
    owed = OutboxMessage.objects.get(ticket=ticket)
    assert owed.parked_at and "mail server away" in owed.last_error
    assert relay() == 0


def test_one_failing_mail_does_not_stop_the_next(people, mailoutbox):
    first, _second = open_ticket(now=None), open_ticket(now=None, customer_email="other@example.org")
    OutboxMessage.objects.filter(ticket=first).update(topic="unheard_of")
    assert relay() == 1
    assert mailoutbox[0].to == ["other@example.org"]


def test_address_that_can_never_exist_is_not_written_to(people, mailoutbox):
    open_ticket(customer_email="complaint-7@cfpb.invalid")
    assert relay() == 1
    assert mailoutbox == []


def test_same_cause_is_owed_once(people):
    ticket = open_ticket()
    for _turn in range(2):
        outbox.promise(ticket=ticket.pk, topic="resolved", key="resolved:once", now=T0)
    assert OutboxMessage.objects.filter(key="resolved:once").count() == 1


def test_nothing_is_owed_for_what_was_rolled_back(people):
    ticket = open_ticket()
    OutboxMessage.objects.all().delete()
    with pytest.raises(RuntimeError), transaction.atomic():
        conversation.reply(ticket.pk, actor=people.agent, body="Hello.")
        raise RuntimeError("the process dies here")
    assert not OutboxMessage.objects.exists()
