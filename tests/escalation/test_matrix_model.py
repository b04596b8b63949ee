"""The matrix against a plain model of it: random cells and histories on all their edges, the real tables and clock."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalation import authority, decisions
from escalation.models import Decision
from policies.models import DecisionRule
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import Ticket

NOW = T0 + timedelta(days=30)
TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
WINDOWS = [HOUR, 24 * HOUR, 72 * HOUR]
EDGES = [0 * HOUR, TICK, *(window + side for window in WINDOWS for side in (-TICK, 0 * HOUR, TICK))]
"""Ages of what was given before: now, and around the ends of all windows."""

CENTS = st.one_of(st.sampled_from([1, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001]), st.integers(1, 12_000))
CURRENCY = st.sampled_from(["EUR", "EUR", "EUR", "USD"])
GOODS = [""] * 8 + ["ring", "RING", "Società", "lamp"]
NAMES = ["Silver Ring, size 52", "ORECCHINI DI SOCIETA", "lam", "p", "Lamp", "anello"]
WORTHS = [None] * 5 + [0, 99_999, 100_000]


@dataclass(frozen=True)
class Cell:
    """A cell in cents and words, as the model reads it."""

    roles: list
    up_to: int | None
    currency: str
    window: timedelta
    customer: tuple[int, timedelta] | None
    agent: tuple[int, timedelta] | None
    floor: int | None
    product: str
    worth: int | None
    begins: timedelta
    ends: timedelta | None

    def row(self, n: int) -> DecisionRule:
        return DecisionRule(
            slug=f"cell-{n}", problem="damage", remedy="replacement", roles=self.roles, up_to=money(self.up_to),
            currency=self.currency if self.up_to is not None else "", window=self.window,
            customer_up_to=self.customer and money(self.customer[0]),
            customer_window=self.customer and self.customer[1],
            agent_up_to=self.agent and money(self.agent[0]),
            agent_window=self.agent and self.agent[1],
            floor=self.floor, product=self.product, worth_from=money(self.worth), valid_from=NOW + self.begins,
            valid_until=None if self.ends is None else NOW + self.ends,
        )  # fmt: skip


@dataclass(frozen=True)
class Gift:
    """What was given before: how long ago, to which customer, by whom, and whether nobody else signed it."""

    age: timedelta
    cents: int
    currency: str
    customer: int
    by: int
    alone: bool


@st.composite
def cells(draw):
    up_to = draw(st.one_of(CENTS, CENTS, CENTS, st.none()))
    some = st.one_of(st.none(), st.tuples(CENTS, st.sampled_from(WINDOWS))) if up_to is not None else st.none()
    return Cell(
        draw(st.sampled_from([["agent", "specialist"]] * 3 + [["agent"], ["legal"]])),
        up_to, draw(CURRENCY), draw(st.sampled_from(WINDOWS)), draw(some), draw(some),
        draw(st.sampled_from([None, None, None, 1, 2, 3])), draw(st.sampled_from(GOODS)), draw(st.sampled_from(WORTHS)),
        draw(st.sampled_from([-HOUR, -HOUR, -HOUR, 0 * HOUR, TICK])),
        draw(st.sampled_from([None, None, None, TICK, 0 * HOUR])),
    )  # fmt: skip


STORY = st.fixed_dictionaries(
    {
        "cells": st.lists(cells(), min_size=3, max_size=6),
        "gifts": st.lists(
            st.one_of(st.none(), st.none(), st.tuples(st.sampled_from(EDGES), CENTS, CURRENCY)), min_size=8, max_size=8
        ),
        "amount": st.one_of(CENTS, st.integers(1, 2_000), st.sampled_from([None, 0])),
        "currency": CURRENCY,
        "products": st.lists(st.sampled_from(NAMES), max_size=3),
        "worth": st.sampled_from([0, 99_999, 100_000]),
        "floor": st.sampled_from([1, 1, 2]),
        "who": st.sampled_from(["agent", "specialist"]),
    }
)


def money(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def model(story: dict, gifts: list[Gift], *, customer: int, by: int, role: str) -> str:
    """Say what docs/policies.md says, in whole cents."""

    def holds(cell: Cell) -> bool:
        names = [name.lower().replace("à", "a") for name in story["products"]]
        return (
            cell.begins <= timedelta(0)
            and (cell.ends is None or cell.ends > timedelta(0))
            and cell.floor in (None, story["floor"])
            and (not cell.product or any(cell.product.lower().replace("à", "a") in name for name in names))
            and (cell.worth is None or cell.worth <= story["worth"])
        )

    def allows(cell: Cell) -> bool:
        if cell.up_to is None:
            return not story["amount"]
        if story["amount"] is None or story["currency"] != cell.currency:
            return False
        limits = [(cell.up_to, cell.window, False), (*(cell.customer or (None, None)), False)]
        limits.append((*(cell.agent or (None, None)), True))
        for limit, window, alone in limits:
            if limit is None:
                continue
            mine = [
                g for g in gifts if (g.by == by and g.alone if alone else g.customer == customer) and g.age < window
            ]
            if story["amount"] + sum(g.cents for g in mine if g.currency == cell.currency) > limit:
                return False
            if not alone and any(g.currency != cell.currency for g in mine):
                return False
        return True

    fitting = [cell for cell in story["cells"] if holds(cell)]
    if not fitting:
        return "no_rule"

    def asks(cell: Cell) -> tuple:
        return bool(cell.product), -1 if cell.worth is None else cell.worth, cell.floor is not None

    foremost = max(map(asks, fitting))
    theirs = [cell for cell in fitting if asks(cell) == foremost and role in cell.roles]
    return "allowed" if any(map(allows, theirs)) else "needs"


def test_the_matrix_says_what_a_plain_model_of_it_says(people):
    seen = Counter()
    DecisionRule.objects.exclude(slug="damage-refund").update(valid_until=T0)
    earlier = open_ticket(now=T0 - minutes(1))
    ours = {1: open_ticket(), 2: on_floor(2, people)}
    past = _past(people)
    DecisionRule.objects.update(valid_until=T0 + minutes(1))

    @settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(story=STORY)
    def stories(story):
        with transaction.atomic():
            DecisionRule.objects.bulk_create(cell.row(n) for n, cell in enumerate(story["cells"]))
            gifts = [_give(row, of) for row, of in zip(past, story["gifts"], strict=True)]
            worth = {"order_value": money(story["worth"]), "order_reference": "A", "order_currency": "EUR"}
            Ticket.objects.filter(pk=earlier.pk).update(**worth)
            ticket = Ticket.objects.select_related("escalation").get(pk=ours[story["floor"]].pk)
            ticket.order_products = story["products"]
            who = getattr(people, story["who"])
            ruling = authority.verdict(
                ticket, actor=who, problem="damage", remedy="replacement", amount=money(story["amount"]),
                currency=story["currency"], now=NOW,
            )  # fmt: skip
            transaction.set_rollback(True)
        made = [gift for gift in gifts if gift]
        expected = model(story, made, customer=ticket.customer_id, by=who.pk, role=story["who"])
        assert ruling.verdict == expected, ruling
        assert (ruling.cell is None) == (expected == "no_rule") and ruling.why
        seen[expected] += 1

    stories()
    assert min(seen.values()) > 15 and len(seen) == 3, f"these stories were not worth telling: {seen}"


def _past(people) -> list[Decision]:
    """Decide eight times: alone and signed, by two people, for two customers."""
    fields = {"problem": "damage", "remedy": "refund", "rationale": "It came broken.", "now": T0}
    return [
        decisions.decide(open_ticket(customer_email=mail).pk, actor=who, amount=Decimal(amount), **fields)
        for mail in ("carla@example.org", "other@example.org")
        for who in (people.agent, people.specialist)
        for amount in ("0.01", "5000")
    ]


def _give(row: Decision, of: tuple | None) -> Gift | None:
    """Let the decision ROW have given that much so long ago; without OF it gave nothing that counts any more."""
    age, cents, currency = of or (timedelta(days=20), 1, "EUR")
    Decision.objects.filter(pk=row.pk).update(in_force_at=NOW - age, amount=money(cents), currency=currency)
    customer = row.escalation.ticket.customer_id
    return Gift(age, cents, currency, customer, row.decided_by_id, row.approval_id is None) if of else None
