"""Every role against every action of the desk, by POST. The expected answers are written by hand from the protocol."""

import pytest
from django.db import transaction

from escalation import holds, moves, waiting
from escalation.models import Approval
from tests.builders import CAST

OK, NO, HIDDEN = 302, 403, 404
WHY = "a reason that is long enough"

FLOOR_1 = {"agent", "specialist", "supervisor", "risk", "legal"}
FLOOR_2 = FLOOR_1 - {"agent"}
RISK = {"risk", "legal"}
SENDER = {"supervisor"}
"""The supervisor who sent the ticket to Floor 3."""

SEE_1_AND_2 = FLOOR_1 | {"executive", "manager", "policy", "admin"}
SEE_3 = RISK | SENDER | {"executive"}

# action -> (floor, fields, who may, who sees)
ACTIONS = {
    "mine on 1": (1, "do/mine/", {}, FLOOR_1, SEE_1_AND_2),
    "assign on 1": (1, "do/assign/", {"person": ""}, FLOOR_1, SEE_1_AND_2),
    "wait on 1": (1, "do/wait/", {}, FLOOR_1, SEE_1_AND_2),
    "resume on 1": ("waiting", "do/resume/", {}, FLOOR_1, SEE_1_AND_2),
    "up from 1": (1, "do/up/", {"words": WHY, "floor": 1}, FLOOR_1, SEE_1_AND_2),
    "hold on 1": (1, "do/hold/", {"words": WHY}, FLOOR_1, SEE_1_AND_2),
    "flag on 1": (1, "do/risk/", {"risk": "dispute", "words": WHY}, FLOOR_1, SEE_1_AND_2),
    "resolve on 1": (1, "do/resolve/", {"words": WHY, "floor": 1}, FLOOR_1, SEE_1_AND_2),
    "reopen on 1": ("resolved", "do/reopen/", {"words": WHY}, FLOOR_1, SEE_1_AND_2),
    "reply on 1": (1, "write/", {"kind": "reply", "body": "Hello", "do": "send"}, FLOOR_1, SEE_1_AND_2),
    "note on 1": (1, "write/", {"kind": "note", "body": "Hello", "do": "send"}, FLOOR_1, SEE_1_AND_2),
    "edit on 1": (1, "edit/", {"subject": "Another"}, FLOOR_1, SEE_1_AND_2),
    "merge on 1": (1, "join/merge/", {"into": "twin", "reason": WHY}, FLOOR_1, SEE_1_AND_2),
    "split on 1": (1, "join/split/", {"subject": "Another", "messages": "all"}, FLOOR_1, SEE_1_AND_2),
    "link on 1": (1, "join/link/", {"kind": "related", "other": "twin"}, FLOOR_1, SEE_1_AND_2),
    "mine on 2": (2, "do/mine/", {}, FLOOR_2, SEE_1_AND_2),
    "wait on 2": (2, "do/wait/", {}, FLOOR_2, SEE_1_AND_2),
    "up from 2": (2, "do/up/", {"words": WHY, "floor": 2}, FLOOR_2, SEE_1_AND_2),
    "down from 2": (2, "do/down/", {"words": WHY, "to": 1, "floor": 2}, FLOOR_2, SEE_1_AND_2),
    "hold on 2": (2, "do/hold/", {"words": WHY}, FLOOR_2, SEE_1_AND_2),
    "release on 2": ("held", "do/release/", {"words": WHY}, FLOOR_2, SEE_1_AND_2),
    "flag on 2": (2, "do/risk/", {"risk": "legal", "words": WHY}, FLOOR_2, SEE_1_AND_2),
    "resolve on 2": (2, "do/resolve/", {"words": WHY, "floor": 2}, FLOOR_2, SEE_1_AND_2),
    "reply on 2": (2, "write/", {"kind": "reply", "body": "Hello", "do": "send"}, FLOOR_2, SEE_1_AND_2),
    "note on 2": (2, "write/", {"kind": "note", "body": "Hello", "do": "send"}, FLOOR_1, SEE_1_AND_2),
    "edit on 2": (2, "edit/", {"subject": "Another"}, FLOOR_2, SEE_1_AND_2),
    "merge on 2": (2, "join/merge/", {"into": "twin", "reason": WHY}, FLOOR_2, SEE_1_AND_2),
    "split on 2": (2, "join/split/", {"subject": "Another", "messages": "all"}, FLOOR_2, SEE_1_AND_2),
    "merge on 3": (3, "join/merge/", {"into": "twin", "reason": WHY}, RISK | SENDER, SEE_3),
    "split on 3": (3, "join/split/", {"subject": "Another", "messages": "all"}, RISK | SENDER, SEE_3),
    "link on 3": (3, "join/link/", {"kind": "related", "other": "twin"}, RISK | SENDER, SEE_3),
    "mine on 3": (3, "do/mine/", {}, RISK | SENDER, SEE_3),
    "wait on 3": (3, "do/wait/", {}, RISK | SENDER, SEE_3),
    "down from 3": (3, "do/down/", {"words": WHY, "to": 2, "floor": 3}, RISK, SEE_3),
    "hold on 3": (3, "do/hold/", {"words": WHY}, RISK | SENDER, SEE_3),
    "final signature asked on 3": (3, "do/resolve/", {"words": WHY, "floor": 3}, RISK | SENDER, SEE_3),
    "reply on 3": (3, "write/", {"kind": "reply", "body": "Hello", "do": "send"}, RISK | SENDER, SEE_3),
    "note on 3": (3, "write/", {"kind": "note", "body": "Hello", "do": "send"}, RISK | SENDER, SEE_3),
    "edit on 3": (3, "edit/", {"subject": "Another"}, RISK | SENDER, SEE_3),
}

# kind of request -> who asked, who may sign it, who sees the ticket
SIGNATURES = {
    "floor 3": ("specialist", {"supervisor", "supervisor2", "risk", "legal"}, SEE_1_AND_2),
    "hold on 2": ("specialist", {"supervisor", "supervisor2", "risk", "legal"}, SEE_1_AND_2),
    "hold on 3": ("legal", {"risk"}, SEE_3),
    "final": ("supervisor", RISK, SEE_3),
    "final by Legal": ("legal", {"risk"}, SEE_3),
}

PAGES = ["", "stand/", "said/", "acts/", "log/", "log.csv", "join/"]

TWINS = {"agent2": "agent", "specialist2": "specialist", "supervisor2": "supervisor"}


def expected(name: str, may: set[str], see: set[str], floor) -> int:
    """The second of each role does as the first, except that another supervisor did not send the Floor 3 ticket."""
    role = TWINS.get(name, name)
    if floor == 3 and name == "supervisor2":
        return HIDDEN
    if role not in see:
        return HIDDEN
    return OK if role in may else NO


@pytest.fixture
def ticket_in(brought, people):
    def bring(state):
        if state in (1, 2, 3):
            return brought(state)
        if state == "held":
            ticket = brought(2)
            holds.place(ticket.pk, actor=people.specialist, reason=WHY)
            return ticket
        ticket = brought(1)
        if state == "resolved":
            moves.resolve(ticket.pk, actor=people.agent, summary=WHY)
        else:
            waiting.wait(ticket.pk, actor=people.agent)
        return ticket

    return bring


@pytest.mark.parametrize("action", ACTIONS)
def test_each_role_may_do_exactly_what_the_protocol_gives_it(action, people, ticket_in, visit):
    state, address, fields, may, see = ACTIONS[action]
    ticket = ticket_in(state)
    stands_for = {"twin": ticket_in(1).pk, "all": list(ticket.messages.values_list("pk", flat=True))}
    fields = {name: stands_for.get(value, value) for name, value in fields.items()}
    got, wanted = {}, {}
    for name in CAST:
        with transaction.atomic():
            answer = visit(getattr(people, name)).post(f"/desk/tickets/{ticket.pk}/{address}", fields)
            transaction.set_rollback(True)
        got[name], wanted[name] = answer.status_code, expected(name, may, see, state)
    assert got == wanted


@pytest.mark.parametrize("floor", [1, 3])
@pytest.mark.parametrize("page", PAGES)
def test_pages_of_a_ticket_open_for_those_who_see_it_and_do_not_exist_for_others(page, floor, people, ticket_in, visit):
    ticket = ticket_in(floor)
    see = SEE_1_AND_2 if floor == 1 else SEE_3
    got = {n: visit(getattr(people, n)).get(f"/desk/tickets/{ticket.pk}/{page}").status_code for n in CAST}
    assert got == {n: HIDDEN if expected(n, see, see, floor) == HIDDEN else 200 for n in CAST}


@pytest.fixture
def asked(brought, people):
    def ask(kind) -> Approval:
        floor = {"floor 3": 2, "hold on 2": 2}.get(kind, 3)
        ticket = brought(floor)
        asker = getattr(people, SIGNATURES[kind][0])
        if kind == "floor 3":
            return moves.escalate(ticket.pk, actor=asker, justification=WHY)
        if kind.startswith("final"):
            return moves.resolve(ticket.pk, actor=asker, summary=WHY)
        holds.place(ticket.pk, actor=asker, reason=WHY)
        return holds.ask_release(ticket.pk, actor=asker, justification=WHY)

    return ask


@pytest.mark.parametrize("do", ["approve", "refuse"])
@pytest.mark.parametrize("kind", SIGNATURES)
def test_each_role_signs_exactly_what_the_protocol_gives_it(kind, do, people, asked, visit):
    asker, may, see = SIGNATURES[kind]
    approval = asked(kind)
    floor = 3 if approval.escalation.floor == 3 else 2
    got, wanted = {}, {}
    for name in CAST:
        fields = {"do": do, "note": WHY, "digest": approval.digest}
        with transaction.atomic():
            answer = visit(getattr(people, name)).post(f"/desk/approvals/{approval.pk}/decide/", fields)
            transaction.set_rollback(True)
        got[name] = answer.status_code
        wanted[name] = expected(name, may, see, floor)
        if name == asker and wanted[name] == OK:
            wanted[name] = NO
    assert got == wanted


def test_a_stranger_to_the_desk_is_sent_to_sign_in(client, fresh):
    ticket = fresh()
    for address in ("", "approvals/", f"tickets/{ticket.pk}/", f"tickets/{ticket.pk}/log.csv", "tickets/new/"):
        answer = client.get(f"/desk/{address}")
        assert answer.status_code == 302 and "/account/login/" in answer.url
