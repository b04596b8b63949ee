"""Customers' data over REST: who may, what is shown before, what is refused."""

import io
import zipfile

import pytest

from escalation import moves
from tests.api.conftest import WHY, Api, opened
from tickets import roles
from tickets.models import ApiToken, Ticket

READERS = {"head_of_risk", "legal", "admin"}
ERASERS = {"legal", "admin"}


@pytest.fixture
def ticket(house) -> Ticket:
    number = opened(house.agent)
    moves.resolve(number, actor=house.cast.agent, summary="It came.")
    return Ticket.objects.get(pk=number)


def test_only_those_who_deal_with_data_find_and_see_customers(house, ticket):
    for role in roles.ALL:
        api = getattr(house, role)
        wanted = 200 if role in READERS else 403
        assert api.get(f"customers/?email={ticket.customer.email}").status_code == wanted
        assert api.get(f"customers/{ticket.customer_id}/privacy/").status_code == wanted
        assert api.get("legal-holds/").status_code == wanted
        copied = api.post(f"customers/{ticket.customer_id}/copy/")
        assert copied.status_code == (200 if role in ERASERS else 403)
    assert zipfile.ZipFile(io.BytesIO(b"".join(house.legal.post(f"customers/{ticket.customer_id}/copy/"))))


def test_erasure_is_shown_refused_while_open_and_then_done_by_a_token_that_may_sign(house, ticket):
    path = f"customers/{ticket.customer_id}/"
    body = {"reason": "asked by letter of the third", "confirm": ticket.customer.email}
    moves.reopen(ticket.pk, actor=house.cast.agent, reason=WHY)
    assert house.legal.get(path + "privacy/").data["obstacles"] == [f"#{ticket.pk} is still open. Resolve it first."]
    refused = house.legal.post(path + "erase/", body)
    assert refused.status_code == 409 and refused.data["code"] == "kept"
    moves.resolve(ticket.pk, actor=house.cast.agent, summary="It came.")
    _row, weak = ApiToken.issue(house.cast.legal, name="weak")
    assert Api(house.cast.legal, token=weak).post(path + "erase/", body).data["code"] == "step_up"
    assert house.head_of_risk.post(path + "erase/", body).status_code == 403
    assert house.legal.post(path + "erase/", body | {"confirm": "x"}).status_code == 400
    assert house.legal.post(path + "erase/", body).data["state"] == "done"
    assert house.legal.post(path + "erase/", body).status_code == 200
    assert house.legal.get(f"tickets/{ticket.pk}/").data["subject"] == "[erased]"
    assert house.legal.get("customers/999999999/privacy/").status_code == 404


def test_a_legal_hold_is_placed_listed_and_released_by_two(house, ticket):
    review = {"reason": WHY, "review_on": "2099-01-01"}
    held = house.legal.post(f"customers/{ticket.customer_id}/legal-hold/", review)
    assert held.status_code == 201
    path = f"legal-holds/{held.data['id']}/"
    assert [row["id"] for row in house.admin.get("legal-holds/").data["results"]] == [held.data["id"]]
    assert house.admin.post(path + "ask-release/", {"reason": WHY}).status_code == 403
    assert house.legal.post(path + "ask-release/", {"reason": WHY}).data["release_asked_by"] == "legal@example.com"
    assert house.legal.post(path + "release/", {"note": WHY}).data["code"] == "four_eyes"
    assert house.head_of_risk.post(path + "release/", {"note": WHY}).data["released_by"] == "risk@example.com"
    assert house.legal.get("legal-holds/").data["results"] == []
