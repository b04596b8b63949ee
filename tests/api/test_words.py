"""POST /tone-check/ (P5.3) and /articles/ (P6.1)."""

import pytest

pytestmark = pytest.mark.django_db


def test_it_points_out_and_keeps_nothing(house):
    answer = house.agent.post("tone-check/", {"text": "You should have asked 😀!!", "language": "en"})
    assert answer.status_code == 200
    first, second = answer.data["findings"]
    assert first | {"why": "", "suggestion": ""} == {
        "kind": "blaming", "start": 0, "end": 15, "text": "You should have", "why": "", "suggestion": "",
    }  # fmt: skip
    assert first["why"] and first["suggestion"] and (second["kind"], second["text"]) == ("shouting", "!!")
    assert house.agent.post("tone-check/", {"text": ""}).data == {"findings": []}


def test_what_it_cannot_read_is_refused(house):
    assert house.agent.post("tone-check/", {}).status_code == 400
    assert house.agent.post("tone-check/", {"text": "a", "language": "xx"}).status_code == 400
    assert house.agent.post("tone-check/", {"text": "a" * 20_001}).status_code == 400
    assert house.agent.post("tone-check/", {"text": "a", "more": 1}).status_code == 400
    assert house.agent.get("tone-check/").status_code == 405
    anonymous = type(house.agent)()
    assert anonymous.post("tone-check/", {"text": "a"}).status_code == 401


def test_articles_are_listed_searched_and_read(house):
    slugs = [row["slug"] for row in house.agent.get("articles/").data["results"]]
    assert "your-data" in slugs and "order-status" not in slugs
    assert [row["slug"] for row in house.agent.get("articles/?q=rhodium").data["results"]] == ["jewelry-and-luxury"]
    one = house.agent.get("articles/your-data/").data
    assert (one["kind"], one["is_public"], set(one["texts"])) == ("article", True, {"en", "it", "pt"})
    assert house.agent.get("articles/none/").status_code == 404
    assert house.agent.get("articles/?kind=x").status_code == 400
    assert {row["slug"] for row in house.agent.get("scripts/").data["results"]}.isdisjoint(slugs)
