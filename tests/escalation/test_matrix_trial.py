"""A draft of the decision matrix is tried on past decisions before anybody publishes it, and nothing is changed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation import approvals, decisions, matrix_trial
from escalation.models import AuditEvent, Decision, OutboxMessage
from policies import book, proposals
from policies.models import DecisionRule, PolicyDraft
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import Ticket

MATRIX = book.kind("decision-matrix")
NOW = T0 + timedelta(days=3)


def decide(people, amount="60", *, at=1, who="agent", ticket=None, customer="a", **fields) -> Decision:
    ticket = ticket or open_ticket(customer_email=f"{customer}@example.org")
    fields = {
        "problem": "damage",
        "remedy": "refund",
        "rationale": "It came broken.",
        "amount": Decimal(amount),
    } | fields
    return decisions.decide(ticket.pk, actor=getattr(people, who), now=T0 + minutes(at), **fields)


def draft(people, slug="damage-refund", *, ends=False, **changes) -> PolicyDraft:
    current = MATRIX.current().filter(slug=slug).first()
    if ends:
        return proposals.begin_end(MATRIX, current.pk, actor=people.policy, now=T0)
    written = MATRIX.write(current) if current else {"slug": slug, "problem": "damage", "remedy": "refund"}
    return proposals.begin(MATRIX, written | changes, actor=people.policy, now=T0)


def tried(draft, **fields) -> matrix_trial.Result:
    return matrix_trial.run(draft, **{"since": T0, "until": NOW, "now": NOW} | fields)


def test_it_counts_verdicts_money_and_what_would_have_fared_differently(people):
    kept = decide(people, "40", customer="a")
    dearer = decide(people, "90", customer="b")
    beyond = decide(people, "150", customer="c")
    decide(people, "20", customer="d", problem="product_question")
    found = tried(draft(people, up_to="50.00"))
    assert (found.decisions, found.elsewhere, found.left_out) == (4, 1, 0)
    assert found.then.verdicts == found.today.verdicts == {"allowed": 2, "needs": 1, "no_rule": 1}
    assert found.drafted.verdicts == {"allowed": 1, "needs": 2, "no_rule": 1}
    assert (found.today.alone, found.drafted.alone) == ({"EUR": Decimal(130)}, {"EUR": Decimal(40)})
    assert [(line.decision, line.after.verdict) for line in found.listed] == [(dearer, "needs")]
    assert {kept.verdict, beyond.verdict} == {"allowed", "needs"}


def test_a_wider_limit_lets_money_out_and_a_withdrawn_cell_lets_none(people):
    beyond = decide(people, "150")
    assert beyond.state == "pending"
    wider = draft(people, up_to="200.00")
    assert tried(wider).drafted.alone == {"EUR": Decimal(150)}
    wider.delete()
    decide(people, "10", customer="b")
    ended = tried(draft(people, ends=True))
    assert ended.drafted.verdicts == {"no_rule": 2} and not ended.drafted.alone


def test_sums_are_kept_for_each_matrix_in_the_order_of_what_happened(people):
    """With a limit of 200 the first 150 go out alone, so that the 60 after it no longer do."""
    decide(people, "150")
    decide(people, "60", at=2)
    found = tried(draft(people, up_to="200.00"))
    assert [(line.before.verdict, line.after.verdict) for line in found.listed] == [
        ("needs", "allowed"), ("allowed", "needs"),
    ][::-1]  # fmt: skip
    assert "150.00 EUR were given" in found.listed[0].after.why


def test_what_was_signed_counts_from_its_signature_and_what_came_before_the_period_counts_too(people):
    signed = decide(people, "150")
    early = decide(people, "60", at=2)
    approvals.approve(signed.approval_id, actor=people.supervisor, note="It is only fair", now=T0 + minutes(3))
    late = decide(people, "5", at=4)
    assert (early.verdict, late.verdict) == ("allowed", "needs")
    small = draft(people, window="PT1M")  # changes nothing about who had 150 within 24 hours
    found = tried(small)
    assert found.today.verdicts == found.then.verdicts
    assert tried(small, since=T0 + minutes(4)).today.verdicts == {"needs": 1}


def test_the_sum_of_one_person_counts_what_the_draft_lets_them_give_alone(people):
    for n in range(3):
        decide(people, "60", at=n, customer=f"c{n}")
    found = tried(draft(people, agent_up_to="120.00", agent_window="P1D"))
    assert found.drafted.verdicts == {"allowed": 2, "needs": 1}
    assert "You may give alone up to 120.00 EUR" in found.listed[0].after.why


def test_every_condition_of_a_cell_is_asked_of_the_facts_of_then(people):
    ring = open_ticket(customer_email="r@example.org")
    Ticket.objects.filter(pk=ring.pk).update(order_products=["Silver ring"])
    decide(people, "60", ticket=ring)
    Ticket.objects.filter(pk=ring.pk).update(order_products=[])
    bought = open_ticket(customer_email="w@example.org")
    Ticket.objects.filter(pk=bought.pk).update(order_reference="7", order_value=1000, order_currency="EUR")
    decide(people, "60", ticket=open_ticket(customer_email="w@example.org", now=T0 + minutes(1)))
    decide(people, "60", ticket=on_floor(2, people, customer_email="f@example.org"), who="specialist")
    only = {"roles": ["agent", "specialist"], "up_to": "10.00", "currency": "EUR"}
    for slug, condition in (("p", {"product": "RING"}), ("w", {"worth_from": "1000.00"}), ("f", {"floor": 2})):
        found = tried(draft(people, slug, **only | condition))
        assert found.elsewhere == 1 and found.listed[0].after.cell.slug == slug, slug


def test_a_matrix_put_again_to_what_it_decided_says_the_same(people):
    """The trial is the same judgement as the one that was made: nothing differs when nothing is changed."""
    for n, amount in enumerate(("100", "0.01", "60", "40", "99.99", "300")):
        decide(people, amount, at=n, customer="ab"[n % 2], who=("agent", "agent2", "executive")[0 if n < 4 else 1])
    found = tried(draft(people, up_to="100.00"))
    assert (
        found.elsewhere == 0 and found.then.verdicts == found.today.verdicts and found.then.alone == found.today.alone
    )


def test_it_changes_nothing_and_its_queries_do_not_grow(people):
    decide(people, "60")
    plan = draft(people, up_to="50.00", worth_from="0.00")
    kept = [model.objects.count() for model in (Decision, AuditEvent, OutboxMessage, DecisionRule)]
    with CaptureQueriesContext(connection) as one:
        tried(plan)
    for n in range(5):
        decide(people, "60", customer=f"c{n}", at=5)
    with CaptureQueriesContext(connection) as six:
        assert tried(plan).decisions == 6
    assert len(six) == len(one) <= 7
    assert [model.objects.count() for model in (Decision, DecisionRule)] == [kept[0] + 5, kept[3]]


def test_too_much_is_read_in_part_and_says_so(people, monkeypatch):
    monkeypatch.setattr(matrix_trial, "MOST", 2)
    for n in range(3):
        decide(people, "60", at=n, customer=f"c{n}")
    found = tried(draft(people, up_to="50.00"))
    assert (found.decisions, found.left_out, found.since) == (2, 1, T0 + minutes(1))
    monkeypatch.setattr(matrix_trial, "MOST_SECONDS", -1)
    assert (tried(PolicyDraft.objects.get()).decisions, tried(PolicyDraft.objects.get()).left_out) == (0, 3)
    monkeypatch.setattr(matrix_trial, "MOST_BEFORE", 0)
    assert tried(PolicyDraft.objects.get()).sums_cut


@pytest.mark.parametrize("floor", [1, 3])
def test_an_empty_period_says_so(people, floor):
    found = tried(draft(people, up_to="50.00", floor=floor))
    assert (found.decisions, found.elsewhere, dict(found.today.alone)) == (0, 0, {})
