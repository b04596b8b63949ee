"""The ladder against abuse (P5.4): warn, in writing only, end of contact; signed, told, lifted, and never a silence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from escalation import approvals, contact, contact_steps, conversation
from escalation.models import Approval, AuditEvent, ContactStep, OutboxMessage
from policies.models import Script
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import Message
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

Step = ContactStep.Step
WHY = "Insulted two colleagues on 14 and 15 November."
MONTH = T0 + timedelta(days=30)


@pytest.fixture
def ticket(people):
    return on_floor(2, people, customer_language="it")


def warned(ticket, people, now=T0):
    return contact_steps.warn(ticket.pk, actor=people.specialist, reason=WHY, now=now)


def ask(ticket, people, step=Step.LIMITED, until=MONTH, now=T0, actor="specialist"):
    who = getattr(people, actor)
    return contact_steps.ask(ticket.pk, actor=who, step=step, reason=WHY, until=until, now=now)


def sign(step, people, signer="supervisor", now=T0):
    return approvals.approve(step.approval_id, actor=getattr(people, signer), note="Read it; it is so.", now=now)


def ended(ticket, people):
    warned(ticket, people)
    sign(ask(ticket, people), people)
    step = ask(ticket, people, Step.ENDED)
    sign(step, people)
    return step


def test_a_warning_holds_at_once_and_the_customer_is_told_in_their_language(people, ticket):
    warned(ticket, people)
    assert contact.in_force(ticket.customer_id, T0).step == Step.WARNED
    said = Message.objects.filter(ticket=ticket).latest("pk")
    assert "senza offese" in said.body and said.script_use.script.slug == "abuse-warning" and "{" not in said.body
    assert OutboxMessage.objects.filter(topic="answered", ticket=ticket).exists()
    event = AuditEvent.objects.get(ticket=ticket, action="contact_step")
    assert (event.reason, event.person, event.data["step"]) == (WHY, people.specialist, "1_warned")


def test_the_next_steps_change_nothing_until_somebody_else_has_signed(people, ticket):
    warned(ticket, people)
    step = ask(ticket, people)
    assert contact.in_force(ticket.customer_id, T0).step == Step.WARNED
    with pytest.raises(NotAllowed):
        sign(step, people, "specialist")
    sign(step, people)
    held = contact.in_force(ticket.customer_id, T0)
    assert (held.step, held.until) == (Step.LIMITED, MONTH)
    assert "16.12.2026" in Message.objects.filter(ticket=ticket).latest("pk").body.replace("2026-12-16", "16.12.2026")
    assert contact.in_force(ticket.customer_id, MONTH).step == Step.WARNED


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati"])
def test_the_last_day_is_said_as_the_house_counts_days(people, ticket, zone):
    with timezone.override(zone):
        warned(ticket, people)
        last = datetime(2026, 12, 24, 23, 59, 59, tzinfo=ZoneInfo(zone))
        step = ask(ticket, people, until=last)
        sign(step, people)
        assert "2026-12-24" in Message.objects.filter(ticket=ticket).latest("pk").body
        sign(ask(ticket, people, Step.ENDED, until=last), people)
        with pytest.raises(Conflict, match="24.12.2026"):
            conversation.reply(ticket.pk, actor=people.specialist, body="Hello", now=T0)


def test_a_refused_step_never_holds(people, ticket):
    warned(ticket, people)
    approvals.reject(ask(ticket, people).approval_id, actor=people.supervisor, note="A warning is enough.", now=T0)
    assert contact.in_force(ticket.customer_id, T0).step == Step.WARNED


def test_each_step_needs_the_one_before_it_except_on_floor_3(people, ticket):
    for step in (Step.LIMITED, Step.ENDED):
        with pytest.raises(Conflict, match="step before"):
            ask(ticket, people, step)
    warned(ticket, people)
    with pytest.raises(Conflict, match="step before"):
        ask(ticket, people, Step.ENDED)
    with pytest.raises(Conflict, match="step before"):
        ask(ticket, people, now=T0 + timedelta(days=366), until=T0 + timedelta(days=400))
    grave = on_floor(3, people, customer_email="other@example.org")
    step = ask(grave, people, Step.ENDED, actor="legal")
    with pytest.raises(NotAllowed):
        sign(step, people)
    sign(step, people, "risk")
    assert contact.in_force(grave.customer_id, T0).step == Step.ENDED


def test_after_the_end_of_contact_messages_arrive_and_only_some_may_answer(people, ticket):
    ended(ticket, people)
    another = open_ticket()
    assert another.customer_id == ticket.customer_id
    conversation.customer_message(ticket.pk, body="You again!", now=T0 + minutes(1))
    assert Message.objects.filter(ticket=ticket, body="You again!").exists()
    for who in (people.agent, people.specialist):
        with pytest.raises(Conflict, match="Contact with this customer has ended"):
            conversation.reply(another.pk, actor=who, body="Hello", now=T0)
    conversation.note(another.pk, actor=people.agent, body="For the file", now=T0)
    conversation.reply(another.pk, actor=people.supervisor, body="Your refund is on its way.", now=T0)
    conversation.reply(another.pk, actor=people.agent, body="Hello", now=MONTH)


def test_a_step_is_lifted_with_a_reason_by_those_who_may(people, ticket):
    step = ended(ticket, people)
    lift = dict(number=ticket.pk, reason="They have apologised.", now=T0)
    with pytest.raises(NotAllowed):
        contact_steps.lift(step.pk, actor=people.specialist, **lift)
    with pytest.raises(NotFound):
        contact_steps.lift(step.pk, actor=people.supervisor, **lift | {"number": on_other(people).pk})
    contact_steps.lift(step.pk, actor=people.supervisor, **lift)
    assert contact.in_force(ticket.customer_id, T0).step == Step.LIMITED
    with pytest.raises(Conflict):
        contact_steps.lift(step.pk, actor=people.supervisor, **lift)


def on_other(people):
    return open_ticket(customer_email="someone@example.org")


def test_what_makes_no_sense_is_refused(people, ticket):
    warned(ticket, people)
    for until in (T0, T0 - minutes(1), T0 + timedelta(days=181)):
        with pytest.raises(Invalid):
            ask(ticket, people, until=until)
    for step in ("1_warned", "banned", ""):
        with pytest.raises(Invalid):
            ask(ticket, people, step)
    with pytest.raises(Invalid):
        contact_steps.warn(ticket.pk, actor=people.specialist, reason="rude", now=T0)
    with pytest.raises(NotAllowed):
        contact_steps.warn(ticket.pk, actor=people.agent, reason=WHY, now=T0)
    late = ask(ticket, people, until=T0 + minutes(5))
    with pytest.raises(Conflict, match="over"):
        sign(late, people, now=T0 + minutes(6))
    assert Approval.objects.get(pk=late.approval_id).state == Approval.State.PENDING
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactStep.objects.filter(pk=late.pk).update(approval=None)


def test_without_its_letter_a_step_is_refused(people, ticket):
    Script.objects.filter(slug="abuse-warning").update(valid_until=T0)
    with pytest.raises(Invalid, match="abuse-warning"):
        warned(ticket, people)
    assert not ContactStep.objects.exists()
