"""The trail is append-only, chained, and complete."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from escalation import audit, conversation, holds, sweep
from escalation.models import AuditEvent, Escalation
from tests.builders import T0, minutes, on_floor, open_ticket, stand


def tamper(statement: str, params: list) -> None:
    """Change the trail as only a database owner could: with its guard switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE escalation_auditevent DISABLE TRIGGER USER")
        cursor.execute(statement, params)
        cursor.execute("ALTER TABLE escalation_auditevent ENABLE TRIGGER USER")


@pytest.fixture
def story(people):
    """A ticket with seven events, and an untouched neighbour."""
    open_ticket(customer_email="neighbour@example.org")
    ticket = on_floor(3, people)
    holds.place(ticket.pk, actor=people.risk, reason="until the facts are clear", now=T0 + minutes(1))
    return ticket


def test_whole_chain_verifies_and_version_counts_the_events(story):
    assert list(audit.verify()) == []
    assert stand(story).version == AuditEvent.objects.filter(ticket=story).count()
    call_command("verify_audit")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE escalation_auditevent SET reason = 'nicer words' WHERE ticket_id = %s AND seq = 2",
        "UPDATE escalation_auditevent SET data = '{}' WHERE ticket_id = %s AND seq = 2",
        "UPDATE escalation_auditevent SET at = at + interval '1 microsecond' WHERE ticket_id = %s AND seq = 2",
        "DELETE FROM escalation_auditevent WHERE ticket_id = %s AND seq = 2",
    ],
)
def test_changed_or_missing_event_is_named(story, statement):
    tamper(statement, [story.pk])
    (broken,) = audit.verify()
    assert (broken.ticket, broken.seq) == (story.pk, 2)
    with pytest.raises(CommandError):
        call_command("verify_audit")


def test_cut_tail_is_found(story):
    last = stand(story).version
    tamper("DELETE FROM escalation_auditevent WHERE ticket_id = %s AND seq = %s", [story.pk, last])
    (broken,) = audit.verify()
    assert (broken.ticket, broken.seq) == (story.pk, last)


def test_trail_that_is_gone_altogether_is_found(story):
    tamper("DELETE FROM escalation_auditevent WHERE ticket_id = %s", [story.pk])
    assert [(link.ticket, link.seq) for link in audit.verify()] == [(story.pk, 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE escalation_auditevent SET reason = 'x'",
        "DELETE FROM escalation_auditevent",
        "TRUNCATE escalation_auditevent CASCADE",
    ],
)
def test_database_refuses_changes_to_the_trail(story, statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert list(audit.verify()) == []


def test_database_refuses_a_floor_move_without_a_recorded_event(story):
    with pytest.raises(IntegrityError, match="must be recorded"), transaction.atomic():
        Escalation.objects.filter(pk=story.pk).update(state="floor_1")


def test_unknown_action_is_refused(story):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(
            ticket=story, seq=99, at=T0, by="system", action="invented", previous_hash="0" * 64, hash="0" * 64
        )


def test_message_is_on_record_with_the_digest_of_its_words(people):
    ticket = open_ticket()
    message = conversation.reply(ticket.pk, actor=people.agent, body="We are looking.", script="order-status", now=T0)
    event = AuditEvent.objects.get(ticket=ticket, action="message_sent")
    assert event.data["message"] == message.pk
    assert len(event.data["sha256"]) == 64
    assert (event.data["script"], event.data["script_version"]) == ("order-status", 1)


def test_clock_moves_chain_like_any_other(people):
    for n in range(5):
        open_ticket(customer_email=f"c{n}@example.org")
    sweep.sweep(as_of=T0 + minutes(15))
    sweep.sweep(as_of=T0 + minutes(25))
    sweep.sweep(as_of=T0 + minutes(85))
    assert list(audit.verify()) == []
    assert AuditEvent.objects.count() == 5 * 4
