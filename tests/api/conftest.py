"""A house with one person in each role, and clients that act as them by token."""

import json
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

import policies.starter
import tickets.starter
from tickets import roles
from tickets.models import ApiToken, Team, User

TEAM_OF = {
    roles.AGENT: "first-line",
    roles.SPECIALIST: "specialists",
    roles.SUPERVISOR: "specialists",
    roles.HEAD_OF_RISK: "risk-legal",
    roles.LEGAL: "risk-legal",
}


class Api:
    """A caller of the API: JSON in, JSON out, the answer with its body parsed in `.data`."""

    def __init__(self, user: User | None = None, *, token: str | None = None, **options):
        self.user = user
        if user and token is None:
            _row, token = ApiToken.issue(user, name="tests")
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


def furnish() -> SimpleNamespace:
    """Load the starter content; hire one person for each role, some twice, and a stranger."""
    tickets.starter.load()
    policies.starter.load()
    people = {role: _hire(role, role) for role in roles.ALL}
    people["second_supervisor"] = _hire("second_supervisor", roles.SUPERVISOR)
    people["second_specialist"] = _hire("second_specialist", roles.SPECIALIST)
    people["stranger"] = User.objects.create_user("stranger@example.com", name="Stranger")
    return SimpleNamespace(people=people, **{name: Api(user) for name, user in people.items()})


def _hire(name: str, role: str) -> User:
    user = User.objects.create_user(f"{name}@example.com", name=name.replace("_", " ").title())
    user.groups.add(Group.objects.get(name=role))
    if role in TEAM_OF:
        Team.objects.get(slug=TEAM_OF[role]).members.add(user)
    return user


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


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
    """Return the number of a ticket on FLOOR that people brought there."""
    number = opened(house.agent)
    if floor >= 2:
        assert house.agent.post(f"tickets/{number}/escalate/", {"justification": WHY}).status_code == 200
    if floor == 3:
        asked = house.specialist.post(f"tickets/{number}/escalate/", {"justification": WHY})
        assert asked.status_code == 202, asked.content
        signed = house.supervisor.post(f"approvals/{asked.data['id']}/approve/", {"note": WHY})
        assert signed.status_code == 200, signed.content
    return number
