"""What followed a change of a policy is counted from its day through 90 days, beside the 90 days before (P3.5)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, moves, privacy, waiting
from metrics import effects, ratings
from policies.models import DecisionRule, ResponseTime
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.models import Category, Channel, Ticket

DAY = timedelta(days=1)
GONE = "She wrote that she wants no account with us."


@pytest.fixture
def change(people) -> ResponseTime:
    """A promise for the web that another one for all was before; in force from T0 on."""
    return ResponseTime.objects.create(
        channel=Channel.objects.get(slug="web"), valid_from=T0, created_by=people.policy,
        first_response=minutes(5), resolution=timedelta(hours=4),
    )  # fmt: skip


def solved(people, day: int, *, hours: int = 2, score: int = 5, **fields) -> Ticket:
    ticket = open_ticket(now=T0 + day * DAY, **fields)
    came = ticket.created_at
    conversation.reply(ticket.pk, actor=people.agent, body="We look into it.", now=came + minutes(3))
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=came + timedelta(hours=hours))
    ratings.rate(ticket.pk, score=score, now=came + timedelta(hours=hours, minutes=5))
    return ticket


def seen(policy, day: float) -> dict[str, tuple]:
    watched = effects.watch(policy, T0 + day * DAY)
    return {one.metric.key: (one.before.value, one.after.value) for one in effects.of(watched)}


def test_four_figures_before_and_since(people, change):
    solved(people, -91)  # too long ago
    solved(people, -3, hours=6, score=2)
    solved(people, 4)
    solved(people, 5, channel="phone")  # not what it is about
    solved(people, 91, hours=9)  # no longer watched
    now = seen(change, 100)
    assert now["handling_time"] == (6, 2)
    assert now["satisfaction"] == (0, 100)
    assert now["first_contact_resolution"] == (100, 100)
    assert now["customers_left"] == (0, 0)


def test_waiting_for_the_customer_is_no_handling(people, change):
    ticket = open_ticket(now=T0 + DAY)
    conversation.reply(ticket.pk, actor=people.agent, body="Which size?", now=T0 + DAY + minutes(3))
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + DAY + minutes(3))
    conversation.customer_message(ticket.pk, body="Small.", now=T0 + 2 * DAY + minutes(3))
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent.", now=T0 + 2 * DAY + timedelta(hours=1))
    assert seen(change, 10)["handling_time"] == (None, 1)


def test_a_customer_who_asks_to_be_forgotten_has_left(people, change):
    ticket = solved(people, 1, customer_email="gone@example.org")
    solved(people, 1, customer_email="stays@example.org")
    gone = {"confirm": "gone@example.org", "reason": GONE}
    privacy.erase_customer(ticket.customer_id, actor=people.legal, now=T0 + 3 * DAY, **gone)
    assert seen(change, 2)["customers_left"] == (None, 0)
    assert seen(change, 10)["customers_left"] == (None, 50)


def test_nothing_follows_what_has_not_begun_and_a_successor_ends_the_watch(people, change):
    solved(people, -1)
    assert seen(change, -1) == dict.fromkeys(seen(change, -1), (None, None)) | {
        key: (value, None) for key, (value, _after) in seen(change, -1).items()
    }
    ResponseTime.objects.filter(pk=change.pk).update(valid_until=T0 + 10 * DAY)
    change.refresh_from_db()
    watched = effects.watch(change, T0 + 30 * DAY)
    assert (watched.day, watched.until) == (10, T0 + 10 * DAY)


def test_few_cases_say_nothing_and_less_is_better_where_it_is():
    few, many = effects.Measured(9, Decimal(1)), effects.Measured(10, Decimal(2))
    assert effects.Effect(effects.HANDLING, few, many).better is None
    more = effects.Measured(10, Decimal(3))
    assert effects.Effect(effects.HANDLING, many, more).better is False
    assert effects.Effect(effects.METRICS[0], many, more).better is True
    assert effects.Effect(effects.METRICS[0], many, many).better is None


def test_a_cell_of_the_matrix_is_about_the_tickets_of_its_problem(people):
    cell = DecisionRule.objects.filter(problem="wrong_shipment").first()
    named = effects.watch(cell, T0).scope
    assert [row.slug for row in named.values()] == ["wrong-shipment"]
    Category.objects.filter(slug="wrong-shipment").update(slug="mix-up")
    assert effects.watch(cell, T0).scope == {}


def test_the_page_and_the_api_say_the_same_and_hide_what_may_not_be_seen(
    people, client, change, django_assert_max_num_queries
):
    ResponseTime.objects.filter(pk=change.pk).update(valid_from=T0 - 30 * DAY)
    solved(people, -20, subject="The lamp that came on time")
    secret = on_floor(3, people, now=T0 - 20 * DAY, subject="The ring nobody may know of")
    ratings_of = {"kind": "response-times", "id": change.pk}
    client.force_login(people.agent)
    address = f"/desk/policies/response-times/{change.pk}/effect/"
    with django_assert_max_num_queries(20):
        page = client.get(address)
    assertContains(page, "First-contact resolution")
    assertContains(page, "small sample", count=0)
    listed = client.get(address + "?behind=handling_time")
    assertContains(listed, "The lamp that came on time")
    assertNotContains(listed, secret.subject)
    said = client.get("/api/v1/policies/effects/", ratings_of).json()
    figures = {row["key"]: row for row in said["figures"]}
    assert figures["handling_time"]["after"] == {"value": 2.0, "n": 1}
    assert figures["handling_time"]["before"] == {"value": None, "n": 0}
    assert (said["channel"], said["category"]) == ("web", None)
    assert client.get(address + "?behind=moon").status_code == 404
    assert client.get("/api/v1/policies/effects/?kind=response-times&id=999999").status_code == 404
    assert client.get("/api/v1/policies/effects/?kind=response-times").status_code == 400
    client.force_login(people.stranger)
    assert client.get(address).status_code == 403
    assert client.get("/api/v1/policies/effects/", ratings_of).status_code == 403
