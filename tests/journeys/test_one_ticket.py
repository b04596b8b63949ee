"""One complaint through everything over HTTP, with the real clock process: three floors, two signatures, a rating,
and a scorecard that agrees with a count by hand.
"""

import re

import pytest
from django.core.management import call_command
from django.test import Client

from escalation.models import AuditEvent, FloorVisit
from helpdesk import letters
from metrics import fridays
from tests.api.conftest import Api
from tests.processes.conftest import crew, wait_for  # noqa: F401 - a fixture
from tickets.clock import database_now
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "a reason long enough for the record"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sign(client: Client, approval: int) -> None:
    """Sign on the page as a person does: read it, then send back the digest of what was shown."""
    page = client.get(f"/desk/approvals/{approval}/")
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page.content.decode())[1]
    answer = client.post(f"/desk/approvals/{approval}/decide/", {"do": "approve", "note": WHY, "digest": digest})
    assert answer.status_code == 302, answer.content.decode()


def submit(customer: Client, email: str, body: str) -> int:
    """Write a complaint in the portal; return the ticket's number."""
    form = {"name": "Carla", "email": email, "subject": "The ring is not the one I bought", "body": body}
    answer = customer.post("/help/", form, follow=True)
    assert answer.status_code == 200
    return Ticket.objects.latest("number").pk


def test_one_complaint_from_arrival_to_the_scorecard(people, crew, mailoutbox):  # noqa: F811
    api = {name: Api(user) for name, user in vars(people).items()}
    crew.escalator()

    # The policy owner makes the first two floors short; the change holds for stays that begin after it.
    for floor in (1, 2):
        assert api["policy"].patch(f"floors/{floor}/", {"limit": "PT2S"}).status_code == 200
    assert api["agent"].patch("floors/1/", {"limit": "PT9S"}).status_code == 403

    # Two customers write; an agent answers one of them with a script and resolves it; nobody looks at the other.
    customer = Client()
    climbing = submit(customer, "carla@example.org", "It has another stone than in the picture.")
    quick = submit(Client(), "bruno@example.org", "Which size is the box?")
    answer = {"body": "Dear Bruno, ten centimetres.", "visibility": "public", "script": "order-status"}
    assert api["agent"].post(f"tickets/{quick}/messages/", answer).status_code == 201
    assert api["agent"].post(f"tickets/{quick}/resolve/", {"summary": "Told him the size."}).status_code == 200

    # The clock takes the other up to Floor 2, and to Floor 3 past the sign-off that a specialist has asked for.
    wait_for(lambda: api["specialist"].get(f"tickets/{climbing}/").data["floor"] == 2)
    assert api["specialist"].post(f"tickets/{climbing}/escalate/", {"justification": WHY}).status_code == 202
    wait_for(lambda: api["risk"].get(f"tickets/{climbing}/").data["floor"] == 3)
    assert api["agent"].get(f"tickets/{climbing}/").status_code == 404
    assert api["risk"].get(f"tickets/{climbing}/").data["justification_owed"] is True
    (owed,) = api["supervisor"].get("approvals/").data["results"]
    sign(signed_in(people.supervisor), owed["id"])
    assert api["risk"].get(f"tickets/{climbing}/").data["justification_owed"] is False

    # A hold stops the resolution, Legal lifts it on request, and the final signature is somebody else's.
    assert api["risk"].post(f"tickets/{climbing}/hold/", {"reason": "the jeweller has not answered"}).status_code == 200
    assert api["risk"].post(f"tickets/{climbing}/resolve/", {"summary": "Refund."}).data["code"] == "held"
    release = api["risk"].post(f"tickets/{climbing}/hold/release/", {"justification": "the jeweller has answered"})
    sign(signed_in(people.legal), release.data["id"])
    assert api["risk"].post(f"tickets/{climbing}/messages/", {"body": "We refund you.", "visibility": "public"})
    final = api["risk"].post(f"tickets/{climbing}/resolve/", {"summary": "Full refund and an apology."})
    assert final.status_code == 202
    assert api["risk"].post(f"approvals/{final.data['id']}/approve/", {"note": WHY}).status_code == 403
    sign(signed_in(people.legal), final.data["id"])
    assert api["legal"].get(f"tickets/{climbing}/").data["status"] == "resolved"

    # The customer follows the link of our letter, sees no floors and no notes, and rates the outcome.
    letters.relay()
    letter = next(mail for mail in mailoutbox if mail.to == ["carla@example.org"] and "answered" in mail.subject)
    link = re.search(r"http://\S+?(/help/my/\S+/)", letter.body)[1]
    page = customer.get(link).content.decode()
    assert "Answered" in page and "We refund you." in page
    assert "Floor" not in page and "jeweller" not in page
    assert customer.post(f"{link}rate/", {"score": 5, "comment": "Thank you"}).status_code == 302

    # The record is whole and tells how the ticket moved.
    call_command("verify_audit")
    moves = AuditEvent.objects.filter(ticket_id=climbing, action="moved").values_list("floor_from", "floor_to", "by")
    assert list(moves) == [(1, 2, "clock"), (2, 3, "clock")]
    for visit in FloorVisit.objects.filter(escalation_id=climbing, how="clock").order_by("entered_at"):
        before = FloorVisit.objects.get(escalation_id=climbing, floor=visit.floor - 1)
        assert 0 <= (visit.entered_at - before.due_at).total_seconds() < 5

    # This week's figures agree with a count by hand: two tickets, one script, one rating, one on each side of Floor 1.
    week = fridays.name(fridays.of(database_now()))
    sheet = api["manager"].get(f"scorecards/{week}/")
    figures = {figure["key"]: (figure["value"], figure["n"]) for figure in sheet.data["metrics"]}
    assert figures["satisfaction"] == (100, 1)
    assert figures["floor_1_closed"] == (50, 2)
    assert figures["floor_2_rate"] == (50, 2)
    assert figures["guided_by_script"] == (50, 2)
    assert figures["resolved_within_24h"] == (100, 2)
    assert figures["floor_3_completion"] == (100, 1)
    assert figures["morale"][0] is None and figures["qa_score"][0] is None
