"""Each condition of a cell just inside and just outside, and no way round a sum: cents, currencies, many at once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from escalation import approvals, authority, decisions
from escalation.models import Decision
from policies import book, proposals
from tests.builders import T0, cast, minutes, on_floor, open_ticket
from tests.escalation.test_races import together
from tickets.models import Customer, Ticket
from tickets.refusals import Invalid

MATRIX = book.kind("decision-matrix")
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)


def put(people, slug="damage-refund", **changes) -> None:
    """Publish a cell: the starter's with CHANGES, or a new one that agents decide under."""
    current = MATRIX.current().filter(slug=slug).first()
    new = {"slug": slug, "problem": "damage", "remedy": "refund", "roles": ["agent"], "currency": "EUR"}
    draft = proposals.begin(MATRIX, (MATRIX.write(current) if current else new) | changes, actor=people.policy, now=T0)
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0)


def decide(people, amount, *, at=T0, who="agent", ticket=None, customer="a", **fields) -> Decision:
    ticket = ticket or open_ticket(customer_email=f"{customer}@example.org")
    fields = {
        "problem": "damage",
        "remedy": "refund",
        "rationale": "It came broken.",
        "amount": Decimal(amount),
    } | fields
    return decisions.decide(ticket.pk, actor=getattr(people, who), now=at, **fields)


def asked(people, ticket, amount="10", who="agent", **fields) -> authority.Ruling:
    fields = {"problem": "damage", "remedy": "refund", "currency": "EUR", "now": T0 + minutes(1)} | fields
    return authority.verdict(ticket, actor=getattr(people, who), amount=Decimal(amount), **fields)


@pytest.mark.parametrize(
    ("sum_of", "changes", "window"),
    [
        ("one case", {"window": "P1D"}, DAY),
        ("a customer", {"window": "PT1M", "customer_up_to": "100", "customer_window": "P3D"}, 3 * DAY),
        ("a person", {"window": "PT1M", "customer_up_to": "999", "agent_up_to": "100", "agent_window": "P2D"}, 2 * DAY),
    ],
)
def test_a_sum_holds_to_the_last_instant_of_its_window_and_not_beyond(people, sum_of, changes, window):
    put(people, **changes)
    assert decide(people, "100.00").verdict == "allowed"
    # A person's own sum is met by the next customer; the sums of a customer by whoever comes next.
    later = open_ticket(customer_email="b@example.org" if sum_of == "a person" else "a@example.org")
    other = open_ticket(customer_email="c@example.org")
    edge = T0 + window
    assert asked(people, later, "0.01", now=edge - TICK).verdict == "needs", sum_of
    assert asked(people, later, "100.00", now=edge).verdict == "allowed", sum_of
    assert asked(people, later, "100.01", now=edge).verdict == "needs", sum_of
    who = "agent2" if sum_of == "a person" else "agent"
    assert asked(people, other, "100.00", who=who, now=edge - TICK).verdict == "allowed", sum_of


def test_the_worth_of_a_customer_counts_from_the_cent_on_and_each_order_once(people):
    put(people, slug="loyal", worth_from="1000.00", up_to="250")
    first = open_ticket(customer_email="w@example.org")
    ticket = open_ticket(customer_email="w@example.org", now=T0 + minutes(1))
    third = open_ticket(customer_email="w@example.org", now=T0 - minutes(1))

    def worth(row, value, reference, currency="EUR"):
        fields = {"order_value": Decimal(value), "order_reference": reference, "order_currency": currency}
        Ticket.objects.filter(pk=row.pk).update(**fields)

    worth(first, "999.99", "A")
    assert asked(people, ticket, "250").verdict == "needs"
    worth(first, "1000.00", "A")
    assert asked(people, ticket, "250.00").verdict == "allowed" and asked(people, ticket, "250.01").verdict == "needs"
    worth(first, "600", "A")
    worth(third, "600", "A")
    assert asked(people, ticket, "250").verdict == "needs", "one order, two tickets"
    worth(third, "400", "B")
    assert asked(people, ticket, "250").verdict == "allowed"
    worth(third, "400", "B", "USD")
    assert asked(people, ticket, "250").verdict == "needs", "another currency is no worth in ours"


def test_goods_are_known_by_name_without_regard_to_case_and_accents(people):
    put(people, slug="jewelry", product="Orecchini di Società", up_to="20")
    ticket = open_ticket()
    for name, slug in (
        ("ORECCHINI DI SOCIETA, argento", "jewelry"),
        ("Orecchini", "damage-refund"),
        ("anello", "damage-refund"),
    ):
        ticket.order_products = ["lampada", name]
        assert asked(people, ticket).cell.slug == slug, name
    # Neither do two goods make one name between them.
    ticket.order_products = ["Orecchini di", "Società"]
    assert asked(people, ticket).cell.slug == "damage-refund"


def test_a_cell_of_one_floor_holds_there_only_and_roles_are_those_it_names(people):
    put(people, slug="second", floor=2, up_to="500", roles=["specialist"])
    below = open_ticket()
    above = Ticket.objects.get(pk=on_floor(2, people, customer_email="f@example.org").pk)
    assert asked(people, below, "101", "specialist").cell.slug == "damage-refund"
    assert asked(people, above, "500.00", "specialist").verdict == "allowed"
    assert asked(people, above, "500.01", "specialist").verdict == "needs"
    assert asked(people, above, "1", "supervisor").verdict == "needs", "the floor's own cell names specialists"


@pytest.mark.parametrize(
    ("typed", "kept", "verdict"),
    [
        ("100.004", "100.00", "allowed"),
        ("100.005", "100.01", "needs"),
        ("99.995", "100.00", "allowed"),
        ("1E+2", "100.00", "allowed"),
    ],
)
def test_money_is_rounded_to_cents_before_it_is_judged(people, typed, kept, verdict):
    made = decide(people, typed)
    assert (f"{made.amount:.2f}", made.verdict) == (kept, verdict)


@pytest.mark.parametrize("typed", ["0", "0.004", "-0.01", "NaN", "Infinity", "9999999999.995", "1E+20"])
def test_what_is_no_amount_is_refused(people, typed):
    with pytest.raises(Invalid) as refusal:
        decide(people, typed)
    assert refusal.value.field == "amount" and not Decision.objects.exists()


def test_a_second_currency_is_no_way_round_the_sum_of_a_customer(people):
    put(people, slug="dollars", currency="USD", up_to="100")
    assert decide(people, "100").verdict == "allowed"
    ticket = open_ticket(customer_email="a@example.org")
    ruling = asked(people, ticket, "1", currency="USD")
    assert ruling.verdict == "needs" and "also given 100.00 EUR" in ruling.why
    assert asked(people, open_ticket(customer_email="b@example.org"), "100", currency="USD").verdict == "allowed"
    # Once the first is out of the window, each currency stands for itself again.
    after = T0 + timedelta(days=31)
    assert asked(people, ticket, "100", currency="USD", now=after).verdict == "allowed"


def test_another_remedy_problem_ticket_or_person_is_no_way_round_either(people):
    assert decide(people, "60").verdict == "allowed"
    for n, fields in enumerate(
        ({"remedy": "store_credit"}, {"remedy": "replacement"}, {"problem": "return"}, {"who": "agent2"}), start=1
    ):
        over = decide(people, "40.01", at=T0 + minutes(n), **fields)
        assert over.verdict == "needs" and "60.00 EUR were given" in over.verdict_why, fields
    assert decide(people, "40.00", at=T0 + minutes(9), who="agent2").verdict == "allowed"


def test_what_was_asked_for_and_refused_was_not_given(people):
    asked_for = decide(people, "500")
    approvals.reject(asked_for.approval_id, actor=people.supervisor, note="Far too much for it", now=T0 + minutes(1))
    assert decide(people, "100", at=T0 + minutes(2)).verdict == "allowed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who_gets", ["one customer", "many customers"])
def test_many_at_once_never_give_more_than_the_sum(who_gets):
    """Eight people split a refund for one customer; one person decides on eight tickets at once."""
    people = cast()
    if who_gets == "many customers":
        put(people, agent_up_to="100", agent_window="P1D")
    one = who_gets == "one customer"
    tickets = [open_ticket(now=None, customer_email=f"{'a' if one else n}@example.org") for n in range(8)]
    names = ["agent", "agent2", "specialist", "specialist2", "supervisor", "supervisor2", "risk", "legal"]
    people_who = names if one else ["agent"] * 8
    together(
        *(
            lambda ticket=ticket, who=who: decide(people, "30", at=None, who=who, ticket=ticket)
            for ticket, who in zip(tickets, people_who, strict=True)
        )
    )
    assert Decision.objects.filter(verdict="allowed").count() == 3
    assert Decision.objects.filter(verdict="needs", in_force_at=None).count() == 5
    assert Customer.objects.count() == (1 if one else 8)
