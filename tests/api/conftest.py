"""A house with one person in each role, and clients that act as them by token."""

import json
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.builders import on_floor
from tests.snapshot import people as cast
from tickets.models import ApiToken, User


class Api:
    """A caller of the API: JSON in, JSON out, the answer with its body parsed in `.data`."""

    def __init__(self, user: User | None = None, *, token: str | None = None, **options):
        self.user = user
        if user and token is None:
            _row, token = ApiToken.issue(user, name="tests", may_sign=True)
        self.token = token
        self.client = Client(**options)

    def call(self, method: str, path: str, body=None, *, raw: bytes | None = None, content_type=None, **headers):
        url = path if path.startswith(("/api/", "http")) else f"/api/v1/{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        data = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        response = self.client.generic(method, url, data, content_type or "application/json", headers=sent)
        is_json = "json" in response.headers.get("Content-Type", "")
        response.data = json.loads(response.content) if is_json and response.content else None
        return response

    def get(self, path: str, **headers):
        return self.call("GET", path, **headers)

    def post(self, path: str, body=None, **headers):
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body=None, **headers):
        return self.call("PATCH", path, body, **headers)

    def upload(self, path: str, fields: dict, **headers):
        sent = {"Authorization": f"Bearer {self.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        response = self.client.post(f"/api/v1/{path}", fields, headers=sent)
        response.data = json.loads(response.content) if response.content else None
        return response


ROLE_NAMES = {
    "risk": "head_of_risk",
    "policy": "policy_owner",
    "specialist2": "second_specialist",
    "supervisor2": "second_supervisor",
}
"""The cast goes by first names; these tests go by roles."""


def furnish() -> SimpleNamespace:
    """Bring in the cast, and for each of them a caller of the API."""
    hired = cast()
    people = {ROLE_NAMES.get(name, name): user for name, user in vars(hired).items()}
    return SimpleNamespace(cast=hired, people=people, **{name: Api(user) for name, user in people.items()})


@pytest.fixture
def house(db) -> SimpleNamespace:
    return furnish()


@pytest.fixture
def committed_house(transactional_db) -> SimpleNamespace:
    """The same house for tests with several connections at once."""
    return furnish()


def new_ticket(**changes) -> dict:
    """Return the body of a POST /tickets/ that fires no trigger."""
    return {
        "subject": "Parcel not here",
        "body": "Where is my parcel?",
        "channel": "web",
        "customer": {"email": "ada@customer.example", "name": "Ada"},
    } | changes


def opened(api: Api, **changes) -> int:
    """Open a ticket by API and return its number."""
    response = api.post("tickets/", new_ticket(**changes))
    assert response.status_code == 201, response.content
    return response.data["number"]


WHY = "Because the facts call for it."


def raised_to(house, floor: int) -> int:
    """Return the number of a ticket that people brought to FLOOR just now."""
    return on_floor(floor, house.cast, now=None).pk
