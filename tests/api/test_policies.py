"""GET /policies/, /tickets/{n}/verdict/, /decision-gaps/, /script-use/; citing in POST /tickets/{n}/decisions/."""

from datetime import timedelta

import pytest

from policies import book, proposals, readings
from policies.models import Look, PolicyDraft, Right, Script
from tests.api.conftest import WHY, opened, raised_to
from tests.builders import T0
from tickets.clock import database_now

pytestmark = pytest.mark.django_db

QUESTION = "problem=damage&remedy=refund"


def refund(amount: str, **fields) -> dict:
    money = {"amount": amount, "currency": "EUR"}
    return {"problem": "damage", "remedy": "refund", "amount": money, "rationale": WHY} | fields


def decided(house, amount: str, **fields) -> dict:
    answer = house.agent.post(f"tickets/{opened(house.agent)}/decisions/", refund(amount, **fields))
    assert answer.status_code == 201, answer.data
    return answer.data


def test_the_matrix_is_asked_without_changing_anything(house):
    earlier = decided(house, "20.00")
    number = opened(house.agent)
    events = len(house.agent.get(f"tickets/{number}/events/").data["results"])
    for amount, verdict in (("80.00", "allowed"), ("80.01", "needs"), ("0", "allowed")):
        said = house.agent.get(f"tickets/{number}/verdict/?{QUESTION}&amount={amount}").data
        assert (said["verdict"], said["rule"]) == (verdict, "damage-refund 1"), amount
    assert "20.00 EUR" in house.agent.get(f"tickets/{number}/verdict/?{QUESTION}&amount=80.01").data["why"]
    none = house.agent.get(f"tickets/{number}/verdict/?problem=product_question&remedy=refund&amount=1").data
    assert (none["verdict"], none["rule"]) == ("no_rule", None)
    (case,) = said["similar"]
    assert (case["id"], case["alike"][0], case["cited"]) == (earlier["id"], "same problem", 0)
    assert len(house.agent.get(f"tickets/{number}/events/").data["results"]) == events


@pytest.mark.parametrize(
    "asked",
    ["", "problem=damage", f"{QUESTION}&amount=-1", f"{QUESTION}&amount=1.001", f"{QUESTION}&amount=NaN",
     f"{QUESTION}&currency=eur", f"{QUESTION}&colour=red", "problem=moon&remedy=refund"],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(house, asked):
    assert house.agent.get(f"tickets/{opened(house.agent)}/verdict/?{asked}").status_code == 400


def test_a_decision_cites_rights_and_precedents_and_says_why_it_differs(house):
    first = decided(house, "1.00")
    for _time in range(2):
        decided(house, "1.00", cites=[first["id"], 999_999])
    right = Right.objects.in_force().first()
    number = opened(house.agent)
    words = {"problem": "damage", "remedy": "apology", "rationale": WHY, "rights": [right.pk]}
    said = house.agent.get(f"tickets/{number}/verdict/?problem=damage&remedy=apology").data
    assert said["differs"] == {"cases": 3, "gave": "Refund"}
    refused = house.agent.post(f"tickets/{number}/decisions/", words | {"departs_because": ""})
    assert (refused.status_code, refused.data["code"]) == (400, "differs")
    made = house.agent.post(f"tickets/{number}/decisions/", words | {"departs_because": "Only words were asked for"})
    assert made.status_code == 201
    rows = {row["id"]: row for row in house.agent.get("decisions/").data["results"]}
    assert rows[first["id"]]["cited"] == 2
    assert house.agent.post(f"tickets/{number}/decisions/", words | {"cites": ["x"]}).status_code == 400
    assert house.agent.post(f"tickets/{number}/decisions/", words | {"cites": [1] * 11}).status_code == 400


def test_every_version_of_every_kind_is_read_as_in_the_files(house):
    for kind in book.KINDS:
        answer = house.agent.get(f"policies/?kind={kind}&page_size=100")
        assert answer.status_code == 200, kind
        assert len(answer.data["results"]) == book.KINDS[kind].model.objects.in_force().count(), kind
    promises, now = book.kind("response-times"), database_now()
    people = house.people
    written = {"first_response": "PT30M", "resolution": "P2D", "review_told": "PT5M"}
    draft = proposals.begin(promises, written, actor=people["policy_owner"], now=now, why="Fewer people")
    proposals.publish(draft.pk, actor=people["admin"], revision=1, now=now)
    (row,) = house.agent.get("policies/?kind=response-times").data["results"]
    assert (row["terms"], row["why"], row["version"], row["key"]) == (written, "Fewer people", 2, "*")
    assert (row["written_by"], row["published_by"]) == ("policy@example.com", "admin@example.com")
    assert len(house.agent.get("policies/?kind=response-times&history=true").data["results"]) == 2
    (then,) = house.agent.get(f"policies/?kind=response-times&at={T0:%Y-%m-%dT%H:%M:%SZ}").data["results"]
    assert then["version"] == 1
    for asked in ("", "?kind=jokes", "?kind=rights&at=yesterday", "?kind=rights&colour=red"):
        assert house.agent.get(f"policies/{asked}").status_code == 400, asked
    assert house.stranger.get("policies/?kind=rights").status_code == 403
    assert house.agent.post("policies/", {}).status_code == 405


def test_gaps_and_the_use_of_texts_are_read_by_those_who_review_them(house):
    number = opened(house.agent)
    body = refund("5.00") | {"problem": "product_question"}
    assert house.agent.post(f"tickets/{number}/decisions/", body).status_code == 202
    secret = raised_to(house, 3)
    assert house.legal.post(f"tickets/{secret}/decisions/", body).status_code == 202
    (gap,) = house.manager.get("decision-gaps/").data
    assert (gap["ticket"], gap["verdict"], gap["gap"], gap["amount"]["amount"]) == (
        number,
        "no_rule",
        ["no rule"],
        "5.00",
    )
    assert house.agent.get("decision-gaps/").status_code == 403
    reply = {"body": "Hello", "visibility": "public", "script": "order-status"}
    assert house.agent.post(f"tickets/{number}/messages/", reply).status_code == 201
    used = house.agent.get("script-use/").data
    assert (used[0]["slug"], used[0]["used"], used[0]["rating"]) == ("order-status", 1, None) and used[-1]["used"] == 0
    assert house.agent.get("script-use/?week=2020-W01").data[0]["used"] == 0
    assert house.agent.get("script-use/?week=soon").status_code == 400
    assert house.stranger.get("script-use/").status_code == 403


def test_texts_are_reviewed_over_rest(house):
    Script.objects.update(valid_from=T0 - timedelta(days=100))
    row = next(row for row in house.manager.get("text-gaps/").data if row["slug"] == "order-status")
    assert (row["used"], row["why"]) == (0, ["not used for 90 days"])
    assert house.agent.get("text-gaps/").status_code == 403
    said = {"answer": "asked", "reason": WHY}
    assert house.agent.post("text-gaps/order-status/answer/", said).status_code == 403
    assert house.manager.post("text-gaps/no-such-text/answer/", said).status_code == 404
    assert house.manager.post("text-gaps/order-status/answer/", said | {"answer": "gone"}).status_code == 400
    made = house.manager.post("text-gaps/order-status/answer/", said)
    assert (made.status_code, made.data["answer"], made.data["draft"]) == (201, "asked", None)
    assert house.manager.post("text-gaps/order-status/answer/", said | {"answer": "drafted"}).status_code == 403
    drafted = house.policy_owner.post("text-gaps/damaged-item/answer/", said | {"answer": "drafted"})
    assert drafted.data["draft"] == PolicyDraft.objects.get().pk
    assert not {"order-status", "damaged-item"} & {row["slug"] for row in house.manager.get("text-gaps/").data}


def test_articles_say_whether_they_helped_and_what_they_saved(house, django_assert_max_num_queries):
    text = Script.objects.get(slug="where-is-my-order")
    readings.vote(text, "one", helped=True)
    readings.vote(text, "two", helped=False)
    assert house.agent.get("articles/where-is-my-order/").data["helped"] == {"yes": 1, "no": 1}
    with django_assert_max_num_queries(8):
        rows = house.agent.get("articles/?page_size=50").data["results"]
    assert {row["slug"]: row["helped"]["yes"] for row in rows if row["helped"]["yes"]} == {"where-is-my-order": 1}
    for token in ("sent", "not-sent"):
        readings.shown(token, [text.slug])
    readings.opened("not-sent", text.slug)
    readings.sent("sent")
    Look.objects.update(at=database_now() - timedelta(hours=2))
    assert house.agent.get("articles/deflection/").data == {"shown": 2, "opened": 1, "not_sent": 1}
    assert house.agent.get("articles/deflection/?until=2020-01-01T00:00:00Z").data["shown"] == 0
    for wrong in ("since=2999-01-01T00:00:00Z", "since=soon", "page_size=5", "colour=red"):
        assert house.agent.get(f"articles/deflection/?{wrong}").status_code == 400, wrong
