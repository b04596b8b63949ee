"""The decision matrix: who may give what alone, and that no sum is got round (P4.1, P4.2)."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from escalation import authority, conversation, decisions, holds
from escalation.models import AuditEvent, Decision, OutboxMessage
from policies import book, proposals
from policies.models import DecisionRule
from tests.builders import T0, cast, minutes, on_floor, open_ticket, stand
from tickets.models import Ticket
from tickets.refusals import Conflict, Invalid, NotFound

WHY = "The lamp came broken, see the photo."
MATRIX = book.kind("decision-matrix")
NOW = T0 + minutes(1)


def rule(people, **terms) -> DecisionRule:
    """Publish one cell, as two people do."""
    written = {"slug": "cell", "problem": "damage", "remedy": "refund", "roles": ["agent"]} | terms
    draft = proposals.begin(MATRIX, written, actor=people.policy, now=T0)
    return proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0)


def asked(people, ticket, who="agent", remedy="refund", amount="10", currency="EUR", problem="damage"):
    return authority.verdict(
        ticket, actor=getattr(people, who), problem=problem, remedy=remedy,
        amount=Decimal(amount) if amount else None, currency=currency, now=NOW,
    )  # fmt: skip


def decide(people, ticket, amount="10", who="agent", at=NOW, **fields) -> Decision:
    fields = {"problem": "damage", "remedy": "refund", "rationale": WHY, "amount": Decimal(amount)} | fields
    return decisions.decide(ticket.pk, actor=getattr(people, who), now=at, **fields)


@pytest.mark.parametrize(
    ("question", "verdict", "words"),
    [
        ({"amount": "100.00"}, "allowed", "up to 100.00 EUR for one customer within 24 hours"),
        ({"amount": "100.01"}, "needs", "One customer gets up to 100.00 EUR"),
        ({"amount": "1", "currency": "USD"}, "needs", "The limit is in EUR and this is in USD."),
        ({"who": "executive"}, "needs", "is decided alone by: Agent, Specialist"),
        ({"problem": "product_question"}, "no_rule", "no rule for “Refund” for “Product question”"),
        ({"remedy": "apology", "amount": None}, "allowed", "alone"),
        ({"remedy": "apology", "amount": "5"}, "needs", "an amount needs a review"),
        ({"remedy": "replacement", "amount": None}, "needs", "Name what it costs"),
    ],
)
def test_the_matrix_says_whether_whom_and_why(people, question, verdict, words):
    ruling = asked(people, open_ticket(), **question)
    assert ruling.verdict == verdict and words in ruling.why
    assert (ruling.cell is None) == (verdict == "no_rule")


def test_on_floor_3_there_is_no_rule_unless_a_cell_names_it(people):
    ticket = Ticket.objects.get(pk=on_floor(3, people).pk)
    assert asked(people, ticket, "risk").verdict == "no_rule"
    rule(people, roles=["head_of_risk"], floor=3, up_to="50", currency="EUR")
    assert asked(people, ticket, "risk").verdict == "allowed"
    assert asked(people, ticket, "legal").verdict == "needs"
    assert asked(people, open_ticket(), "risk").cell.slug == "damage-refund"


def test_a_cell_that_asks_for_more_goes_before_one_that_asks_for_less(people):
    rule(people, slug="jewelry", product="Ring", up_to="20", currency="EUR")
    rule(people, slug="loyal", worth_from="1000", up_to="250", currency="EUR")
    plain = open_ticket()
    assert asked(people, plain, amount="100").allowed and not asked(people, plain, amount="101").allowed
    goods = open_ticket(customer_email="r@example.org")
    goods.order_products = ["Silver RING, size 52"]
    assert asked(people, goods, amount="20").cell.slug == "jewelry"
    assert not asked(people, goods, amount="21").allowed
    old = open_ticket(customer_email="l@example.org")
    Ticket.objects.filter(pk=old.pk).update(order_reference="7", order_value=1000, order_currency="EUR")
    later = open_ticket(customer_email="l@example.org", now=T0 + minutes(1))
    assert asked(people, later, amount="250").cell.slug == "loyal"


def test_no_sum_is_got_round_by_splitting(people):
    for n, day in enumerate((0, 2, 4)):
        ticket = open_ticket(now=T0 + timedelta(days=day))
        assert decide(people, ticket, "100", at=T0 + timedelta(days=day, minutes=1)).state == "made", n
    day = T0 + timedelta(days=6)
    over = decide(people, open_ticket(now=day), "0.01", at=day + minutes(1), remedy="store_credit", who="agent2")
    assert (over.state, over.verdict) == ("pending", "needs")
    assert "300.00 EUR within 30 days; 300.00 EUR were given" in over.verdict_why
    after = T0 + timedelta(days=31)
    assert decide(people, open_ticket(now=after), "100", at=after + minutes(1)).state == "made"


def test_one_person_gives_alone_no_more_than_their_own_sum(people):
    rule(people, slug="small", floor=1, up_to="100", currency="EUR", agent_up_to="150", agent_window="P7D",
         roles=["agent", "specialist"])  # fmt: skip
    tickets = [open_ticket(customer_email=f"c{n}@example.org") for n in range(3)]
    assert decide(people, tickets[0], "100").state == "made"
    over = decide(people, tickets[1], "51")
    assert over.state == "pending" and "You may give alone up to 150.00 EUR" in over.verdict_why
    assert decide(people, tickets[2], "51", who="agent2").state == "made"


def test_a_decision_keeps_what_it_was_made_on(people):
    made = decide(people, open_ticket(), "10")
    assert (made.verdict, made.rule.slug, made.facts["floor"]) == ("allowed", "damage-refund", 1)
    assert "carla" not in str(made.facts)
    rule(people, slug="damage-refund", up_to="5", currency="EUR")
    made.refresh_from_db()
    assert made.rule.version == 1 and not asked(people, open_ticket(), amount="10").allowed
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.filter(pk=made.pk).update(rule=None)


def test_decision_reply_and_closing_are_one_step(people):
    ticket = open_ticket()
    fields = {"problem": "damage", "remedy": "refund", "rationale": WHY, "amount": Decimal(10)}
    made = decisions.settle(ticket.pk, actor=people.agent, reply="You get 10 EUR.", resolve=True, now=NOW, **fields)
    assert made.state == "made" and stand(ticket).state == "resolved"
    assert list(AuditEvent.objects.filter(ticket=ticket).values_list("action", flat=True))[-3:] == [
        "decided", "message_sent", "resolved",
    ]  # fmt: skip


def test_beyond_the_matrix_nothing_is_said_but_that_it_is_reviewed(people):
    ticket = open_ticket()
    fields = {"problem": "damage", "remedy": "refund", "rationale": WHY, "amount": Decimal(500)}
    made = decisions.settle(ticket.pk, actor=people.agent, reply="You get 500.", resolve=True, now=NOW, **fields)
    assert made.state == "pending" and stand(ticket).floor == 1 and ticket.messages.count() == 1
    assert OutboxMessage.objects.filter(ticket=ticket, topic="under_review").count() == 1
    assert made.approval.content["verdict"]["rule"] == {"slug": "damage-refund", "version": 1}


def test_all_of_the_step_or_nothing(people):
    ticket = open_ticket()
    fields = {"problem": "damage", "remedy": "refund", "rationale": WHY, "amount": Decimal(10), "now": NOW}
    seen = ticket.messages.get().pk
    conversation.customer_message(ticket.pk, body="One thing more", now=NOW)
    with pytest.raises(Conflict):
        decisions.settle(ticket.pk, actor=people.agent, reply="Done.", seen_message=seen, **fields)
    assert not Decision.objects.exists()
    holds.place(ticket.pk, actor=people.agent, reason="wait for the courier", blocks=["resolve"], now=NOW)
    with pytest.raises(Conflict):
        decisions.settle(ticket.pk, actor=people.agent, reply="Done.", resolve=True, **fields)
    assert not Decision.objects.exists()
    assert AuditEvent.objects.filter(ticket=ticket, action="action_blocked").count() == 1


def test_who_differs_from_most_similar_cases_is_asked_why(people):
    for n in range(3):
        decide(people, open_ticket(customer_email=f"c{n}@example.org"), "10")
    ticket = open_ticket()
    fields = {"remedy": "apology", "amount": None, "problem": "damage", "rationale": WHY}
    with pytest.raises(Invalid, match="3 similar cases") as refusal:
        decisions.decide(ticket.pk, actor=people.agent, departs_because="", now=NOW, **fields)
    assert refusal.value.field == "departs_because"
    made = decisions.decide(ticket.pk, actor=people.agent, departs_because="He asked for words only", now=NOW, **fields)
    assert made.departs_because == "He asked for words only"


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"up_to": "10"}, "currency"),
        ({"up_to": "10", "currency": "euro"}, "currency"),
        ({}, "up_to"),
        ({"up_to": "10", "currency": "EUR", "customer_up_to": "20"}, "customer_window"),
        ({"up_to": "10", "currency": "EUR", "agent_up_to": "5", "agent_window": "P1D"}, "agent_up_to"),
        ({"up_to": "10", "currency": "EUR", "window": "PT0S"}, "window"),
        ({"up_to": "10", "currency": "EUR", "roles": ["king"]}, "roles"),
        ({"up_to": "10", "currency": "EUR", "remedy": "hug"}, "remedy"),
    ],
)
def test_a_cell_that_makes_no_sense_is_refused(people, terms, field):
    with pytest.raises(Invalid) as refusal:
        rule(people, **terms)
    assert refusal.value.field == field


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_cannot_exceed_the_sum():
    people = cast()
    tickets = [open_ticket(now=None) for _n in range(4)]
    made, start = [], threading.Barrier(4)

    def work(ticket, who):
        try:
            start.wait()
            made.append(decide(people, ticket, "60", who=who, at=None).state)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=(ticket, who))
        for ticket, who in zip(tickets, ("agent", "agent2", "specialist", "agent"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["made", "pending", "pending", "pending"]


def test_the_page_asks_decides_and_hides_what_may_not_be_seen(people, client):
    ticket = open_ticket(now=None)
    path, fields = f"/desk/tickets/{ticket.pk}/decide/", {"problem": "damage", "remedy": "refund", "amount": "80"}
    client.force_login(people.agent)
    page = client.post(path, fields | {"do": "ask"})
    assert b"You may decide this alone" in page.content and not Decision.objects.exists()
    refused = client.post(path, fields | {"do": "decide", "reply": "Dear Carla", "rationale": ""})
    assert refused.status_code == 400 and b"Dear Carla" in refused.content
    done = client.post(path, fields | {"do": "decide", "rationale": WHY, "reply": "Dear Carla", "resolve": "on"})
    assert done.status_code == 302 and stand(ticket).state == "resolved"
    for name, status in (("manager", 403), ("stranger", 404)):
        client.force_login(getattr(people, name))
        assert client.post(path, fields | {"do": "decide", "rationale": WHY}).status_code == status
    with pytest.raises(NotFound):
        decide(people, ticket, who="stranger")
