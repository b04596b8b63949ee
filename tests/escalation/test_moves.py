"""People move tickets, others sign, and everybody sees only what is theirs (P2)."""

import pytest

from escalation import access, approvals, assignment, conversation, holds, moves, rules, signers, sweep
from escalation.models import Approval, AuditEvent, FloorVisit, RiskFlag
from tests.builders import T0, minutes, on_floor, open_ticket, stand, visit
from tickets.models import Message, Ticket
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

WHY = "a reason long enough for the record"


def test_agent_moves_to_floor_2_at_once(people):
    ticket = open_ticket()
    assert moves.escalate(ticket.pk, actor=people.agent, justification=WHY, now=T0 + minutes(3)) is None
    assert (stand(ticket).floor, visit(ticket).how, visit(ticket).by) == (2, "person", people.agent)


def test_floor_3_needs_a_supervisors_signature(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    assert stand(ticket).floor == 2
    approvals.approve(asked.pk, actor=people.supervisor, note=WHY, now=T0 + minutes(1))
    assert (stand(ticket).floor, visit(ticket).how, visit(ticket).by) == (3, "approval", people.supervisor)


@pytest.mark.parametrize("words", ["", "   ", "ok", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"])
def test_move_without_a_justification_is_refused(people, words):
    ticket = on_floor(2, people)
    with pytest.raises(Invalid):
        moves.escalate(ticket.pk, actor=people.specialist, justification=words)
    assert not Approval.objects.exists()


def test_nobody_signs_their_own_request(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.supervisor, justification=WHY, now=T0)
    with pytest.raises(NotAllowed) as refusal:
        approvals.approve(asked.pk, actor=people.supervisor, note=WHY)
    assert refusal.value.code == "four_eyes"
    approvals.approve(asked.pk, actor=people.supervisor2, note=WHY, now=T0 + minutes(1))
    assert stand(ticket).floor == 3


def test_superuser_without_the_role_signs_nothing(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    people.admin.is_superuser = True
    people.admin.save()
    with pytest.raises(NotAllowed):
        approvals.approve(asked.pk, actor=people.admin, note=WHY)


def test_risk_and_legal_take_a_ticket_to_floor_3_alone(people):
    ticket = on_floor(2, people)
    assert moves.escalate(ticket.pk, actor=people.legal, justification=WHY, now=T0) is None
    assert stand(ticket).floor == 3


def test_signature_is_given_once(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    approvals.approve(asked.pk, actor=people.supervisor, note=WHY, now=T0)
    with pytest.raises(Conflict) as refusal:
        approvals.approve(asked.pk, actor=people.legal, note=WHY)
    assert refusal.value.code == "already_decided"
    assert FloorVisit.objects.filter(escalation_id=ticket.pk, floor=3).count() == 1


def test_refused_request_leaves_the_ticket_and_its_clock(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    approvals.reject(asked.pk, actor=people.supervisor, note="this is ours to solve", now=T0 + minutes(1))
    assert (stand(ticket).floor, visit(ticket).due_at) == (2, T0 + minutes(10))
    moves.escalate(ticket.pk, actor=people.specialist, justification=WHY + " again", now=T0 + minutes(2))


def test_second_request_for_the_same_is_refused(people):
    ticket = on_floor(2, people)
    moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    with pytest.raises(Conflict) as refusal:
        moves.escalate(ticket.pk, actor=people.specialist2, justification=WHY, now=T0)
    assert refusal.value.code == "already_requested"


def test_signer_who_was_shown_something_else_signs_nothing(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    with pytest.raises(Conflict) as refusal:
        approvals.approve(asked.pk, actor=people.supervisor, note=WHY, digest="0" * 64)
    assert refusal.value.code == "changed"
    assert stand(ticket).floor == 2


def test_owed_justification_is_given_by_a_supervisor_and_then_no_longer_owed(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    sweep.sweep(as_of=T0 + minutes(10))
    assert asked in signers.waiting_for(people.supervisor)
    with pytest.raises(NotFound):
        approvals.approve(asked.pk, actor=people.agent, note=WHY)
    approvals.approve(asked.pk, actor=people.supervisor, note="it had to go up", now=T0 + minutes(12))
    asked = Approval.objects.get(pk=asked.pk)
    assert not asked.justification_owed and asked.note == "it had to go up"
    assert AuditEvent.objects.filter(ticket=ticket, action="justification_given").exists()
    assert FloorVisit.objects.filter(escalation_id=ticket.pk, floor=3).count() == 1


@pytest.mark.parametrize("role", ["agent", "specialist", "supervisor", "executive", "manager", "admin", "policy"])
def test_only_risk_or_legal_sign_the_final_resolution(people, role):
    ticket = on_floor(3, people)
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Refund and apology.", now=T0)
    with pytest.raises((NotAllowed, NotFound)):
        approvals.approve(asked.pk, actor=getattr(people, role), note=WHY)
    assert stand(ticket).floor == 3


def test_final_signature_resolves_floor_3(people):
    ticket = on_floor(3, people)
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Refund and apology.", now=T0 + minutes(5))
    approvals.approve(asked.pk, actor=people.legal, note=WHY, now=T0 + minutes(9))
    case = stand(ticket)
    assert (case.state, case.resolved_on_floor, case.resolved_at) == ("resolved", 3, T0 + minutes(9))
    assert not FloorVisit.objects.filter(escalation_id=ticket.pk, left_at__isnull=True).exists()


def test_final_signature_on_a_case_that_has_changed_is_refused(people):
    ticket = on_floor(3, people)
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Refund and apology.", now=T0)
    conversation.customer_message(ticket.pk, body="One more thing happened.", now=T0 + minutes(1))
    with pytest.raises(Conflict) as refusal:
        approvals.approve(asked.pk, actor=people.legal, note=WHY, now=T0 + minutes(2))
    assert refusal.value.code == "changed"
    again = moves.resolve(ticket.pk, actor=people.risk, summary="Refund, apology, and more.", now=T0 + minutes(3))
    assert Approval.objects.get(pk=asked.pk).state == "void"
    approvals.approve(again.pk, actor=people.legal, note=WHY, now=T0 + minutes(4))
    assert stand(ticket).state == "resolved"


def test_hold_blocks_resolving_on_every_way_and_the_attempt_is_on_record(people):
    ticket = on_floor(3, people)
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Refund and apology.", now=T0)
    holds.place(ticket.pk, actor=people.risk, reason="the bank has not answered", now=T0 + minutes(1))
    for attempt in (
        lambda: moves.resolve(ticket.pk, actor=people.risk, summary="All the same.", now=T0 + minutes(2)),
        lambda: approvals.approve(asked.pk, actor=people.legal, note=WHY, now=T0 + minutes(2)),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "held"
    assert stand(ticket).floor == 3
    assert AuditEvent.objects.filter(ticket=ticket, action="action_blocked").count() == 2
    assert Approval.objects.get(pk=asked.pk).state == "pending"


def test_hold_never_stops_the_clock(people):
    ticket = open_ticket()
    holds.place(ticket.pk, actor=people.agent, reason="something looks wrong", now=T0)
    assert sweep.sweep(as_of=T0 + minutes(15)) == 1
    assert stand(ticket).floor == 2


def test_hold_is_released_only_by_somebody_elses_signature(people):
    ticket = on_floor(2, people)
    holds.place(ticket.pk, actor=people.specialist, reason="something looks wrong", now=T0)
    asked = holds.ask_release(ticket.pk, actor=people.specialist, justification="the bank has confirmed", now=T0)
    with pytest.raises(NotAllowed):
        approvals.approve(asked.pk, actor=people.specialist2, note=WHY)
    approvals.approve(asked.pk, actor=people.supervisor, note=WHY, now=T0 + minutes(1))
    moves.resolve(ticket.pk, actor=people.specialist, summary="Paid back.", now=T0 + minutes(2))
    assert stand(ticket).state == "resolved"


def test_on_floor_3_a_hold_is_not_released_by_the_supervisor(people):
    ticket = on_floor(3, people)
    holds.place(ticket.pk, actor=people.risk, reason="something looks wrong", now=T0)
    asked = holds.ask_release(ticket.pk, actor=people.risk, justification="the bank has confirmed", now=T0)
    with pytest.raises(NotAllowed):
        approvals.approve(asked.pk, actor=people.supervisor, note=WHY)
    approvals.approve(asked.pk, actor=people.legal, note=WHY, now=T0)


def test_ticket_goes_down_again_with_a_new_clock_and_voids_what_was_asked(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    moves.send_down(ticket.pk, actor=people.supervisor, floor=1, justification=WHY, now=T0 + minutes(4))
    assert (stand(ticket).floor, visit(ticket).due_at) == (1, T0 + minutes(19))
    assert Approval.objects.get(pk=asked.pk).state == "void"


@pytest.mark.parametrize(("start", "target", "code"), [(1, 1, "role"), (2, 2, "not_down"), (2, 3, "out_of_range")])
def test_down_means_down(people, start, target, code):
    ticket = on_floor(start, people)
    with pytest.raises((Conflict, Invalid, NotAllowed)) as refusal:
        moves.send_down(ticket.pk, actor=people.supervisor, floor=target, justification=WHY)
    assert refusal.value.code in {code, "not_down"}
    assert stand(ticket).floor == start


def test_customers_message_reopens_on_the_floor_that_resolved(people):
    ticket = on_floor(2, people)
    moves.resolve(ticket.pk, actor=people.specialist, summary="Sent again.", now=T0 + minutes(3))
    conversation.customer_message(ticket.pk, body="It broke once more.", now=T0 + minutes(600))
    assert (stand(ticket).floor, visit(ticket).due_at) == (2, T0 + minutes(610))


def test_rule_at_arrival_goes_straight_to_the_floor_it_names(people):
    ticket = open_ticket(body="Your courier sold my address. This is a data breach and my lawyer will write.")
    assert stand(ticket).floor == 3
    first = visit(ticket)
    assert (first.how, first.due_at) == ("rule", T0 + minutes(60))
    assert set(RiskFlag.objects.values_list("risk", flat=True)) == {"privacy_breach", "legal"}


def test_rule_at_a_later_message_moves_up_but_never_down(people):
    ticket = open_ticket()
    conversation.customer_message(ticket.pk, body="Siete degli idioti!", now=T0 + minutes(1))
    assert stand(ticket).floor == 2
    conversation.customer_message(ticket.pk, body="I will sue you.", now=T0 + minutes(2))
    assert stand(ticket).floor == 3
    conversation.customer_message(ticket.pk, body="Idiots.", now=T0 + minutes(3))
    assert stand(ticket).floor == 3


def test_staff_words_trigger_nothing(people):
    ticket = open_ticket()
    conversation.note(ticket.pk, actor=people.agent, body="He said idiot and lawsuit on the phone.", now=T0)
    assert stand(ticket).floor == 1


def test_flagged_risk_goes_where_its_rule_says(people):
    ticket = open_ticket()
    rules.flag(ticket.pk, actor=people.agent, risk="fraud", note="two cards, one name", now=T0)
    assert (stand(ticket).floor, visit(ticket).how) == (3, "rule")
    assert AuditEvent.objects.get(ticket=ticket, action="moved").person == people.agent


def test_floor_3_is_seen_by_its_people_and_nobody_else(people):
    ticket = on_floor(3, people)
    seers = {name for name, user in vars(people).items() if access.can_see(user, ticket.pk)}
    assert seers == {"risk", "legal", "executive", "supervisor"}
    assignment.assign(ticket.pk, actor=people.legal, assignee=people.specialist2, now=T0)
    assert access.can_see(people.specialist2, ticket.pk)


def test_resolved_floor_3_keeps_its_secrecy(people):
    ticket = on_floor(3, people)
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Refund and apology.", now=T0)
    approvals.approve(asked.pk, actor=people.legal, note=WHY, now=T0)
    assert not access.can_see(people.agent, ticket.pk)
    assert access.can_see(people.executive, ticket.pk)


def test_first_public_answer_by_staff_is_the_first_response(people):
    ticket = open_ticket()
    conversation.note(ticket.pk, actor=people.agent, body="Looking.", now=T0 + minutes(1))
    conversation.reply(ticket.pk, actor=people.agent, body="We are on it.", now=T0 + minutes(2))
    conversation.reply(ticket.pk, actor=people.agent, body="Still on it.", now=T0 + minutes(4))
    assert Ticket.objects.get(pk=ticket.pk).first_response_at == T0 + minutes(2)


def test_reply_is_held_back_when_somebody_wrote_meanwhile(people):
    ticket = open_ticket()
    seen = ticket.messages.get().pk
    conversation.customer_message(ticket.pk, body="Wait, it came!", now=T0 + minutes(1))
    with pytest.raises(Conflict) as refusal:
        conversation.reply(ticket.pk, actor=people.agent, body="It is lost.", seen_message=seen)
    assert refusal.value.code == "newer_message"
    assert Message.objects.filter(ticket=ticket).count() == 2


def test_next_ticket_is_the_most_urgent_that_i_may_take(people):
    urgent = open_ticket(now=T0)
    open_ticket(now=T0 + minutes(2), customer_email="later@example.org")
    on_floor(2, people, now=T0 - minutes(5), customer_email="floor2@example.org")
    assert assignment.take_next(actor=people.agent, now=T0 + minutes(3)) == urgent.pk
    assert Ticket.objects.get(pk=urgent.pk).assignee == people.agent
    assert visit(urgent).assigned_at == T0 + minutes(3)


def test_agent_cannot_be_given_a_floor_2_ticket(people):
    ticket = on_floor(2, people)
    with pytest.raises(Invalid):
        assignment.assign(ticket.pk, actor=people.specialist, assignee=people.agent)
