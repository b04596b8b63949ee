"""Merging, splitting and linking: nothing is moved, nothing is lost, and the stricter of two tickets wins."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from escalation import (
    access,
    approvals,
    audit,
    conversation,
    decisions,
    evidence,
    explain,
    holds,
    linking,
    merging,
    moves,
    rules,
    splitting,
    waiting,
)
from escalation.models import Approval, AuditEvent, OutboxMessage, RiskFlag
from helpdesk.portal.stand import public_messages
from tests.builders import T0, minutes, on_floor, open_ticket, stand, visit
from tickets.models import Message, Ticket, TicketLink
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal, Stale

WHY = "both are about the same parcel"
SOON = T0 + minutes(3)


def join(one: Ticket, other: Ticket, actor, *, now=SOON, **more) -> None:
    merging.merge(one.pk, into=other.pk, actor=actor, reason=WHY, now=now, **more)


def said_in(ticket: Ticket) -> list[str]:
    return [m.body for m in Message.objects.in_conversation(ticket.pk).order_by("created_at", "id")]


def last(ticket: Ticket, action: str) -> AuditEvent:
    return AuditEvent.objects.filter(ticket=ticket, action=action).latest("seq")


@pytest.fixture
def pair(people):
    return open_ticket(body="second"), open_ticket(body="first", now=T0 - minutes(1))


def test_merged_ticket_is_closed_and_read_where_it_goes_on(people, pair):
    one, other = pair
    join(one, other, people.agent)
    one.refresh_from_db()
    assert (one.merged_into_id, one.closed_at, stand(one).state) == (other.pk, SOON, "resolved")
    assert not stand(one).visits.filter(left_at=None).exists() and visit(other).left_at is None
    assert said_in(other) == ["first", "second"]
    assert last(one, "merged").data == {"into": other.pk}
    assert last(other, "took_in").data == {"from": one.pk}
    assert not OutboxMessage.objects.filter(topic="resolved").exists()
    assert not list(audit.verify())


def test_customer_who_answers_the_merged_ticket_is_heard_in_the_other(people, pair):
    one, other = pair
    waiting.wait(other.pk, actor=people.agent, now=T0)
    join(one, other, people.agent)
    waiting.wait(other.pk, actor=people.agent, now=SOON)
    message = conversation.customer_message(one.pk, body="here I am", now=SOON + minutes(1))
    assert message.ticket_id == other.pk and message.customer is None
    assert visit(other).due_at is not None


def test_nothing_more_happens_in_a_merged_ticket(people, pair):
    one, other = pair
    join(one, other, people.agent)
    before = stand(one).version
    for act in (
        lambda: conversation.reply(one.pk, actor=people.agent, body="Hello"),
        lambda: conversation.note(one.pk, actor=people.agent, body="Hello"),
        lambda: moves.reopen(one.pk, actor=people.agent, reason=WHY),
        lambda: holds.place(one.pk, actor=people.agent, reason=WHY),
        lambda: evidence.add(one.pk, actor=people.agent, description="x"),
        lambda: join(one, other, people.agent),
        lambda: join(other, one, people.agent),
        lambda: linking.link(one.pk, other=other.pk, kind="related", actor=people.agent),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "merged" and refused.value.data == {"into": other.pk}
    assert stand(one).version == before


def test_what_a_merged_ticket_had_taken_in_goes_along(people, pair):
    one, other = pair
    third = open_ticket(body="third", now=T0 + minutes(1))
    join(third, one, people.agent)
    join(one, other, people.agent, now=SOON + minutes(1))
    assert Ticket.objects.filter(merged_into=other).count() == 2
    assert said_in(other) == ["first", "second", "third"]
    assert last(third, "merged").data == {"into": other.pk, "via": one.pk}
    assert conversation.customer_message(third.pk, body="hello", now=SOON + minutes(2)).ticket_id == other.pk


def test_higher_floor_risks_and_nearer_deadline_win(people):
    high, low = on_floor(2, people), open_ticket(now=T0 + minutes(2))
    rules.flag(high.pk, actor=people.specialist, risk="dispute", note="they say otherwise", now=T0 + minutes(1))
    due = visit(high).due_at
    join(high, low, people.specialist)
    assert stand(low).floor == 2
    assert visit(low).due_at == due
    assert explain.explain(visit(low)).agrees
    assert list(RiskFlag.objects.filter(escalation_id=low.pk).values_list("risk", flat=True)) == ["dispute"]
    assert RiskFlag.objects.filter(escalation_id=high.pk).count() == 1
    assert last(low, "took_in").data["due_at"] == due.isoformat()


def test_merging_into_the_stricter_changes_neither_its_floor_nor_its_clock(people):
    high, low = on_floor(2, people), open_ticket(now=T0 - minutes(5))
    due = visit(high).due_at
    join(low, high, people.specialist)
    assert stand(high).floor == 2 and visit(high).due_at == due


def test_overdue_ticket_makes_the_other_due_at_once(people):
    late, fresh = open_ticket(now=T0 - minutes(14)), open_ticket()
    join(late, fresh, people.agent, now=T0 + minutes(4))
    assert visit(fresh).due_at == T0 + minutes(4)


def test_running_clock_wins_over_one_that_stands_still(people):
    running, paused = open_ticket(), open_ticket()
    waiting.wait(paused.pk, actor=people.agent, now=T0 + minutes(1))
    join(running, paused, people.agent)
    assert visit(paused).due_at == T0 + minutes(15)


def test_floor_3_is_merged_by_those_who_see_both(people):
    secret, plain = on_floor(3, people), open_ticket()
    for one, other in ((secret, plain), (plain, secret)):
        for who in (people.agent, people.specialist, people.supervisor2, people.manager):
            with pytest.raises(NotFound):
                join(one, other, who)
    join(secret, plain, people.legal)
    assert stand(plain).floor == 3 and not access.can_see(people.agent, plain.pk)


def test_request_for_floor_3_is_withdrawn_on_record_and_others_refuse_the_merge(people):
    one, other = on_floor(2, people), on_floor(2, people)
    asked = moves.escalate(one.pk, actor=people.specialist, justification=WHY, now=T0)
    join(one, other, people.specialist)
    assert Approval.objects.get(pk=asked.pk).state == "void"
    assert last(one, "merged").data["approvals"] == [{"approval": asked.pk, "kind": "floor_3", "state": "void"}]
    third = on_floor(2, people)
    much = {"problem": "damage", "remedy": "refund", "amount": Decimal(5000)}
    decisions.decide(third.pk, actor=people.specialist, rationale=WHY, now=T0, **much)
    for one, into in ((third, other), (other, third)):
        with pytest.raises(Conflict) as refused:
            join(one, into, people.specialist)
        assert refused.value.code == "pending_signature"


@pytest.mark.parametrize("held", [0, 1])
def test_hold_on_either_refuses_and_the_attempt_is_on_record(people, pair, held):
    holds.place(pair[held].pk, actor=people.agent, reason=WHY, now=T0)
    with pytest.raises(Conflict) as refused:
        join(*pair, people.agent)
    assert refused.value.code == "held"
    assert last(pair[held], "action_blocked").data == {"attempted": "merge"}
    assert not Ticket.objects.filter(merged_into__isnull=False).exists()


def test_two_addresses_are_one_person_only_on_a_supervisors_word_and_never_read_each_other(people):
    one = open_ticket(customer_email="c.conti@example.net", body="from work")
    other = open_ticket(body="from home")
    with pytest.raises(NotAllowed) as refused:
        join(one, other, people.specialist)
    assert refused.value.code == "other_customer"
    join(one, other, people.supervisor)
    answered = conversation.customer_message(one.pk, body="once more from work", now=SOON)
    conversation.reply(other.pk, actor=people.agent, body="our answer", now=SOON)
    assert answered.ticket_id == other.pk and answered.writer == one.customer
    one.refresh_from_db()
    assert [m.body for m in public_messages(one)] == ["from work", "once more from work"]
    assert [m.body for m in public_messages(other)] == ["from home", "our answer"]


def test_what_makes_no_sense_is_refused(people, pair):
    one, other = pair
    with pytest.raises(Invalid):
        join(one, one, people.agent)
    with pytest.raises(Invalid):
        merging.merge(one.pk, into=other.pk, actor=people.agent, reason="ok", now=SOON)
    with pytest.raises(NotFound):
        merging.merge(one.pk, into=10**9, actor=people.agent, reason=WHY, now=SOON)
    with pytest.raises(Stale):
        join(one, other, people.agent, expected_version=7)
    moves.resolve(other.pk, actor=people.agent, summary="done", now=T0)
    with pytest.raises(Conflict) as refused:
        join(one, other, people.agent)
    assert refused.value.code == "resolved"
    join(other, one, people.agent)
    assert stand(other).resolved_at == T0


def test_database_knows_no_ticket_that_is_merged_into_itself_or_open(people, pair):
    for into in (pair[0], pair[1]):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=pair[0].pk).update(merged_into=into)


def test_words_of_a_merged_ticket_can_be_evidence_of_the_other(people):
    one, other = on_floor(2, people), on_floor(2, people)
    words = one.messages.get()
    join(one, other, people.specialist)
    assert evidence.add(other.pk, actor=people.specialist, message=words.pk, now=SOON).message == words


# --- splitting ---


@pytest.fixture
def talk(people):
    """A ticket with three messages, the second a note, the third with a file."""
    ticket = open_ticket()
    conversation.note(ticket.pk, actor=people.agent, body="a note", now=T0)
    photo = SimpleUploadedFile("ring.jpg", b"not really a picture")
    conversation.customer_message(ticket.pk, body="also my ring is broken", files=[photo], now=T0 + minutes(1))
    return ticket


def messages_of(ticket: Ticket) -> list[int]:
    return list(ticket.messages.order_by("id").values_list("pk", flat=True))


def test_chosen_messages_begin_a_ticket_of_their_own(people, talk):
    _first, note, ring = messages_of(talk)
    new = splitting.split(talk.pk, messages=[ring, note], subject="Broken ring", actor=people.agent, now=SOON)
    assert said_in(new) == ["a note", "also my ring is broken"]
    assert (new.customer, new.channel, new.subject) == (talk.customer, talk.channel, "Broken ring")
    copy = new.messages.get(body="also my ring is broken").attachments.get()
    original = Message.objects.get(pk=ring).attachments.get()
    assert copy.sha256 == original.sha256 and copy.file.name != original.file.name
    assert copy.file.open().read() == b"not really a picture"
    assert messages_of(talk) == [_first, note, ring]
    assert last(talk, "split_off").data == {"ticket": new.pk, "messages": [note, ring]}
    assert last(new, "opened").data["split_from"] == talk.pk
    assert linking.of(talk.pk, people.agent).get().other == new
    assert OutboxMessage.objects.filter(ticket=new, topic="received").exists()
    assert not list(audit.verify())


def test_rules_read_the_new_ticket_as_at_arrival(people):
    ticket = open_ticket()
    message = Message.objects.create(ticket=ticket, body="My lawyer will sue you.", created_at=T0)
    new = splitting.split(ticket.pk, messages=[message.pk], subject="A threat", actor=people.agent, now=SOON)
    assert stand(new).floor == 3 and stand(ticket).floor == 1


def test_what_comes_from_floor_3_stays_there(people):
    secret = on_floor(3, people)
    new = splitting.split(secret.pk, messages=messages_of(secret), subject="Part", actor=people.legal, now=SOON)
    assert stand(new).floor == 3 and visit(new).by == people.legal


def test_nothing_is_split_without_words_of_the_customers_own(people, talk):
    other = open_ticket(customer_email="x@example.org")
    _first, note, _ring = messages_of(talk)
    for chosen in ([], [note], [10**9], messages_of(other)):
        with pytest.raises(Invalid):
            splitting.split(talk.pk, messages=chosen, subject="New", actor=people.agent, now=SOON)
    with pytest.raises(NotAllowed):
        splitting.split(talk.pk, messages=messages_of(talk), subject="New", actor=people.manager, now=SOON)


# --- linking ---


def test_link_is_on_both_trails_and_seen_from_both_ends(people, pair):
    one, other = pair
    linking.link(one.pk, other=other.pk, kind="caused", actor=people.agent, now=SOON)
    made = linking.of(other.pk, people.agent).get()
    assert (made.ticket, made.other, made.kind) == (one, other, "caused")
    assert last(one, "linked").data == {"link": "caused", "other": other.pk}
    assert last(other, "linked").data == {"link": "caused", "by_ticket": one.pk}
    linking.unlink(other.pk, made.pk, actor=people.agent, now=SOON)
    assert not TicketLink.objects.exists() and last(one, "unlinked")


def test_related_is_one_row_whoever_says_it(people, pair):
    one, other = pair
    linking.link(one.pk, other=other.pk, kind="related", actor=people.agent)
    with pytest.raises(Conflict):
        linking.link(other.pk, other=one.pk, kind="related", actor=people.agent)


def test_link_to_what_one_may_not_see_does_not_exist(people, pair):
    secret = on_floor(3, people)
    for act in (
        lambda: linking.link(pair[0].pk, other=secret.pk, kind="related", actor=people.agent),
        lambda: linking.link(secret.pk, other=pair[0].pk, kind="related", actor=people.agent),
    ):
        with pytest.raises(NotFound):
            act()
    made = linking.link(secret.pk, other=pair[0].pk, kind="related", actor=people.legal)
    assert not linking.of(pair[0].pk, people.agent).exists()
    with pytest.raises(NotFound):
        linking.unlink(pair[0].pk, made.pk, actor=people.agent)
    with pytest.raises(Refusal):
        linking.link(pair[0].pk, other=pair[1].pk, kind="enemy", actor=people.agent)
    with pytest.raises(NotAllowed):
        linking.link(pair[0].pk, other=pair[1].pk, kind="related", actor=people.manager)


def test_signature_asked_on_another_ticket_is_not_touched(people, pair):
    third = on_floor(2, people)
    asked = moves.escalate(third.pk, actor=people.specialist, justification=WHY, now=T0)
    join(*pair, people.agent)
    assert approvals.approve(asked.pk, actor=people.supervisor, note=WHY, now=SOON).state == "approved"
