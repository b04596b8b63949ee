"""POST /tone-check/ and /wording/ (P5), /articles/ (P6.1), /contact-steps/ (P5.4), /targets/ (P1.3)."""

import pytest

from escalation import contact_steps
from tests.api.conftest import raised_to

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


def test_the_rules_about_words_are_listed(house):
    rows = {row["slug"]: row for row in house.agent.get("wording/?page_size=100").data["results"]}
    row = rows["looking-back"]
    assert row["kind"] == "blaming" and "you should have" in row["phrases"]["en"]
    assert set(row["reason"]) == set(row["better"]) == {"en", "it", "pt"}
    assert house.agent.post("wording/", {}).status_code == 405


def test_steps_against_abuse_are_read_by_those_who_see_the_ticket(house):
    open_one, secret = raised_to(house, 1), raised_to(house, 3)
    for number in (open_one, secret):
        contact_steps.warn(number, actor=house.people["legal"], reason="<b>Insults</b> in three messages")
    rows = house.agent.get("contact-steps/").data["results"]
    assert [(row["ticket"], row["step"]) for row in rows] == [(open_one, "1_warned")]
    assert rows[0]["reason"] == "<b>Insults</b> in three messages" and rows[0]["in_force_at"].endswith("Z")
    assert len(house.legal.get("contact-steps/").data["results"]) == 2
    assert [row["ticket"] for row in house.legal.get(f"contact-steps/?ticket={secret}").data["results"]] == [secret]
    assert house.agent.get(f"contact-steps/?ticket={secret}").data["results"] == []
    assert house.agent.get("contact-steps/?step=shouting").status_code == 400
    assert house.stranger.get("contact-steps/").data["results"] == []


def test_targets_are_read_with_their_history_and_set_by_managers(house):
    listed = {row["key"]: row for row in house.agent.get("targets/?page_size=100").data["results"]}
    assert (listed["resolved_within_24h"]["value"], listed["guided_by_script"]["value"]) == (80, 60)
    change = {"value": "85", "reason": "Two quarters above it"}
    for role in ("agent", "supervisor", "legal", "policy_owner", "executive", "stranger"):
        assert getattr(house, role).patch("targets/resolved_within_24h/", change).status_code == 403, role
    for wrong in (
        {"value": "85"},
        {"value": "-1", "reason": "x"},
        {"value": "NaN", "reason": "x"},
        change | {"key": 1},
    ):
        assert house.manager.patch("targets/resolved_within_24h/", wrong).status_code == 400, wrong
    made = house.manager.patch("targets/resolved_within_24h/", change)
    assert made.status_code == 200 and made.data["value"] == 85
    history = house.agent.get("targets/resolved_within_24h/").data["history"]
    assert [row["value"] for row in history] == [85, 80] and history[0]["set_by"] == "manager@example.com"
    assert house.agent.get("targets/nothing/").status_code == 404
    assert house.manager.patch("targets/nothing/", change).status_code == 404
    assert house.stranger.get("targets/").status_code == 403
