"""No signature without proof of who gives it: the password within the last minutes, or a token made for signing."""

import time

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.asserts import assertContains

from escalation import moves
from tests.api.conftest import Api
from tests.builders import stand
from tickets.models import ApiToken

WHY = "a reason that is long enough"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def asked(people, brought):
    ticket = brought(2)
    return moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)


@pytest.fixture
def client_of(people):
    """Sign the supervisor in through the form, as people do, AGO seconds ago."""
    people.supervisor.set_password(PASSWORD)
    people.supervisor.save()

    def sign_in(ago: float = 0) -> Client:
        client = Client()
        client.post("/account/login/", {"login": people.supervisor.email, "password": PASSWORD})
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= ago
        session.save()
        return client

    return sign_in


def decide(client, approval, do="approve", **more):
    return client.post(f"/desk/approvals/{approval.pk}/decide/", {"do": do, "note": WHY}, **more)


def test_a_fresh_sign_in_signs(client_of, asked):
    assert decide(client_of(ago=290), asked).url == "/desk/approvals/"
    assert stand(asked.escalation).floor == 3


def test_an_older_session_gives_the_password_again_and_the_signature_goes_on(client_of, asked):
    client = client_of(ago=301)
    answer = decide(client, asked)
    assert answer.status_code == 302 and answer.url.startswith("/account/reauthenticate/")
    assert stand(asked.escalation).floor == 2
    assertContains(client.get(answer.url), "Enter your password again")
    client.post(answer.url, {"password": "wrong", "next": f"/desk/approvals/{asked.pk}/decide/"})
    assert stand(asked.escalation).floor == 2
    done = client.post(answer.url, {"password": PASSWORD, "next": f"/desk/approvals/{asked.pk}/decide/"})
    assert done.url == "/desk/approvals/"
    assert stand(asked.escalation).floor == 3


def test_refusing_and_reading_need_no_password(client_of, asked):
    client = client_of(ago=3600)
    assert client.get(f"/desk/approvals/{asked.pk}/").status_code == 200
    assert decide(client, asked, "refuse").url == "/desk/approvals/"


def test_only_a_token_made_for_signing_signs(people, asked, capsys):
    path = f"approvals/{asked.pk}/approve/"
    _row, plain = ApiToken.issue(people.supervisor)
    refused = Api(people.supervisor, token=plain).post(path, {"note": WHY})
    assert (refused.status_code, refused.data["code"]) == (403, "step_up")
    assert (
        Api(people.manager, token=ApiToken.issue(people.manager)[1]).post("approvals/999/approve/").status_code == 404
    )
    call_command("create_token", people.supervisor.email, "--may-sign")
    signing = Api(people.supervisor, token=capsys.readouterr().out.strip())
    assert signing.get("me/").data["token"]["may_sign"] is True
    assert signing.post(path, {"note": WHY}).status_code == 200


def test_a_session_of_the_api_needs_the_password_too(client_of, asked):
    path = f"/api/v1/approvals/{asked.pk}/approve/"
    for ago, status in ((301, 403), (0, 200)):
        answer = client_of(ago).post(path, {"note": WHY}, content_type="application/json")
        assert answer.status_code == status, (ago, time.time())
