"""The file of a case over HTTP: evidence, decision texts, decisions, notices to authorities, the sealed export."""

import hashlib
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from metrics import ratings
from tests.api.conftest import WHY, opened, raised_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def refund(amount: str, currency: str = "EUR") -> dict:
    money = {"amount": amount, "currency": currency}
    return {"problem": "damage", "remedy": "refund", "amount": money, "rationale": WHY}


def test_evidence_comes_in_by_file_message_and_statement_and_stays(house):
    number = raised_to(house, 3)
    path = f"tickets/{number}/evidence/"
    said = house.legal.post(path, {"description": "Seen on video.", "source": "store 4"})
    assert said.status_code == 201 and said.data["sha256"] == hashlib.sha256(b"Seen on video.").hexdigest()
    file = house.legal.upload(path, {"file": SimpleUploadedFile("a.pdf", b"%PDF"), "description": "The bill"})
    assert file.status_code == 201 and file.data["sha256"] == hashlib.sha256(b"%PDF").hexdigest()
    message = house.legal.get(f"tickets/{number}/messages/").data["results"][0]["id"]
    assert house.legal.post(path, {"message": message}).status_code == 201
    assert house.legal.post(path, {"message": message}).data["code"] == "already_registered"
    assert house.legal.post(path, {}).status_code == 400
    assert house.legal.post(path, {"description": "x", "sha256": "0"}).data["errors"][0]["code"] == "unknown"
    assert [e["form"] for e in house.legal.get(path).data["results"]] == ["statement", "file", "message"]
    saved = house.legal.get(f"{path}{file.data['id']}/")
    assert b"".join(saved.streaming_content) == b"%PDF" and "attachment" in saved["Content-Disposition"]
    assert house.legal.get(f"{path}{said.data['id']}/").status_code == 404
    for method in ("DELETE", "PATCH", "PUT"):
        assert house.legal.call(method, f"{path}{file.data['id']}/", {}).status_code == 405
    assert house.executive.post(path, {"description": "Hm."}).status_code == 403
    for role in ("agent", "second_supervisor", "manager"):
        assert getattr(house, role).get(path).status_code == 404
        assert getattr(house, role).post(path, {"description": "Hm."}).status_code == 404


def test_a_decision_holds_at_once_or_asks_for_a_review(house):
    number = opened(house.agent)
    path = f"tickets/{number}/decisions/"
    made = house.agent.post(path, refund("80.00"))
    assert made.status_code == 201
    assert (made.data["state"], made.data["amount"]) == ("made", {"amount": "80.00", "currency": "EUR"})
    asked = house.agent.post(path, refund("80.00"))
    assert asked.status_code == 202 and asked.data["kind"] == "decision"
    assert asked.data["content"]["amount"] == {"amount": "80.00", "currency": "EUR"}
    assert house.agent.post(path, refund("90.00")).data["code"] == "already_requested"
    assert house.supervisor.post(f"approvals/{asked.data['id']}/approve/", {"note": WHY}).status_code == 200
    assert [d["state"] for d in house.agent.get(path).data["results"]] == ["made", "made"]
    for wrong in ({"remedy": "rain"}, {"amount": None}, {"amount": {"amount": "-1", "currency": "EUR"}}):
        assert house.agent.post(path, refund("1") | wrong).status_code == 400
    assert house.manager.post(path, refund("1")).status_code == 403
    apology = {"problem": "service", "remedy": "apology", "rationale": WHY}
    assert house.agent.post(path, apology).data["amount"] is None


def test_a_notice_to_an_authority_needs_an_executive(house):
    number = raised_to(house, 3)
    path = f"tickets/{number}/external-notifications/"
    asked = house.legal.post(path, {"authority": "Data protection", "justification": WHY})
    assert asked.status_code == 202 and asked.data["kind"] == "external_notification"
    decide = f"approvals/{asked.data['id']}/approve/"
    assert house.head_of_risk.post(decide, {"note": WHY}).status_code == 403
    (notice,) = house.legal.get(path).data["results"]
    assert notice["state"] == "pending" and notice["due_at"]
    assert house.legal.post(f"{path}{notice['id']}/sent/", {}).data["code"] == "not_approved"
    assert house.executive.post(decide, {"note": WHY}).status_code == 200
    sent = house.legal.post(f"{path}{notice['id']}/sent/", {"reference": "DP 12"})
    assert (sent.data["state"], sent.data["reference"]) == ("sent", "DP 12")
    assert house.legal.post(f"{path}{notice['id']}/sent/", {}).status_code == 409
    low = raised_to(house, 2)
    body = {"authority": "Police", "justification": WHY}
    assert house.legal.post(f"tickets/{low}/external-notifications/", body).status_code == 409


def test_a_request_shows_what_changed_since_it_was_asked_for(house):
    number = raised_to(house, 3)
    asked = house.head_of_risk.post(f"tickets/{number}/resolve/", {"summary": "Refund"}).data
    house.head_of_risk.post(f"tickets/{number}/messages/", {"body": "He phoned.", "visibility": "internal"})
    shown = house.legal.get(f"approvals/{asked['id']}/").data
    assert list(shown["difference"]) == ["last_note"] and shown["digest"] != asked["digest"]
    old = house.legal.post(f"approvals/{asked['id']}/approve/", {"note": WHY, "digest": asked["digest"]})
    assert old.status_code == 409 and old.data["code"] == "changed" and old.data["data"]["difference"]
    house.legal.post(f"tickets/{number}/decision-texts/", {"text": "Half a refund."})
    void = house.legal.get(f"approvals/{asked['id']}/").data
    assert void["state"] == "void"
    assert [t["version"] for t in house.legal.get(f"tickets/{number}/decision-texts/").data["results"]] == [1, 2]


def test_a_hold_names_what_it_blocks(house):
    number = opened(house.agent)
    hold = {"reason": WHY, "blocks": ["send"], "review_on": "2999-01-01"}
    assert house.agent.post(f"tickets/{number}/hold/", hold).status_code == 200
    answer = house.agent.post(f"tickets/{number}/messages/", {"body": "Hello", "visibility": "public"})
    assert answer.status_code == 409 and answer.data["code"] == "held"
    assert house.agent.post(f"tickets/{number}/decisions/", refund("5")).status_code == 201
    other = opened(house.agent)
    for blocks in ([], ["breathe"], "send"):
        assert house.agent.post(f"tickets/{other}/hold/", {"reason": WHY, "blocks": blocks}).status_code == 400


def test_the_export_is_for_risk_and_legal(house):
    number = raised_to(house, 3)
    path = f"tickets/{number}/export/"
    answer = house.legal.get(path)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert {f"case-{number}/manifest.json", f"case-{number}/verify.py"} <= set(names)
    assert house.supervisor.get(path).status_code == 403
    assert house.agent.get(path).status_code == 404
    last = house.legal.get(f"tickets/{number}/events/").data["results"][-1]
    assert (last["action"], last["data"]["manifest_sha256"]) == ("exported", answer["X-Manifest-SHA256"])


def test_the_archive_lists_decisions_by_words_and_masks_names(house):
    number = opened(house.agent)
    paid = refund("10") | {"rationale": "Ada showed a photo of the lamp"}
    assert house.agent.post(f"tickets/{number}/decisions/", paid).status_code == 201
    (row,) = house.agent.get("decisions/?q=lamp&problem=damage").data["results"]
    assert (row["ticket"], row["verdict"], row["rule"]) == (number, "allowed", "damage-refund 1")
    assert row["rationale"].startswith("Ada") and row["facts"]["floor"] == 1
    assert "Ada" not in house.manager.get("decisions/").data["results"][0]["rationale"]
    assert house.agent.get("decisions/?q=unicorn").data["results"] == []
    assert house.agent.get("decisions/?colour=red").status_code == 400
    for asked, there in (("verdict=allowed", 1), ("verdict=no_rule", 0), ("category=returns", 0)):
        assert len(house.agent.get(f"decisions/?{asked}").data["results"]) == there, asked
    assert house.stranger.get("decisions/").data["results"] == []


def test_the_archive_says_how_a_decision_was_rated_after_it(house):
    number = opened(house.agent)
    assert house.agent.post(f"tickets/{number}/decisions/", refund("10")).status_code == 201
    (row,) = house.agent.get("decisions/").data["results"]
    assert (row["rating"], row["departs_because"]) == (None, "")
    assert house.agent.post(f"tickets/{number}/resolve/", {"summary": "Paid back"}).status_code == 200
    ratings.rate(number, score=4)
    assert house.agent.get("decisions/").data["results"][0]["rating"] == 4


def test_the_matrix_and_the_rights_in_force_are_read_by_systems(house):
    cells = {cell["slug"]: cell for cell in house.agent.get("decision-matrix/?page_size=100").data["results"]}
    assert cells["damage-refund"]["up_to"] == {"amount": "100.00", "currency": "EUR"}
    assert cells["damage-refund"]["window"] == "P1D" and cells["damage-apology"]["up_to"] is None
    assert {"right", "policy", "you", "we"} <= set(house.agent.get("rights/").data["results"][0])
    assert house.agent.get("response-times/").data["results"][0]["first_response"] == "PT8M"


def test_a_limit_for_one_channel_leaves_the_floor_as_it_is(house):
    changed = house.policy_owner.patch("floors/1/", {"limit": "PT5M", "channel": "phone"})
    assert changed.status_code == 200, changed.content
    assert (changed.data["channel"], changed.data["limit"]) == ("phone", "PT5M")
    assert house.agent.get("floors/1/").data["limit"] == "PT15M"
    assert {(row["channel"], row["limit"]) for row in house.agent.get("floor-limits/").data["results"]} >= {
        ("phone", "PT5M"), (None, "PT15M"),
    }  # fmt: skip
    assert house.policy_owner.patch("floors/1/", {"limit": "PT5M", "channel": "pigeon"}).status_code == 400
    assert house.agent.patch("floors/1/", {"limit": "PT5M", "channel": "phone"}).status_code == 403
