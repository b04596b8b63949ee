"""Narrowing the list of tickets."""

from urllib.parse import quote

import pytest

from tests.api.conftest import WHY, opened, raised_to

pytestmark = pytest.mark.django_db


def found(api, **query) -> list[int]:
    answer = api.get("tickets/?" + "&".join(f"{name}={quote(str(value))}" for name, value in query.items()))
    assert answer.status_code == 200, answer.content
    return [ticket["number"] for ticket in answer.data["results"]]


@pytest.fixture
def cases(house):
    plain = opened(house.agent, subject="Ring is 100% broken", category="damage", channel="phone")
    second = raised_to(house, 2)
    third = raised_to(house, 3)
    waiting = opened(house.agent, tags=["vip"])
    house.agent.post(f"tickets/{waiting}/wait/")
    done = opened(house.agent, customer={"email": "bob@customer.example"})
    house.agent.post(f"tickets/{done}/resolve/", {"summary": "Done"})
    house.agent.patch(f"tickets/{plain}/", {"assignee": "agent@example.com"})
    house.agent.post(f"tickets/{plain}/hold/", {"reason": WHY})
    house.specialist.post(f"tickets/{second}/risks/", {"risk": "dispute", "note": WHY})
    return {"plain": plain, "second": second, "third": third, "waiting": waiting, "done": done}


FINDS = (
    ({"floor": 1}, {"plain", "waiting", "done"}),
    ({"floor": 2}, {"second"}),
    ({"status": "open"}, {"plain", "second", "third"}),
    ({"status": "pending"}, {"waiting"}),
    ({"status": "resolved"}, {"done"}),
    ({"status": "closed"}, set()),
    ({"assignee": "Agent@example.com"}, {"plain"}),
    ({"assignee": "none", "floor": 1, "status": "open"}, set()),
    ({"assignee": "nobody@example.com"}, set()),
    ({"team": "specialists"}, {"second"}),
    ({"channel": "phone"}, {"plain"}),
    ({"category": "damage"}, {"plain"}),
    ({"tag": "vip"}, {"waiting"}),
    ({"risk": "dispute"}, {"second"}),
    ({"held": "true"}, {"plain"}),
    ({"held": "false", "status": "open"}, {"second", "third"}),
    ({"q": "100% BROKEN"}, {"plain"}),
    ({"q": "100%_broken"}, {"plain"}),
    ({"q": "unbroken"}, set()),
    ({"q": "broken floor:1 is:held"}, {"plain"}),
    ({"q": "bob@customer.example"}, {"done"}),
    ({"created_after": "2100-01-01T00:00:00Z"}, set()),
    ({"created_before": "2100-01-01T00:00:00+02:00", "status": "pending"}, {"waiting"}),
    ({"due_before": "2100-01-01T00:00:00Z"}, {"plain", "second", "third"}),
    ({"due_before": "2020-01-01T00:00:00Z"}, set()),
)


def test_each_filter_finds_what_it_says(house, cases):
    for query, names in FINDS:
        assert set(found(house.legal, **query)) == {cases[name] for name in names}, query


def test_a_number_is_found_by_itself(house, cases):
    assert cases["second"] in found(house.agent, q=cases["second"])
    assert cases["second"] in found(house.agent, q=f"#{cases['second']}")


def test_floor_3_is_in_no_list_of_those_who_may_not_know(house, cases):
    outside = (house.agent, house.specialist, house.manager, house.policy_owner, house.admin, house.second_specialist)
    inside = (house.head_of_risk, house.legal, house.executive, house.supervisor)
    for query in ({}, {"floor": 3}, {"q": "Parcel"}, {"status": "open"}, {"team": "risk-legal"}):
        assert not [api.user for api in outside if cases["third"] in found(api, **query)], query
        assert not [api.user for api in inside if cases["third"] not in found(api, **query)], query
    assert house.agent.get(f"tickets/{cases['third']}/").content.replace(
        str(cases["third"]).encode(), b"N"
    ) == house.agent.get("tickets/987654/").content.replace(b"987654", b"N")
    for part in ("messages", "events", "visits", "attachments"):
        assert house.agent.get(f"tickets/{cases['third']}/{part}/").status_code == 404
