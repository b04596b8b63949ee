"""Search by REST: the same finding, paged by cursors."""

from urllib.parse import quote

import pytest

from tests.api.conftest import opened, raised_to

pytestmark = pytest.mark.django_db


def test_search_answers_hits_counts_and_a_next_page(house):
    numbers = [opened(house.agent, subject=f"Bracelet {n}") for n in range(3)]
    answer = house.agent.get("search/?q=bracelet&page_size=2")
    assert answer.status_code == 200, answer.content
    assert answer.data["counts"]["tickets"] == {"number": 3, "more": False}
    rest = house.agent.get(answer.data["next"])
    hits = answer.data["results"] + rest.data["results"]
    assert {hit["ticket"] for hit in hits} == set(numbers) and rest.data["next"] is None
    assert hits[0]["title"].startswith("Bracelet") and hits[0]["excerpt"] == "Where is my parcel?"
    messages = house.agent.get("search/?q=parcel&kind=messages").data
    assert messages["kind"] == "messages" and len(messages["results"]) == 3


def test_floor_3_is_neither_found_nor_counted_by_those_who_may_not_know(house):
    secret = raised_to(house, 3)
    for query in ("parcel", f"{secret}", "floor:3"):
        for api in (house.agent, house.specialist, house.manager, house.policy_owner, house.admin, house.stranger):
            data = api.get(f"search/?q={quote(query)}").data
            assert data["results"] == []
            assert not any(count["number"] for kind, count in data["counts"].items() if kind != "scripts")
        assert house.legal.get(f"search/?q={quote(query)}").data["counts"]["tickets"]["number"] == 1


def test_reasons_are_masked_as_in_the_archive(house):
    number = opened(house.agent)
    why = "Vitrine of somebody@example.net, +39 06 1234567, broke"
    asked = {"problem": "damage", "remedy": "apology", "rationale": why}
    assert house.agent.post(f"tickets/{number}/decisions/", asked).status_code == 201
    for kind in ("tickets", "decisions"):
        for api in (house.agent, house.specialist, house.legal):
            assert api.get(f"search/?q=vitrine&kind={kind}").data["results"][0]["excerpt"] == why
        for api in (house.manager, house.policy_owner, house.executive, house.admin):
            reads = api.get(f"search/?q=vitrine&kind={kind}").data["results"][0]["excerpt"]
            assert reads.startswith("Vitrine of ▒▒▒") and "1234567" not in reads and "@" not in reads


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q=%00", "q=a&kind=sql", "q=foo:bar", "q=a&cursor=x", "q=a&cursor=1.9999999999999999999", "q=a&x=1"],
)
def test_what_is_not_understood_is_a_problem(house, query):
    answer = house.agent.get(f"search/?{query}")
    assert answer.status_code == 400 and answer.data["detail"]


def test_a_list_of_tickets_takes_the_same_words(house):
    number = opened(house.agent, subject="Bracelet & ring", channel="phone")
    opened(house.agent, subject="Necklace")
    answer = house.agent.get("tickets/?q=" + quote("rings channel:phone") + "&status=open")
    assert [ticket["number"] for ticket in answer.data["results"]] == [number]
    assert house.agent.get("tickets/?q=" + quote("ring colour:red")).status_code == 400
