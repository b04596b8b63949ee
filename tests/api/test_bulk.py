"""POST /tickets/bulk/: each ticket by itself, with a result for each."""

import pytest

from tests.api.conftest import WHY, opened, raised_to


def test_each_ticket_has_its_own_result(house):
    one, two = opened(house.agent), opened(house.agent)
    secret = raised_to(house, 3)
    body = {"tickets": [two, one, secret, one], "do": "assign", "assignee": "agent2@example.com"}
    answer = house.agent.post("tickets/bulk/", body)
    assert answer.status_code == 200
    results = answer.data["results"]
    assert [(row["number"], row["outcome"], row["code"]) for row in results] == [
        (one, "changed", ""), (two, "changed", ""), (secret, "skipped", "not_found"),
    ]  # fmt: skip
    assert str(secret) in results[2]["detail"]
    again = house.agent.post("tickets/bulk/", body).data["results"]
    assert [row["outcome"] for row in again] == ["unchanged", "unchanged", "skipped"]


def test_the_same_key_does_it_once(house):
    numbers = [opened(house.agent) for _n in range(3)]
    body = {"tickets": numbers, "do": "resolve", "reason": WHY}
    first = house.agent.post("tickets/bulk/", body, Idempotency_Key="bulk-1")
    assert [row["outcome"] for row in first.data["results"]] == ["changed"] * 3
    assert house.agent.post("tickets/bulk/", body, Idempotency_Key="bulk-1").data == first.data


@pytest.mark.parametrize(
    "body",
    [
        {"tickets": [], "do": "take"}, {"tickets": [0], "do": "take"}, {"tickets": [1], "do": "explode"},
        {"tickets": list(range(1, 102)), "do": "take"}, {"tickets": [1], "do": "add_tags", "tags": ["nope"]},
        {"tickets": [1], "do": "up", "reason": "short"}, {"tickets": [1], "do": "take", "colour": "red"},
        {"tickets": [1], "do": "assign", "assignee": "nobody@example.com"}, {"do": "take"},
        {"tickets": [1], "do": "snooze"}, {"tickets": [1], "do": "snooze", "until": "2001-01-01T10:00:00Z"},
        {"tickets": [1], "do": "snooze", "until": "soon"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(body, house):
    answer = house.agent.post("tickets/bulk/", body)
    assert answer.status_code == 400 and answer.data["detail"]
