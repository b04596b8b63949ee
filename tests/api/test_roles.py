"""Each role against each verb, on each floor. The matrix is written out by hand from the protocol (P2, P4, P10).

A cell says what a person in that role gets: the verb's own answer, 403 when they may see the ticket and not do it, 404
when they may not know that it exists.
"""

import pytest

from tests.api.conftest import WHY, opened, raised_to
from tickets import roles
from tickets.models import Message

pytestmark = pytest.mark.django_db

COLUMNS = [
    "agent",
    "specialist",
    "supervisor",
    "head_of_risk",
    "legal",
    "executive",
    "manager",
    "policy_owner",
    "admin",
]


def row(text: str) -> dict[str, int]:
    return dict(zip(COLUMNS, map(int, text.split()), strict=True))


# verb: (path below the ticket, body)
VERBS = {
    "read": ("GET", "", None),
    "messages": ("GET", "messages/", None),
    "events": ("GET", "events/", None),
    "visits": ("GET", "visits/", None),
    "edit": ("PATCH", "", {"subject": "New subject"}),
    "reply": ("POST", "messages/", {"body": "Hello", "visibility": "public"}),
    "note": ("POST", "messages/", {"body": "Hello", "visibility": "internal"}),
    "wait": ("POST", "wait/", {}),
    "escalate": ("POST", "escalate/", {"justification": WHY}),
    "return": ("POST", "return/", {"floor": 1, "justification": WHY}),
    "risks": ("POST", "risks/", {"risk": "abuse", "note": WHY}),
    "hold": ("POST", "hold/", {"reason": WHY}),
    "resolve": ("POST", "resolve/", {"summary": "Solved"}),
    "reopen": ("POST", "reopen/", {"reason": "Not solved"}),
    "release": ("POST", "hold/release/", {"justification": WHY}),
    "keep": ("POST", "legal-hold/", {"reason": WHY, "review_on": "2099-01-01"}),
    "owner": ("POST", "hold/owner/", {"owner": "specialist@example.com"}),
    "verdict": ("GET", "verdict/?problem=damage&remedy=refund&amount=80.00", None),
    "links": ("GET", "links/", None),
    "link": ("POST", "links/", {"other": "twin", "kind": "related"}),
    "merge": ("POST", "merge/", {"into": "twin", "reason": WHY}),
    "split": ("POST", "split/", {"messages": "all", "subject": "Another"}),
}

#                    agent spec supe risk legl exec mana poli admi
EXPECTED = {
    (1, "read"):     row("200  200  200  200  200  200  200  200  200"),
    (1, "messages"): row("200  200  200  200  200  200  200  200  200"),
    (1, "events"):   row("200  200  200  200  200  200  200  200  200"),
    (1, "visits"):   row("200  200  200  200  200  200  200  200  200"),
    (1, "edit"):     row("200  200  200  200  200  403  403  403  403"),
    (1, "reply"):    row("201  201  201  201  201  403  403  403  403"),
    (1, "note"):     row("201  201  201  201  201  403  403  403  403"),
    (1, "wait"):     row("200  200  200  200  200  403  403  403  403"),
    (1, "escalate"): row("200  200  200  200  200  403  403  403  403"),
    (1, "return"):   row("409  409  409  409  409  403  403  403  403"),
    (1, "risks"):    row("200  200  200  200  200  403  403  403  403"),
    (1, "hold"):     row("200  200  200  200  200  403  403  403  403"),
    (1, "resolve"):  row("200  200  200  200  200  403  403  403  403"),
    (1, "reopen"):   row("409  409  409  409  409  403  403  403  403"),
    (1, "release"):  row("409  409  409  409  409  403  403  403  403"),
    (1, "keep"):     row("403  403  403  201  201  403  403  403  403"),
    (1, "owner"):    row("409  409  409  409  409  403  403  403  403"),
    (1, "verdict"):  row("200  200  200  200  200  403  403  403  403"),
    (1, "links"):    row("200  200  200  200  200  200  200  200  200"),
    (1, "link"):     row("201  201  201  201  201  403  403  403  403"),
    (1, "merge"):    row("200  200  200  200  200  403  403  403  403"),
    (1, "split"):    row("201  201  201  201  201  403  403  403  403"),
    (2, "read"):     row("200  200  200  200  200  200  200  200  200"),
    (2, "messages"): row("200  200  200  200  200  200  200  200  200"),
    (2, "events"):   row("200  200  200  200  200  200  200  200  200"),
    (2, "visits"):   row("200  200  200  200  200  200  200  200  200"),
    (2, "edit"):     row("403  200  200  200  200  403  403  403  403"),
    (2, "reply"):    row("403  201  201  201  201  403  403  403  403"),
    (2, "note"):     row("201  201  201  201  201  403  403  403  403"),
    (2, "wait"):     row("403  200  200  200  200  403  403  403  403"),
    (2, "escalate"): row("403  202  202  200  200  403  403  403  403"),
    (2, "return"):   row("403  200  200  200  200  403  403  403  403"),
    (2, "risks"):    row("403  200  200  200  200  403  403  403  403"),
    (2, "hold"):     row("403  200  200  200  200  403  403  403  403"),
    (2, "resolve"):  row("403  200  200  200  200  403  403  403  403"),
    (2, "reopen"):   row("403  409  409  409  409  403  403  403  403"),
    (2, "release"):  row("403  409  409  409  409  403  403  403  403"),
    (2, "keep"):     row("403  403  403  201  201  403  403  403  403"),
    (2, "owner"):    row("403  409  409  409  409  403  403  403  403"),
    (2, "verdict"):  row("403  200  200  200  200  403  403  403  403"),
    (2, "links"):    row("200  200  200  200  200  200  200  200  200"),
    (2, "link"):     row("403  201  201  201  201  403  403  403  403"),
    (2, "merge"):    row("403  200  200  200  200  403  403  403  403"),
    (2, "split"):    row("403  201  201  201  201  403  403  403  403"),
    # On Floor 3 `supervisor` is the one who sent the ticket there; another supervisor is a stranger to it.
    (3, "read"):     row("404  404  200  200  200  200  404  404  404"),
    (3, "messages"): row("404  404  200  200  200  200  404  404  404"),
    (3, "events"):   row("404  404  200  200  200  200  404  404  404"),
    (3, "visits"):   row("404  404  200  200  200  200  404  404  404"),
    (3, "edit"):     row("404  404  200  200  200  403  404  404  404"),
    (3, "reply"):    row("404  404  201  201  201  403  404  404  404"),
    (3, "note"):     row("404  404  201  201  201  403  404  404  404"),
    (3, "wait"):     row("404  404  200  200  200  403  404  404  404"),
    (3, "escalate"): row("404  404  409  409  409  403  404  404  404"),
    (3, "return"):   row("404  404  403  200  200  403  404  404  404"),
    (3, "risks"):    row("404  404  200  200  200  403  404  404  404"),
    (3, "hold"):     row("404  404  200  200  200  403  404  404  404"),
    (3, "resolve"):  row("404  404  202  202  202  403  404  404  404"),
    (3, "reopen"):   row("404  404  409  409  409  403  404  404  404"),
    (3, "release"):  row("404  404  409  409  409  403  404  404  404"),
    (3, "keep"):     row("404  404  403  201  201  403  404  404  404"),
    (3, "owner"):    row("404  404  409  409  409  403  404  404  404"),
    (3, "verdict"):  row("404  404  200  200  200  403  404  404  404"),
    (3, "links"):    row("404  404  200  200  200  200  404  404  404"),
    (3, "link"):     row("404  404  201  201  201  403  404  404  404"),
    (3, "merge"):    row("404  404  200  200  200  403  404  404  404"),
    (3, "split"):    row("404  404  201  201  201  403  404  404  404"),
}  # fmt: skip


def send(house, role: str, number: int, verb: str):
    method, path, body = VERBS[verb]
    if body and "twin" in body.values():
        body = body | {name: raised_to(house, 1) for name, value in body.items() if value == "twin"}
    if body and "all" in body.values():
        body = body | {"messages": list(Message.objects.filter(ticket=number).values_list("pk", flat=True))}
    return getattr(house, role).call(method, f"tickets/{number}/{path}", body)


def fingerprint(house, number: int) -> tuple:
    events = house.legal.get(f"tickets/{number}/events/").data["results"]
    return house.legal.get(f"tickets/{number}/").data, len(events)


@pytest.mark.parametrize("floor", [1, 2, 3])
@pytest.mark.parametrize("verb", VERBS)
def test_each_role_gets_what_the_protocol_gives_it(house, floor, verb):
    got = {}
    number = raised_to(house, floor)
    for role in COLUMNS:
        before = fingerprint(house, number)
        answer = send(house, role, number, verb)
        got[role] = answer.status_code
        if answer.status_code >= 400:
            assert answer.data["detail"]
            assert fingerprint(house, number) == before, f"{role} was refused and changed something"
        elif VERBS[verb][0] != "GET":
            number = raised_to(house, floor)
    assert got == EXPECTED[floor, verb]


@pytest.mark.parametrize("verb", VERBS)
def test_those_outside_see_and_do_nothing_on_floor_3(house, verb):
    number = raised_to(house, 3)
    for outsider in ("second_supervisor", "second_specialist", "stranger"):
        assert send(house, outsider, number, verb).status_code == 404


def test_every_role_is_in_the_matrix():
    assert set(COLUMNS) == set(roles.ALL)
    assert set(EXPECTED) == {(floor, verb) for floor in (1, 2, 3) for verb in VERBS}


# kind of request -> who may sign it. The one who asked never may; the cast has a second person where that matters.
SIGN = {
    #                                    agent spec supe risk legl exec mana poli admi
    "floor_3":                       row("403  403  200  200  200  403  403  403  403"),
    "hold_release on Floor 1":       row("403  403  200  200  200  403  403  403  403"),
    "hold_release on Floor 3":       row("404  404  403  200  200  403  404  404  404"),
    "final_resolution":              row("404  404  403  200  200  403  404  404  404"),
}  # fmt: skip


def asked_for(house, kind: str, by: str) -> int:
    """Return the id of a fresh request of KIND, made by BY."""
    if kind == "floor_3":
        number = raised_to(house, 2)
        answer = house.second_specialist.post(f"tickets/{number}/escalate/", {"justification": WHY})
    elif kind == "final_resolution":
        number = raised_to(house, 3)
        answer = getattr(house, by).post(f"tickets/{number}/resolve/", {"summary": "Solved"})
    else:
        number = raised_to(house, int(kind[-1]))
        who = house.second_specialist if kind.endswith("1") else getattr(house, by)
        assert who.post(f"tickets/{number}/hold/", {"reason": WHY}).status_code == 200
        answer = who.post(f"tickets/{number}/hold/release/", {"justification": WHY})
    assert answer.status_code == 202, answer.content
    return answer.data["id"]


@pytest.mark.parametrize("kind", SIGN)
@pytest.mark.parametrize(
    "decision, body",
    [("approve", {"note": WHY}), ("reject", {"note": WHY}), ("ask", {"question": "Why now?"}), ("take-over", {})],
)
def test_each_role_signs_what_the_protocol_lets_it_sign(house, kind, decision, body):
    """Who may sign may also ask first, and take the ticket over when they work on its floor."""
    got = {}
    for role in COLUMNS:
        request = asked_for(house, kind, by="legal" if role == "head_of_risk" else "head_of_risk")
        got[role] = getattr(house, role).post(f"approvals/{request}/{decision}/", body).status_code
    done = 201 if decision == "ask" else 200
    assert got == {role: done if status == 200 else status for role, status in SIGN[kind].items()}


@pytest.mark.parametrize("kind", ["hold_release on Floor 3", "final_resolution"])
def test_nobody_signs_their_own_request(house, kind):
    for role in ("head_of_risk", "legal"):
        request = asked_for(house, kind, by=role)
        answer = getattr(house, role).post(f"approvals/{request}/approve/", {"note": WHY})
        assert answer.status_code == 403 and answer.data["code"] == "four_eyes"


def test_who_may_open_tickets(house):
    for role in COLUMNS:
        assert opened(getattr(house, role))
