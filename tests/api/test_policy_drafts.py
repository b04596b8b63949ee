"""/policy-drafts/: any kind of policy is drafted, compared and published by a second person over REST too (P3.3)."""

from datetime import timedelta

import pytest

from policies.models import ApprovalRule, DecisionRule, PolicyDraft, ResponseTime, Script
from tests.api.conftest import WHY, opened
from tickets.clock import database_now

pytestmark = pytest.mark.django_db

SLOWER = {"first_response": "PT30M", "resolution": "P2D"}
NEW = {"kind": "response-times", "terms": SLOWER, "why": "Fewer people in winter"}


def begun(api, **changes) -> dict:
    answer = api.post("policy-drafts/", NEW | changes)
    assert answer.status_code == 201, answer.data
    return answer.data


def test_drafted_compared_changed_and_published_by_somebody_else(house):
    draft = begun(house.policy_owner, owner="admin@example.com")
    assert (draft["revision"], draft["writers"], draft["owner"]) == (1, ["policy@example.com"], "admin@example.com")
    assert draft["comparison"][1] == {
        "column": "first_response", "before": "PT8M", "after": "PT30M", "changed": True
    }  # fmt: skip
    address = f"policy-drafts/{draft['id']}/"
    changed = house.policy_owner.patch(address, {"revision": 1, "terms": SLOWER | {"resolution": "P3D"}})
    assert (changed.status_code, changed.data["revision"], changed.data["why"]) == (200, 2, NEW["why"])
    stale = house.admin.patch(address, {"revision": 1, "why": "Mine"})
    assert (stale.status_code, stale.data["code"]) == (409, "stale")
    own = house.policy_owner.post(f"{address}publish/", {"revision": 2})
    assert (own.status_code, own.data["code"]) == (403, "four_eyes")
    assert house.admin.post(f"{address}publish/", {"revision": 1}).status_code == 409
    made = house.admin.post(f"{address}publish/", {"revision": 2})
    assert (made.status_code, made.data["version"], made.data["terms"]["resolution"]) == (200, 2, "P3D")
    assert (made.data["written_by"], made.data["published_by"]) == ("policy@example.com", "admin@example.com")
    assert house.admin.get(address).status_code == 404
    assert ResponseTime.objects.in_force().get().resolution == timedelta(days=3)


def test_an_article_comes_from_another_system_and_holds_from_its_day(house):
    terms = {"slug": "gift-wrap", "title": "Gift wrap", "kind": "article", "is_public": True,
             "texts": {"en": "# Gift wrap\nWe wrap.", "it": "# Confezione\nLa facciamo."}}  # fmt: skip
    draft = begun(house.policy_owner, kind="scripts", terms=terms)
    at = database_now() + timedelta(days=3)
    made = house.admin.post(f"policy-drafts/{draft['id']}/publish/", {"revision": 1, "at": at.isoformat()})
    assert made.status_code == 200 and made.data["valid_from"] > database_now().isoformat()[:10]
    assert not Script.objects.in_force().filter(slug="gift-wrap").exists()
    assert Script.objects.in_force(at).filter(slug="gift-wrap").exists()


def test_a_withdrawal_is_a_draft_and_what_must_stay_stays(house):
    cell = DecisionRule.objects.in_force().get(slug="damage-repair")
    ends = {"kind": "decision-matrix", "withdraws": cell.pk}
    draft = house.policy_owner.post("policy-drafts/", ends)
    assert (draft.status_code, draft.data["withdraws"]) == (201, True)
    assert house.policy_owner.post("policy-drafts/", ends).data["code"] == "draft_exists"
    kept = house.policy_owner.patch(f"policy-drafts/{draft.data['id']}/", {"revision": 1, "why": "Still"})
    assert (kept.status_code, kept.data["code"]) == (400, "ends")
    assert house.admin.post(f"policy-drafts/{draft.data['id']}/publish/", {"revision": 1}).status_code == 200
    assert not DecisionRule.objects.in_force().filter(slug="damage-repair").exists()
    last = ApprovalRule.objects.filter(floor=None, amount_from=None).first()
    answer = house.policy_owner.post("policy-drafts/", {"kind": "approval-matrix", "withdraws": last.pk})
    assert (answer.status_code, answer.data["code"]) == (409, "stays")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"kind": "jokes"}, "kind"), ({"terms": {"first_response": "soon"}}, "first_response"),
     ({"terms": SLOWER | {"channel": "pigeon"}}, "channel"), ({"terms": SLOWER | {"colour": 1}}, "colour"),
     ({"terms": []}, "terms"), ({"withdraws": 1}, "terms"), ({"owner": "agent@example.com"}, "owner"),
     ({"owner": "nobody@example.com"}, "owner"), ({"review_on": "2020-01-01"}, "review_on"),
     ({"review_on": "9999-12-31"}, "review_on"), ({"colour": "red"}, "colour")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_beside_its_field(house, body, field):
    refused = house.policy_owner.post("policy-drafts/", NEW | body)
    assert refused.status_code == 400
    assert field in {error["field"] for error in refused.data["errors"]}
    assert not PolicyDraft.objects.exists()


def test_rules_for_tickets_are_drafted_where_they_are_tried(house):
    answer = house.policy_owner.post("policy-drafts/", {"kind": "triggers", "terms": {"slug": "x"}})
    assert (answer.status_code, answer.data["code"]) == (409, "kind")


@pytest.mark.parametrize(
    "role", ["agent", "specialist", "supervisor", "head_of_risk", "legal", "executive", "manager", "stranger"]
)
def test_only_policy_owners_and_administrators_come_near(house, role):
    draft = begun(house.policy_owner)
    api, address = getattr(house, role), f"policy-drafts/{draft['id']}/"
    for answer in (
        api.get("policy-drafts/"), api.get(address), api.post("policy-drafts/", NEW),
        api.patch(address, {"revision": 1}), api.post(f"{address}publish/", {"revision": 1}),
        api.post(f"{address}discard/", {}),
    ):  # fmt: skip
        assert answer.status_code == 403, answer.data
    assert house.admin.post(f"{address}discard/", {}).status_code == 204
    assert house.admin.post(f"{address}discard/", {}).status_code == 404


def test_drafts_are_listed_by_kind_within_few_queries(house, django_assert_max_num_queries):
    begun(house.policy_owner)
    for remedy in ("damage-refund", "damage-repair", "damage-store-credit"):
        cell = DecisionRule.objects.in_force().get(slug=remedy)
        house.policy_owner.post("policy-drafts/", {"kind": "decision-matrix", "withdraws": cell.pk})
    with django_assert_max_num_queries(14):
        found = house.admin.get("policy-drafts/?kind=decision-matrix").data["results"]
    assert [row["key"] for row in found] == ["damage-refund", "damage-repair", "damage-store-credit"]
    assert house.admin.get("policy-drafts/?kind=jokes").status_code == 400


def test_a_gap_is_answered_over_rest_once(house):
    ids = []
    for _case in range(2):
        money = {"amount": "5.00", "currency": "EUR"}
        body = {"problem": "product_question", "remedy": "refund", "amount": money, "rationale": WHY}
        assert house.agent.post(f"tickets/{opened(house.agent)}/decisions/", body).status_code == 202
        ids = [gap["id"] for gap in house.manager.get("decision-gaps/").data]
    first, second = ids
    assert house.agent.post(f"decision-gaps/{first}/dismiss/", {"reason": WHY}).status_code == 403
    assert house.manager.post(f"decision-gaps/{first}/dismiss/", {"reason": " "}).status_code == 400
    done = house.manager.post(f"decision-gaps/{first}/dismiss/", {"reason": WHY})
    assert (done.status_code, done.data["answer"], done.data["answered_by"]) == (
        200,
        "dismissed",
        "manager@example.com",
    )
    assert house.manager.post(f"decision-gaps/{first}/dismiss/", {"reason": WHY}).data["code"] == "answered"
    assert house.manager.post(f"decision-gaps/{second}/draft/", {"reason": WHY}).status_code == 403
    drafted = house.policy_owner.post(f"decision-gaps/{second}/draft/", {"reason": WHY})
    assert (drafted.status_code, drafted.data["key"]) == (201, "product-question-refund")
    assert house.manager.get("decision-gaps/").data == []
