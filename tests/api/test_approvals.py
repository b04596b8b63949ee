"""REST: what a signer may do besides signing: ask first, with or without a hold, and take the ticket over."""

import pytest

from tests.api.conftest import WHY, raised_to
from tickets.models import Message

pytestmark = pytest.mark.django_db


def asked(house) -> tuple[int, str]:
    number = raised_to(house, 2)
    request = house.specialist.post(f"tickets/{number}/escalate/", {"justification": WHY}).data["id"]
    return number, f"approvals/{request}/"


def test_a_question_is_an_internal_note_and_leaves_the_request_open(house):
    number, request = asked(house)
    note = house.supervisor.post(f"{request}ask/", {"question": "Which seal was broken?"})
    assert note.status_code == 201 and note.data["visibility"] == Message.Visibility.INTERNAL
    assert "Which seal was broken?" in note.data["body"] and str(house.people["specialist"]) in note.data["body"]
    assert house.supervisor.get(request).data["state"] == "pending"
    assert house.agent.get(f"tickets/{number}/").data["hold"] is None


def test_a_question_holds_the_ticket_when_asked_to(house):
    number, request = asked(house)
    said = house.supervisor.post(f"{request}ask/", {"question": "Which of the two seals was broken?", "hold": True})
    assert said.status_code == 201
    assert house.agent.get(f"tickets/{number}/").data["hold"]["reason"] == "Which of the two seals was broken?"


def test_a_signer_takes_the_ticket_over_and_may_still_sign(house):
    number, request = asked(house)
    taken = house.supervisor.post(f"{request}take-over/")
    assert taken.status_code == 200 and taken.data["state"] == "pending"
    assert house.agent.get(f"tickets/{number}/").data["assignee"] == "supervisor@example.com"
    assert house.supervisor.post(f"{request}take-over/").status_code == 200
    assert house.supervisor.post(f"{request}approve/", {"note": WHY}).status_code == 200


def test_nothing_is_asked_or_taken_over_once_it_is_decided(house):
    _number, request = asked(house)
    assert house.supervisor.post(f"{request}reject/", {"note": WHY}).status_code == 200
    assert house.supervisor.post(f"{request}ask/", {"question": "Why?"}).data["code"] == "already_decided"
    assert house.supervisor.post(f"{request}take-over/").data["code"] == "already_decided"


@pytest.mark.parametrize("body", [{}, {"question": ""}, {"question": "Why?", "hold": "perhaps"}, {"words": "Why?"}])
def test_a_question_that_makes_no_sense_is_refused(house, body):
    _number, request = asked(house)
    assert house.supervisor.post(f"{request}ask/", body).status_code == 400
    assert not Message.objects.filter(visibility=Message.Visibility.INTERNAL).exists()
