"""An answer can be taken back for some seconds; drafts are kept on the server until they are sent."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from escalation import audit, conversation, drafts, holds, moves, outgoing, overview, rounds, waiting
from escalation.models import OutboxMessage
from helpdesk import letters
from policies import responses
from tests.builders import T0, minutes, on_floor, open_ticket, stand, visit
from tests.escalation.test_races import together
from tickets.clock import database_now
from tickets.models import Draft, Message, User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

WHY = "a reason long enough for the record"
AT = T0 + minutes(3)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.fixture
def people(people):
    for person in vars(people).values():
        person.undo_seconds = 10
    User.objects.update(undo_seconds=10)
    return people


@pytest.fixture
def ticket(people):
    return open_ticket()


@pytest.fixture
def press(people, ticket):
    return lambda body="Good morning", actor=None, now=AT, **more: outgoing.press(
        ticket.pk, actor=actor or people.agent, body=body, now=now, **more
    )


def test_nothing_has_been_said_before_an_answer_goes_out(ticket, press):
    version = stand(ticket).version
    press()
    assert outgoing.release_due(AT + seconds(9)) == 0
    assert ticket.messages.count() == 1
    assert stand(ticket).version == version
    assert not OutboxMessage.objects.filter(topic="answered").exists()


def test_it_goes_out_once_and_counts_from_the_moment_it_was_sent_off(ticket, press):
    press()
    assert [outgoing.release_due(AT + seconds(12)) for _turn in range(2)] == [1, 0]
    ticket.refresh_from_db()
    assert ticket.first_response_at == AT
    event = ticket.events.get(action="message_sent")
    assert (event.at, event.data["sent_off_at"]) == (AT + seconds(12), AT.isoformat())
    assert not Draft.objects.exists()
    assert OutboxMessage.objects.filter(topic="answered").count() == 1
    assert not list(audit.verify())


def test_whoever_makes_rounds_sends_it(ticket, people):
    outgoing.press(ticket.pk, actor=people.agent, body="Good morning", now=database_now() - seconds(20))
    assert rounds.make_round(rounds.HANDS) == 1
    assert ticket.messages.count() == 2


def test_taken_back_it_is_the_draft_again_above_what_was_written_since(ticket, people, press):
    waits = press("First")
    drafts.keep(ticket.pk, actor=people.agent, body="Second")
    outgoing.take_back(waits.pk, actor=people.agent)
    assert outgoing.release_due(AT + minutes(1)) == 0
    draft = Draft.objects.get()
    assert (draft.body, draft.is_proper, draft.kind) == ("First\n\nSecond", True, "reply")


def test_taken_back_beside_a_note_it_never_turns_the_note_into_an_answer(ticket, people, press):
    waits = press("First")
    drafts.keep(ticket.pk, actor=people.agent, body="He shouts", kind="note")
    outgoing.take_back(waits.pk, actor=people.agent)
    assert Draft.objects.get().kind == "note"


def test_what_has_gone_out_cannot_be_taken_back_and_nobody_takes_back_for_others(ticket, people, press):
    waits = press()
    with pytest.raises(Conflict) as refusal:
        outgoing.take_back(waits.pk, actor=people.agent2)
    assert refusal.value.code == "gone_out"
    outgoing.release_due(AT + minutes(1))
    with pytest.raises(Conflict):
        outgoing.take_back(waits.pk, actor=people.agent)


def test_who_wants_no_delay_has_none(ticket, people):
    people.agent.undo_seconds = 0
    assert isinstance(outgoing.press(ticket.pk, actor=people.agent, body="Now", now=AT), Message)
    assert not Draft.objects.exists()


def test_being_able_to_take_back_never_costs_a_deadline(ticket, people, press):
    answered_by = responses.promised(ticket.channel, T0).answer_at
    assert press(now=answered_by - seconds(8)).goes_at == answered_by - outgoing.MARGIN
    due = visit(ticket).due_at
    assert answered_by < due
    assert press(now=due - seconds(9)).goes_at == due - outgoing.MARGIN
    assert isinstance(press(now=due - seconds(4)), Message)


def test_send_and_wait_stops_the_clock_from_the_moment_it_was_sent_off(ticket, people, press):
    press(then="wait")
    outgoing.release_due(AT + seconds(11))
    pause = visit(ticket).pauses.get()
    assert pause.started_at == AT
    waiting.resume(ticket.pk, actor=people.agent, now=AT + minutes(10))
    assert visit(ticket).due_at == T0 + minutes(25)


def test_send_and_resolve_resolves_when_it_goes_out(ticket, press):
    press("A new clasp is on its way.", then="resolve")
    assert stand(ticket).floor == 1
    outgoing.release_due(AT + seconds(11))
    assert stand(ticket).state == "resolved"
    assert ticket.events.get(action="resolved").reason == "A new clasp is on its way."


def comes_back(ticket, words: str) -> Draft:
    assert outgoing.release_due(AT + minutes(1)) == 0
    assert not ticket.messages.filter(author__isnull=False, visibility="public").exists()
    row = Draft.objects.get()
    assert words in row.problem and not row.is_waiting
    assert OutboxMessage.objects.get(topic="not_sent").payload == {"draft": row.pk, "number": ticket.pk}
    return row


def test_an_answer_to_a_ticket_that_was_resolved_meanwhile_comes_back(ticket, people, press):
    press()
    moves.resolve(ticket.pk, actor=people.agent2, summary=WHY, now=AT + seconds(3))
    row = comes_back(ticket, "was resolved before")
    outgoing.take_back(row.pk, actor=people.agent)
    assert (Draft.objects.get().body, Draft.objects.get().problem) == ("Good morning", "")


def test_an_answer_comes_back_when_a_hold_forbids_it_and_the_attempt_is_on_record(ticket, people, press):
    press()
    holds.place(ticket.pk, actor=people.agent2, reason=WHY, blocks=["send"], now=AT + seconds(3))
    comes_back(ticket, WHY)
    assert ticket.events.get(action="action_blocked").data["attempted"] == "send"


def test_an_answer_comes_back_when_the_customer_wrote_before_it_went(ticket, press):
    press()
    conversation.customer_message(ticket.pk, body="It has come", now=AT + seconds(3))
    comes_back(ticket, "The customer wrote")


def test_an_answer_comes_back_when_its_writer_no_longer_works_on_the_ticket(ticket, people, press):
    press()
    moves.escalate(ticket.pk, actor=people.agent2, justification=WHY, now=AT + seconds(3))
    comes_back(ticket, "Floor 2 is worked by")


def test_an_answer_comes_back_when_its_writer_may_no_longer_see_the_ticket(ticket, people, press, mailoutbox, client):
    press()
    for _floor in (2, 3):
        moves.escalate(ticket.pk, actor=people.legal, justification=WHY, now=AT + seconds(3))
    comes_back(ticket, "out of your sight")
    letters.relay()
    letter = next(letter for letter in mailoutbox if "not sent" in letter.subject)
    assert letter.to == ["agent@example.com"] and "/desk/drafts/" in letter.body
    assert "parcel" not in letter.subject + letter.body
    client.force_login(people.agent)
    page = client.get("/desk/drafts/").content.decode()
    assert "Good morning" in page and "out of your sight" in page and "parcel" not in page
    client.post("/desk/drafts/", {"discard": Draft.objects.get().pk})
    assert not Draft.objects.exists()


def test_what_was_to_follow_may_be_refused_and_the_answer_is_sent_all_the_same(ticket, people, press):
    press(then="resolve")
    holds.place(ticket.pk, actor=people.agent2, reason=WHY, now=AT + seconds(3))
    assert outgoing.release_due(AT + seconds(12)) == 1
    assert (stand(ticket).floor, ticket.messages.count()) == (1, 2)
    row = Draft.objects.get()
    assert (row.body, WHY in row.problem) == ("", True)
    outgoing.take_back(row.pk, actor=people.agent)
    assert not Draft.objects.exists()


def test_an_answer_that_cannot_be_sent_is_tried_again_and_then_comes_back(ticket, press, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("boom")

    press()
    monkeypatch.setattr(conversation, "send", fail)
    for _turn in range(outgoing.MAX_ATTEMPTS):
        Draft.objects.update(goes_at=AT)
        assert outgoing.release_due() == 0
    assert "RuntimeError" in Draft.objects.get().problem


def test_nobody_answers_past_an_answer_that_is_on_its_way(ticket, people, press):
    first = press("Mine first")
    with pytest.raises(Conflict) as refusal:
        press("Mine second", actor=people.agent2, now=AT + seconds(2))
    assert refusal.value.data == {"draft": first.pk}
    press("Mine second", actor=people.agent2, now=AT + seconds(4), seen_press=first.pressed_at)
    assert outgoing.release_due(AT + seconds(30)) == 2
    assert list(ticket.messages.order_by("pk").values_list("body", flat=True))[1:] == ["Mine first", "Mine second"]


def test_who_may_not_answer_may_not_send_off(people, ticket):
    with pytest.raises(NotAllowed):
        outgoing.press(on_floor(2, people).pk, actor=people.agent, body="Hello", now=AT)
    with pytest.raises(NotFound):
        outgoing.press(on_floor(3, people).pk, actor=people.agent, body="Hello", now=AT)
    with pytest.raises(Invalid):
        outgoing.press(ticket.pk, actor=people.agent, body=" ", now=AT)
    assert not Draft.objects.exists()


def test_a_draft_is_its_writers_own_and_files_go_along(ticket, people, press):
    drafts.keep(ticket.pk, actor=people.agent, body="Mine", files=[SimpleUploadedFile("a.pdf", b"%PDF")])
    drafts.keep(ticket.pk, actor=people.agent2, body="Other")
    assert [row.body for row in drafts.of(people.agent, ticket.pk)] == ["Mine"]
    press("Mine at last")
    outgoing.release_due(AT + seconds(11))
    file = ticket.messages.latest("pk").attachments.get()
    assert (file.name, file.file.read(), len(file.sha256)) == ("a.pdf", b"%PDF", 64)
    assert [row.body for row in Draft.objects.all()] == ["Other"]


def test_an_old_window_never_takes_newer_words_away(ticket, people):
    old = drafts.keep(ticket.pk, actor=people.agent, body="One", revision=0)
    new = drafts.keep(ticket.pk, actor=people.agent, body="Two", revision=old.revision)
    with pytest.raises(Conflict) as refusal:
        drafts.keep(ticket.pk, actor=people.agent, body="Old", revision=old.revision)
    assert refusal.value.code == "newer_draft"
    drafts.keep(ticket.pk, actor=people.agent, body="Two", revision=old.revision)  # the same words harm nobody
    assert drafts.keep(ticket.pk, actor=people.agent, body="", revision=new.revision + 1) is None
    with pytest.raises(Conflict):
        drafts.keep(ticket.pk, actor=people.agent, body="Ghost", revision=new.revision)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", ["executive", "manager", "policy", "admin", "stranger"])
def test_people_who_do_not_write_keep_no_drafts(name, people, ticket):
    with pytest.raises((NotAllowed, NotFound)):
        drafts.keep(ticket.pk, actor=getattr(people, name), body="Hello")


@pytest.mark.django_db(transaction=True)
def test_undo_against_two_workers_either_sends_once_or_not_at_all(people):
    for turn in range(8):
        ticket = open_ticket(now=database_now(), customer_email=f"c{turn}@example.org")
        waits = outgoing.press(ticket.pk, actor=people.agent, body="Hello")
        Draft.objects.update(pressed_at=database_now() - seconds(11), goes_at=database_now())
        undone, *sent = together(
            lambda pk=waits.pk: outgoing.take_back(pk, actor=people.agent), outgoing.release_due, outgoing.release_due
        )
        if undone == "gone_out":
            assert (sum(sent), ticket.messages.count(), Draft.objects.count()) == (1, 2, 0)
        else:
            assert (sum(sent), ticket.messages.count(), Draft.objects.get().is_proper) == (0, 1, True)
            Draft.objects.all().delete()
    assert not list(audit.verify())


@pytest.mark.django_db(transaction=True)
def test_reply_against_resolve_is_sent_before_or_comes_back(people):
    for turn in range(6):
        ticket = open_ticket(now=database_now() - minutes(6), customer_email=f"c{turn}@example.org")
        outgoing.press(ticket.pk, actor=people.agent, body="Hello")
        Draft.objects.update(pressed_at=database_now() - seconds(11), goes_at=database_now())
        together(lambda n=ticket.pk: moves.resolve(n, actor=people.agent2, summary=WHY), outgoing.release_due)
        assert stand(ticket).state == "resolved"
        assert ticket.messages.filter(author=people.agent).count() + Draft.objects.exclude(problem="").count() == 1
        Draft.objects.all().delete()
    assert not list(audit.verify())


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_do_not_answer_past_each_other(people):
    ticket = open_ticket(now=database_now())
    results = together(
        lambda: outgoing.press(ticket.pk, actor=people.agent, body="One").pk,
        lambda: outgoing.press(ticket.pk, actor=people.agent2, body="Two").pk,
    )
    assert results.count("newer_message") == 1
    assert overview.clock(overview.ticket(people.agent, ticket.pk)) == "running"
