"""The matrix, deputies, several signatures, and what a signature is bound to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from escalation import approvals, audit, conversation, decision_texts, evidence, facts, holds, moves, rules, signers
from escalation.models import Approval, AuditEvent, Signature
from policies import delegations, matrix
from policies.models import Delegation
from tests.builders import T0, minutes, on_floor, stand
from tickets.refusals import Conflict, Invalid, NotAllowed

WHY = "a reason long enough for the record"
DAY = timedelta(days=1)


def final(people, ticket, *, by="risk", summary="Refund and apology.", at=1):
    return moves.resolve(ticket.pk, actor=getattr(people, by), summary=summary, now=T0 + minutes(at))


def sign(approval, person, *, at=5, **more):
    return approvals.approve(approval.pk, actor=person, note=WHY, now=T0 + minutes(at), **more)


def state(approval) -> str:
    return Approval.objects.get(pk=approval.pk).state


def test_a_change_of_the_matrix_holds_from_then_on_and_is_cited(people):
    ticket = on_floor(3, people)
    asked = final(people, ticket)
    matrix.change(kind="final_resolution", signers=["executive"], actor=people.policy, now=T0 + minutes(2))
    with pytest.raises(NotAllowed):
        sign(asked, people.legal)
    sign(asked, people.executive)
    granted = AuditEvent.objects.get(ticket=ticket, action="approval_granted", data__kind="final_resolution")
    assert granted.data["matrix"] == {"floor": None, "version": 2, "signatures": 1}


@pytest.mark.parametrize("name", ["agent", "supervisor", "risk", "legal", "executive", "manager", "stranger"])
def test_the_matrix_is_changed_by_policy_owners(people, name):
    with pytest.raises(NotAllowed):
        matrix.change(kind="decision", signers=["agent"], actor=getattr(people, name), now=T0)


def test_a_floors_own_row_and_the_highest_amount_reached_win(people):
    for amount, who in ((500, "legal"), (1000, "executive")):
        matrix.change(kind="decision", amount_from=amount, signers=[who], actor=people.policy, now=T0)
    table = matrix.Matrix(T0 + DAY)
    assert table.rule("decision", floor=2, amount=499).roles == ["supervisor", "head_of_risk", "legal"]
    assert table.rule("decision", floor=2, amount=500).roles == ["legal"]
    assert table.rule("decision", floor=2, amount=5000).roles == ["executive"]
    assert table.rule("decision", floor=3, amount=5000).roles == ["head_of_risk", "legal"]


def test_two_signatures_are_two_people(people):
    matrix.change(
        kind="final_resolution",
        signers=["head_of_risk", "legal", "executive"],
        signatures=2,
        actor=people.policy,
        now=T0,
    )
    ticket = on_floor(3, people)
    asked = final(people, ticket)
    assert sign(asked, people.legal, at=2).state == "pending"
    assert stand(ticket).floor == 3
    with pytest.raises(Conflict) as again:
        sign(asked, people.legal, at=3)
    assert again.value.code == "already_signed"
    assert asked.pk not in [row.pk for row in signers.waiting_for(people.legal)]
    assert sign(asked, people.executive, at=4).state == "approved"
    assert stand(ticket).state == "resolved"
    assert [row.signer for row in asked.signatures.all()] == [people.legal, people.executive]
    assert not list(audit.verify())


def test_the_first_of_two_signatures_is_void_when_the_case_changes(people):
    matrix.change(kind="final_resolution", signers=["legal", "executive"], signatures=2, actor=people.policy, now=T0)
    ticket = on_floor(3, people)
    asked = final(people, ticket)
    sign(asked, people.legal, at=2)
    evidence.add(ticket.pk, actor=people.risk, description="The courier has called.", now=T0 + minutes(3))
    voided = AuditEvent.objects.get(ticket=ticket, action="approval_voided")
    assert voided.data["signed_by"] == [people.legal.pk] and list(voided.data["changed"]) == ["evidence"]
    with pytest.raises(Conflict) as refusal:
        sign(asked, people.executive)
    assert refusal.value.code == "changed" and "evidence" in refusal.value.data["difference"]


def away(people, absent, deputy, **more):
    times = {"starts_at": T0 - DAY, "ends_at": T0 + DAY} | more
    return delegations.delegate(absent=absent, deputy=deputy, actor=absent, now=T0 - DAY, **times)


def test_a_deputy_signs_in_the_name_of_who_is_away_and_only_then(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    with pytest.raises(NotAllowed):
        sign(asked, people.specialist2)
    given = away(people, people.supervisor, people.specialist2, ends_at=T0 + minutes(4))
    with pytest.raises(NotAllowed):
        sign(asked, people.specialist2, at=4)
    assert asked.pk not in [row.pk for row in signers.waiting_for(people.specialist2)]
    Delegation.objects.filter(pk=given.pk).update(ends_at=T0 + 365 * DAY)
    assert [row.pk for row in signers.waiting_for(people.specialist2)] == [asked.pk]
    sign(asked, people.specialist2, at=4)
    assert Signature.objects.get(approval=asked).in_the_name_of == people.supervisor
    granted = AuditEvent.objects.get(ticket=ticket, action="approval_granted")
    assert (granted.person, granted.data["in_the_name_of"]) == (people.specialist2, people.supervisor.pk)


def test_a_deputy_never_acts_for_who_asked_nor_for_themselves(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.supervisor, justification=WHY, now=T0)
    away(people, people.supervisor, people.specialist2)
    with pytest.raises(NotAllowed) as refusal:
        sign(asked, people.specialist2)
    assert refusal.value.code == "four_eyes"
    own = on_floor(2, people, customer_email="other@example.org")
    mine = moves.escalate(own.pk, actor=people.specialist2, justification=WHY, now=T0)
    away(people, people.supervisor2, people.specialist2)
    with pytest.raises(NotAllowed) as refusal:
        sign(mine, people.specialist2)
    assert refusal.value.code == "four_eyes"


def test_a_delegation_for_one_kind_is_none_for_others_and_can_be_ended(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    away(people, people.supervisor, people.specialist2, kind="decision")
    with pytest.raises(NotAllowed):
        sign(asked, people.specialist2)
    given = away(people, people.supervisor, people.specialist2, kind="floor_3")
    delegations.end(given, actor=people.supervisor, now=T0)
    with pytest.raises(NotAllowed):
        sign(asked, people.specialist2)


def test_nobody_makes_themselves_a_deputy(people):
    times = {"starts_at": T0, "ends_at": T0 + DAY, "now": T0}
    for actor in (people.specialist2, people.manager):
        with pytest.raises(NotAllowed):
            delegations.delegate(absent=people.supervisor, deputy=people.specialist2, actor=actor, **times)
    with pytest.raises(Invalid):
        delegations.delegate(absent=people.risk, deputy=people.stranger, actor=people.risk, **times)


def test_a_delegation_gives_no_sight_of_floor_3(people):
    ticket = on_floor(3, people)
    away(people, people.legal, people.agent)
    final(people, ticket)
    assert signers.waiting_for(people.agent) == []


def test_the_database_refuses_a_signature_of_who_asked(people):
    ticket = on_floor(3, people)
    asked = final(people, ticket)
    row = matrix.Matrix(T0).rule("final_resolution", floor=3)
    for signer, name in ((people.risk, None), (people.legal, people.risk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(
                approval=asked, signer=signer, in_the_name_of=name, rule=row, signed_at=T0, digest="0" * 64, note=WHY
            )


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda p, t: conversation.customer_message(t.pk, body="One more.", now=T0 + minutes(2)), "last_message"),
        (lambda p, t: conversation.reply(t.pk, actor=p.risk, body="We see.", now=T0 + minutes(2)), "last_message"),
        (lambda p, t: rules.flag(t.pk, actor=p.risk, risk="fraud", note=WHY, now=T0 + minutes(2)), "risks"),
        (lambda p, t: evidence.add(t.pk, actor=p.risk, description="Seen.", now=T0 + minutes(2)), "evidence"),
        (lambda p, t: decision_texts.propose(t.pk, actor=p.risk, text="Less.", now=T0 + minutes(2)), "text"),
    ],
)
def test_what_binds_a_final_signature_voids_it(people, change, fact):
    ticket = on_floor(3, people)
    asked = final(people, ticket)
    change(people, ticket)
    assert state(asked) == "void"
    with pytest.raises(Conflict) as refusal:
        sign(asked, people.legal)
    assert refusal.value.code == "changed" and fact in refusal.value.data["difference"]
    assert stand(ticket).floor == 3 and not Signature.objects.filter(approval=asked).exists()
    assert not list(audit.verify())


def test_a_note_voids_nothing_but_whoever_did_not_see_it_signs_nothing(people):
    ticket = on_floor(3, people)
    asked = final(people, ticket)
    conversation.note(ticket.pk, actor=people.risk, body="He phoned again.", now=T0 + minutes(2))
    assert state(asked) == "pending"
    with pytest.raises(Conflict) as refusal:
        sign(asked, people.legal, digest=asked.digest)
    assert refusal.value.code == "changed" and list(refusal.value.data["difference"]) == ["last_note"]
    sign(asked, people.legal, digest=facts.digest(asked, facts.of(ticket.pk)))
    assert stand(ticket).state == "resolved"


def test_who_proposed_the_text_does_not_sign_it_but_may_take_over_the_asking(people):
    ticket = on_floor(3, people)
    decision_texts.propose(ticket.pk, actor=people.legal, text="Full refund.", now=T0)
    asked = final(people, ticket, by="risk", summary="Full refund.")
    with pytest.raises(NotAllowed) as refusal:
        sign(asked, people.legal)
    assert refusal.value.code == "four_eyes"
    again = final(people, ticket, by="legal", summary="Full refund.", at=6)
    assert state(asked) == "void"
    sign(again, people.risk, at=7)
    assert stand(ticket).state == "resolved"


@pytest.mark.parametrize("blocked", ["resolve", "send"])
def test_a_hold_blocks_what_it_names_and_nothing_else(people, blocked):
    ticket = on_floor(2, people)
    holds.place(ticket.pk, actor=people.specialist, reason=WHY, blocks=[blocked], now=T0)
    acts = {
        "send": lambda: conversation.reply(ticket.pk, actor=people.specialist, body="Hello.", now=T0 + minutes(1)),
        "resolve": lambda: moves.resolve(ticket.pk, actor=people.specialist, summary="Done.", now=T0 + minutes(2)),
    }
    for action, act in acts.items():
        if action == blocked:
            with pytest.raises(Conflict) as refusal:
                act()
            assert refusal.value.code == "held"
        else:
            act()
    attempts = AuditEvent.objects.filter(ticket=ticket, action="action_blocked")
    assert [event.data["attempted"] for event in attempts] == [blocked]


def test_a_hold_says_what_it_forbids_who_owns_it_and_when_it_is_looked_at_again(people):
    ticket = on_floor(2, people)
    hold = holds.place(ticket.pk, actor=people.specialist, reason=WHY, review_on=(T0 + DAY).date(), now=T0)
    assert hold.blocks == ["resolve", "decide", "notify_outside", "merge", "erase"]
    assert hold.owner == people.specialist
    other = on_floor(2, people, customer_email="other@example.org")
    for wrong in ({"blocks": []}, {"blocks": ["breathe"]}, {"review_on": (T0 - DAY).date()}):
        with pytest.raises(Invalid):
            holds.place(other.pk, actor=people.specialist, reason=WHY, now=T0, **wrong)
