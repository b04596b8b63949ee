"""The main calls, on their happy path and in their refusals."""

import pytest

from tests.api.conftest import WHY, new_ticket, opened, raised_to

pytestmark = pytest.mark.django_db

TICKET_FIELDS = {
    "number", "subject", "status", "floor", "floor_entered_at", "floor_deadline", "clock", "channel", "team",
    "assignee", "customer", "category", "tags", "risks", "hold", "order", "first_response_at", "resolved_at",
    "resolved_on_floor",
    "justification_owed", "created_at", "updated_at", "version",
}  # fmt: skip


def test_a_new_ticket_starts_on_floor_1_with_its_clock_running(house):
    answer = house.agent.post(
        "tickets/",
        new_ticket(
            category="damage",
            tags=["vip", "delivery"],
            order={"reference": "A-1", "value": {"amount": "80.00", "currency": "EUR"}, "products": ["ring"]},
            language="it",
        ),
    )
    assert answer.status_code == 201
    ticket = answer.data
    assert set(ticket) >= TICKET_FIELDS
    assert (ticket["status"], ticket["floor"], ticket["clock"]) == ("open", 1, "running")
    assert ticket["order"] == {
        "reference": "A-1",
        "value": {"amount": "80.00", "currency": "EUR"},
        "products": ["ring"],
    }
    assert ticket["tags"] == ["delivery", "vip"] and ticket["category"] == "damage"
    assert ticket["floor_deadline"].endswith("Z") and ticket["created_at"].endswith("Z")
    assert answer["Location"].endswith(f"/api/v1/tickets/{ticket['number']}/")
    assert answer["ETag"] == f'"{ticket["version"]}"'
    assert house.agent.get(f"tickets/{ticket['number']}/").data == ticket


def test_a_text_that_fires_a_trigger_starts_on_its_floor(house):
    answer = house.agent.post("tickets/", new_ticket(body="My lawyer will sue you for this."))
    assert answer.status_code == 201
    assert answer.data["floor"] == 3 and answer.data["risks"] == ["legal"]
    assert house.agent.get(f"tickets/{answer.data['number']}/").status_code == 404
    assert house.legal.get(f"tickets/{answer.data['number']}/").status_code == 200


BAD = (
    ({"channel": "pigeon"}, "channel"),
    ({"category": "weather"}, "category"),
    ({"tags": ["unheard-of"]}, "tags"),
    ({"subject": "  "}, "subject"),
    ({"subject": "x" * 251}, "subject"),
    ({"customer": {"email": "nobody"}}, "customer.email"),
    ({"customer": {"email": "a@b.example", "vip": True}}, "customer.vip"),
    ({"order": {"value": {"amount": "-1", "currency": "EUR"}}}, "order.value.amount"),
    ({"order": {"value": {"amount": "1", "currency": "euro"}}}, "order.value.currency"),
    ({"order": {"value": {"amount": "NaN", "currency": "EUR"}}}, "order.value.amount"),
    ({"language": "no language at all"}, "language"),
    ({"floor": 3}, "floor"),
)


def test_bad_input_is_400_and_names_the_field(house):
    for changes, field in BAD:
        answer = house.agent.post("tickets/", new_ticket(**changes))
        assert answer.status_code == 400, changes
        assert field in [error["field"] for error in answer.data["errors"]], changes
    assert house.agent.get("tickets/").data["results"] == []


def test_a_patch_changes_what_may_be_changed(house):
    number = opened(house.agent)
    change = {
        "subject": "Parcel lost",
        "category": "wrong-shipment",
        "tags": ["vip"],
        "assignee": "agent@example.com",
        "team": "specialists",
        "order": {"reference": "B-2"},
        "language": "pt-BR",
    }
    answer = house.agent.patch(f"tickets/{number}/", change)
    assert answer.status_code == 200, answer.content
    shown = answer.data
    assert shown["order"] == {"reference": "B-2", "value": None, "products": []}
    assert {name: shown[name] for name in change if name != "order"} == {
        k: v for k, v in change.items() if k != "order"
    }
    assert house.agent.patch(f"tickets/{number}/", {"assignee": None}).data["assignee"] is None


def test_a_patch_of_what_cannot_be_written_is_refused_by_name(house):
    number = opened(house.agent)
    before = house.agent.get(f"tickets/{number}/").data
    for name in ("floor", "status", "number", "version", "hold", "created_at", "customer", "risks", "nonsense", "id"):
        answer = house.agent.patch(f"tickets/{number}/", {"subject": "Other", name: 1})
        assert answer.status_code == 400
        assert name in [error["field"] for error in answer.data["errors"]]
    assert house.agent.get(f"tickets/{number}/").data == before


def test_a_patch_is_all_or_nothing(house):
    number = opened(house.agent)
    answer = house.agent.patch(f"tickets/{number}/", {"assignee": "agent@example.com", "subject": "\u200b\n "})
    after = house.agent.get(f"tickets/{number}/").data
    if answer.status_code == 400:
        assert after["assignee"] is None
    assert house.agent.patch(f"tickets/{number}/", {"assignee": "manager@example.com"}).status_code == 400


def test_messages_public_and_internal(house):
    number = opened(house.agent)
    path = f"tickets/{number}/messages/"
    note = house.agent.post(path, {"body": "Looks odd", "visibility": "internal"})
    assert note.status_code == 201 and note.data["author"] == "agent@example.com"
    assert house.agent.get(f"tickets/{number}/").data["first_response_at"] is None
    script = house.agent.get("scripts/").data["results"][0]["slug"]
    reply = house.agent.post(path, {"body": "On its way", "visibility": "public", "script": script})
    assert reply.status_code == 201 and reply.data["script"] == script
    assert house.agent.get(f"tickets/{number}/").data["first_response_at"] is not None
    assert [m["visibility"] for m in house.agent.get(path).data["results"]] == ["public", "internal", "public"]
    assert house.agent.post(path, {"body": "x", "visibility": "secret"}).status_code == 400
    assert house.agent.post(path, {"body": "x", "visibility": "public", "script": "none"}).status_code == 400
    assert house.agent.post(path, {"body": "x", "visibility": "internal", "script": script}).status_code == 400
    assert house.agent.post(path, {"visibility": "public"}).data["errors"][0]["field"] == "body"


def test_waiting_stops_the_clock_and_resuming_starts_it(house):
    number = opened(house.agent)
    waiting = house.agent.post(f"tickets/{number}/wait/")
    assert waiting.status_code == 200
    assert (waiting.data["status"], waiting.data["clock"], waiting.data["floor_deadline"]) == (
        "pending",
        "paused",
        None,
    )
    assert house.agent.post(f"tickets/{number}/wait/").status_code == 409
    assert house.agent.post(f"tickets/{number}/resume/").data["clock"] == "running"
    assert house.agent.post(f"tickets/{number}/wait/", {"until": "tomorrow"}).status_code == 400


def test_floor_1_to_2_at_once_and_2_to_3_by_signature(house):
    number = opened(house.agent)
    up = house.agent.post(f"tickets/{number}/escalate/", {"justification": WHY})
    assert up.status_code == 200 and up.data["floor"] == 2
    asked = house.specialist.post(f"tickets/{number}/escalate/", {"justification": WHY})
    assert asked.status_code == 202
    assert (asked.data["kind"], asked.data["state"], asked.data["ticket"]) == ("floor_3", "pending", number)
    again = house.specialist.post(f"tickets/{number}/escalate/", {"justification": WHY})
    assert again.status_code == 409 and again.data["code"] == "already_requested"
    own = house.specialist.post(f"approvals/{asked.data['id']}/approve/", {"note": WHY})
    assert own.status_code == 403
    signed = house.supervisor.post(f"approvals/{asked.data['id']}/approve/", {"note": WHY})
    assert signed.status_code == 200 and signed.data["state"] == "approved"
    assert signed.data["decided_by"] == "supervisor@example.com"
    assert house.supervisor.get(f"tickets/{number}/").data["floor"] == 3
    top = house.legal.post(f"tickets/{number}/escalate/", {"justification": WHY})
    assert top.status_code == 409 and top.data["code"]
    assert house.supervisor.post(f"approvals/{asked.data['id']}/reject/", {"note": WHY}).status_code == 409


def test_risk_may_take_a_ticket_to_floor_3_alone(house):
    number = raised_to(house, 2)
    assert house.head_of_risk.post(f"tickets/{number}/escalate/", {"justification": WHY}).status_code == 200
    assert house.head_of_risk.get(f"tickets/{number}/").data["floor"] == 3


def test_down_again_with_a_new_clock(house):
    number = raised_to(house, 2)
    down = house.specialist.post(f"tickets/{number}/return/", {"floor": 1, "justification": WHY})
    assert down.status_code == 200 and down.data["floor"] == 1
    assert [v["floor"] for v in house.agent.get(f"tickets/{number}/visits/").data["results"]] == [1, 2, 1]
    assert house.agent.post(f"tickets/{number}/return/", {"floor": 1, "justification": WHY}).status_code == 409


def test_a_flagged_risk_goes_where_its_rule_says(house):
    number = opened(house.agent)
    flagged = house.agent.post(f"tickets/{number}/risks/", {"risk": "dispute", "note": "Two versions of it"})
    assert flagged.status_code == 200 and flagged.data["floor"] == 2 and flagged.data["risks"] == ["dispute"]
    again = house.specialist.post(f"tickets/{number}/risks/", {"risk": "dispute", "note": "Same again"})
    assert again.status_code == 409
    assert house.specialist.post(f"tickets/{number}/risks/", {"risk": "rain", "note": "x"}).status_code == 400
    up = house.specialist.post(f"tickets/{number}/risks/", {"risk": "fraud", "note": "Card of somebody else"})
    assert up.status_code == 200 and up.data["floor"] == 3
    assert house.specialist.get(f"tickets/{number}/").status_code == 404


def test_a_hold_blocks_resolving_until_its_release_is_signed(house):
    number = opened(house.agent)
    held = house.agent.post(f"tickets/{number}/hold/", {"reason": "Check the address first"})
    assert held.status_code == 200
    assert held.data["hold"]["placed_by"] == "agent@example.com"
    blocked = house.agent.post(f"tickets/{number}/resolve/", {"summary": "Done"})
    assert blocked.status_code == 409 and blocked.data["code"] == "held"
    assert "action_blocked" in [e["action"] for e in house.agent.get(f"tickets/{number}/events/").data["results"]]
    assert [t["number"] for t in house.agent.get("tickets/?held=true").data["results"]] == [number]
    asked = house.agent.post(f"tickets/{number}/hold/release/", {"justification": WHY})
    assert asked.status_code == 202 and asked.data["kind"] == "hold_release"
    assert house.specialist.post(f"approvals/{asked.data['id']}/approve/", {"note": WHY}).status_code == 403
    assert house.supervisor.post(f"approvals/{asked.data['id']}/approve/", {"note": WHY}).status_code == 200
    assert house.agent.post(f"tickets/{number}/resolve/", {"summary": "Done"}).status_code == 200
    assert house.agent.post(f"tickets/{number}/hold/release/", {"justification": WHY}).status_code == 409


def test_resolving_and_reopening(house):
    number = opened(house.agent)
    done = house.agent.post(f"tickets/{number}/resolve/", {"summary": "Sent again"})
    assert done.status_code == 200
    shown = done.data
    assert (shown["status"], shown["clock"], shown["resolved_on_floor"]) == ("resolved", "stopped", 1)
    assert shown["resolved_at"] and shown["floor_deadline"] is None and shown["floor_entered_at"]
    assert house.agent.post(f"tickets/{number}/resolve/", {"summary": "Again"}).status_code == 409
    back = house.agent.post(f"tickets/{number}/reopen/", {"reason": "It never came"})
    assert back.status_code == 200 and back.data["status"] == "open" and back.data["resolved_at"] is None
    assert house.agent.post(f"tickets/{number}/reopen/", {"reason": "Again"}).status_code == 409


def test_floor_3_resolves_only_with_the_signature_of_risk_or_legal(house):
    number = raised_to(house, 3)
    asked = house.head_of_risk.post(f"tickets/{number}/resolve/", {"summary": "Refunded and reported"})
    assert asked.status_code == 202 and asked.data["kind"] == "final_resolution"
    path = f"approvals/{asked.data['id']}/approve/"
    assert house.head_of_risk.post(path, {"note": WHY}).status_code == 403
    assert house.supervisor.post(path, {"note": WHY}).status_code == 403
    assert house.legal.post(path, {"note": WHY, "digest": "0" * 64}).status_code == 409
    assert house.legal.post(path, {"note": WHY, "digest": asked.data["digest"]}).status_code == 200
    assert house.legal.get(f"tickets/{number}/").data["status"] == "resolved"


def test_the_audit_trail_is_shown_as_a_chain(house):
    number = raised_to(house, 2)
    events = house.agent.get(f"tickets/{number}/events/").data["results"]
    assert [event["seq"] for event in events] == [1, 2]
    assert events[1]["previous_hash"] == events[0]["hash"]
    assert events[1]["actor"] == "agent@example.com"
    assert (events[1]["floor_from"], events[1]["floor_to"], events[1]["reason"]) == (
        1,
        2,
        "needs a specialist's eyes",
    )


def test_files_come_back_as_they_were_and_never_as_a_page(house, tmp_path, settings):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MEDIA_ROOT = tmp_path
    number = opened(house.agent)
    content = b"<script>alert(1)</script>"
    file = SimpleUploadedFile('a"<b>\u202egpj.html', content, content_type="text/html")
    added = house.agent.upload(f"tickets/{number}/attachments/", {"file": file})
    assert added.status_code == 201, added.content
    assert added.data["sha256"] == __import__("hashlib").sha256(content).hexdigest()
    listed = house.agent.get(f"tickets/{number}/attachments/").data["results"]
    assert [a["id"] for a in listed] == [added.data["id"]]
    file = house.agent.get(f"tickets/{number}/attachments/{added.data['id']}/")
    assert b"".join(file.streaming_content) == content
    assert file["Content-Type"] == "application/octet-stream" and file["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file["Content-Security-Policy"] and file["X-Content-Type-Options"] == "nosniff"
    other = opened(house.agent)
    assert house.agent.get(f"tickets/{other}/attachments/{added.data['id']}/").status_code == 404
    assert house.agent.post(f"tickets/{number}/attachments/", {"file": "x"}).status_code == 415
    assert house.agent.upload(f"tickets/{number}/attachments/", {"nothing": "x"}).status_code == 400


def test_approvals_are_listed_to_those_who_see_the_ticket(house):
    number = raised_to(house, 2)
    asked = house.specialist.post(f"tickets/{number}/escalate/", {"justification": WHY}).data
    found = house.agent.get(f"approvals/?state=pending&kind=floor_3&ticket={number}").data["results"]
    assert [a["id"] for a in found] == [asked["id"]]
    assert house.agent.get(f"approvals/{asked['id']}/").data == found[0]
    assert house.agent.get("approvals/?kind=decision").data["results"] == []
    assert house.agent.get("approvals/?state=unheard").status_code == 400
    third = raised_to(house, 3)
    assert house.agent.get(f"approvals/?ticket={third}").data["results"] == []
    hidden = house.legal.get(f"approvals/?ticket={third}").data["results"][0]["id"]
    assert house.agent.get(f"approvals/{hidden}/").status_code == 404
    assert house.agent.post(f"approvals/{hidden}/approve/", {"note": WHY}).status_code == 404
    rejected = house.supervisor.post(f"approvals/{asked['id']}/reject/", {"note": "Not yet, look closer"})
    assert rejected.data["state"] == "rejected" and rejected.data["note"] == "Not yet, look closer"
