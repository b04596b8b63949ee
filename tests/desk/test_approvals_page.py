"""The approvals inbox: what waits, what is owed, what was decided; signing and refusing with words."""

import re

import pytest
from django.core.cache import cache
from pytest_django.asserts import assertContains, assertNotContains

from escalation import approvals, conversation, holds, moves, sweep
from escalation.models import Approval, Hold, OutboxMessage
from tests.builders import CAST, minutes, stand
from tests.builders import visit as stay
from tickets import duty
from tickets.clock import database_now

WHY = "a reason that is long enough"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def asked(people, brought):
    ticket = brought(2, subject="Clasp of gold")
    return moves.escalate(ticket.pk, actor=people.specialist, justification="The seller may be liable")


def decide(client, approval, do="approve", **fields):
    return client.post(f"/desk/approvals/{approval.pk}/decide/", {"do": do, "note": WHY} | fields)


def test_the_inbox_shows_what_waits_for_me_and_not_what_i_asked_for(people, visit, asked):
    page = visit(people.supervisor).get("/desk/approvals/").content.decode()
    waiting, mine = page.split('id="mine"')
    assert "The seller may be liable" in waiting and "Clasp of gold" not in mine
    page = visit(people.specialist).get("/desk/approvals/").content.decode()
    assert "Clasp of gold" in page.split('id="mine"')[1] and "somebody else must sign" in page


def test_signing_moves_the_ticket_and_appears_as_decided(people, visit, asked):
    client = visit(people.supervisor)
    answer = decide(client, asked, digest=asked.digest)
    assert answer.url == "/desk/approvals/"
    assert stand(asked.escalation).floor == 3
    assert "Clasp of gold" in client.get("/desk/approvals/").content.decode().split('id="decided"')[1]


def test_refusing_leaves_the_ticket_where_it_is(people, visit, asked):
    decide(visit(people.supervisor), asked, "refuse")
    asked.refresh_from_db()
    assert (asked.state, asked.note, stand(asked.escalation).floor) == ("rejected", WHY, 2)


def test_words_are_required_and_kept_when_too_few(people, visit, asked):
    client = visit(people.supervisor)
    assertContains(decide(client, asked, note=""), "errorlist", status_code=400)
    assertContains(decide(client, asked, note="ok then"), "ok then</textarea>", status_code=400)
    assert client.post(f"/desk/approvals/{asked.pk}/decide/", {"do": "delete", "note": WHY}).status_code == 404
    assert client.get(f"/desk/approvals/{asked.pk}/decide/").status_code == 405


def test_a_request_that_says_something_else_by_now_is_not_signed(people, visit, asked):
    answer = decide(visit(people.supervisor), asked, digest="0" * 64)
    assertContains(answer, "not the one that you were shown", status_code=409)
    assertContains(answer, WHY, status_code=409)


def test_a_final_signature_on_older_facts_is_refused_kindly(people, visit, brought):
    ticket = brought(3)
    final = moves.resolve(ticket.pk, actor=people.supervisor, summary="Paid back in full")
    conversation.customer_message(ticket.pk, body="One more thing")
    answer = decide(visit(people.legal), final)
    assertContains(answer, "has changed since", status_code=409)
    assertContains(answer, WHY, status_code=409)
    assert stand(ticket).floor == 3


def test_the_second_signer_learns_that_the_first_was_faster_and_keeps_the_words(people, visit, asked):
    approvals.reject(asked.pk, actor=people.supervisor2, note="Specialists can settle this")
    answer = decide(visit(people.supervisor), asked)
    assertContains(answer, "no longer open", status_code=409)
    assertContains(answer, "Specialists can settle this", status_code=409)
    assertContains(answer, f"{WHY}</textarea>", status_code=409)


def test_my_own_request_names_who_else_can_sign(people, visit, brought):
    ticket = brought(2)
    own = moves.escalate(ticket.pk, actor=people.supervisor, justification=WHY)
    page = visit(people.supervisor).get(f"/desk/approvals/{own.pk}/")
    assertContains(page, "somebody else must sign")
    assertContains(page, "Supervisor2")
    assertNotContains(page, "/decide/")


def test_an_open_page_says_what_became_of_its_request_and_leaves_typed_words_alone(people, visit, asked):
    client = visit(people.supervisor)

    def now(page: str) -> str:
        return re.search(r'hx-get="(/desk/approvals/\d+/now/[^"]*)"', page)[1]

    here = now(client.get(f"/desk/approvals/{asked.pk}/").content.decode())
    assert client.get(here, headers=HTMX).status_code == 204
    conversation.customer_message(asked.escalation_id, body="I have a photograph.")
    changed = client.get(here, headers=HTMX)
    assertContains(changed, "nothing is signed yet")
    assert client.get(now(changed.content.decode()), headers=HTMX).status_code == 204
    sweep.sweep(as_of=stay(asked.escalation).due_at + minutes(1))
    assertContains(client.get(here, headers=HTMX), "becomes the justification that is owed")
    owed = now(client.get(f"/desk/approvals/{asked.pk}/").content.decode())
    conversation.note(asked.escalation_id, actor=people.legal, body="Read the photograph.")
    assert client.get(owed, headers=HTMX).status_code == 204
    approvals.approve(asked.pk, actor=people.supervisor2, note=WHY)
    assertContains(visit(people.legal).get(here, headers=HTMX), f"{people.supervisor2} was faster")
    assertContains(visit(people.agent).get(here, headers=HTMX), "out of your sight")


def test_the_inbox_says_amount_risks_and_whether_there_is_evidence(people, visit, brought):
    ticket = brought(2)
    moves.escalate(ticket.pk, actor=people.specialist, justification="The seller may be liable")
    assertContains(visit(people.supervisor).get("/desk/approvals/"), "no evidence")


def test_what_the_clock_moved_past_a_request_is_owed_words(people, visit, asked):
    sweep.sweep(as_of=stay(asked.escalation).due_at + minutes(1))
    client = visit(people.supervisor)
    page = client.get("/desk/approvals/").content.decode()
    assert "Clasp of gold" in page.split('id="owed"')[1].split('id="mine"')[0]
    view, link = "/desk/?view=owed", r'view=owed"[^\n]*> Sign-off owed <span class="count is-late">1<'
    assert re.search(link, page)
    assertContains(client.get(view), "Clasp of gold")
    for other in (people.agent, people.specialist):
        answer = visit(other).get(view)
        assertNotContains(answer, 'href="/desk/?view=owed"')
        assertNotContains(answer, "Clasp of gold")
    client = visit(people.supervisor)
    page = client.get(f"/desk/approvals/{asked.pk}/")
    assertContains(page, "Give the justification")
    assertNotContains(page, 'value="refuse"')
    assert decide(client, asked).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.note) == (Approval.State.OVERTAKEN, WHY)
    cache.clear()
    assertContains(client.get(view), "You owe no justification")


def test_a_hold_is_shown_to_who_signs_its_release(people, visit, brought):
    ticket = brought(2)
    holds.place(ticket.pk, actor=people.specialist, reason="Goods must come back first")
    release = holds.ask_release(ticket.pk, actor=people.specialist, justification="They came back today")
    assertContains(visit(people.supervisor).get(f"/desk/approvals/{release.pk}/"), "Goods must come back first")


def test_requests_about_tickets_out_of_sight_do_not_exist(people, visit, brought):
    ticket = brought(3)
    final = moves.resolve(ticket.pk, actor=people.legal, summary="Paid back in full")
    for name in ("agent", "specialist", "supervisor2", "manager", "stranger"):
        client = visit(getattr(people, name))
        assert client.get(f"/desk/approvals/{final.pk}/").status_code == 404
        assertNotContains(client.get("/desk/approvals/"), f"/desk/approvals/{final.pk}/")


def test_the_open_inbox_says_nothing_until_something_happened(people, visit, asked):
    client = visit(people.supervisor)
    stamp = re.search(r"stamp=(\w+)", client.get("/desk/approvals/").content.decode()).group(1)
    assert client.get(f"/desk/approvals/?stamp={stamp}", headers=HTMX).status_code == 204
    approvals.reject(asked.pk, actor=people.supervisor2, note=WHY)
    answer = client.get(f"/desk/approvals/?stamp={stamp}", headers=HTMX)
    assertContains(answer, "No request waits for you")


def test_the_inbox_costs_few_queries(people, visit, brought, django_assert_max_num_queries):
    for _n in range(5):
        ticket = brought(2)
        moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)
    client = visit(people.supervisor)
    with django_assert_max_num_queries(13):
        client.get("/desk/approvals/")


def test_a_signer_asks_first_and_the_request_stays_open(people, visit, asked):
    client = visit(people.supervisor)
    answer = client.post(f"/desk/approvals/{asked.pk}/decide/", {"do": "ask", "note": "Which seller?"}, follow=True)
    assertContains(answer, "Asked: Specialist is told.")
    note = asked.escalation.ticket.messages.latest("pk")
    assert (note.visibility, note.body) == ("internal", "@Specialist Which seller?")
    assert OutboxMessage.objects.filter(topic="mention").exists()
    asked.refresh_from_db()
    assert asked.state == "pending" and not Hold.objects.exists()
    decide(client, asked, "ask", note=WHY, hold="on")
    assert Hold.objects.get().reason == WHY
    again = decide(client, asked, "ask", note=WHY, hold="on")
    assertContains(again, "on hold already", status_code=409)
    assert asked.escalation.ticket.messages.filter(body__contains=WHY).count() == 1, "asked once, held once"


def test_who_may_not_sign_may_not_ask(people, visit, asked):
    for name in set(CAST) - {"supervisor", "supervisor2", "risk", "legal"}:
        got = decide(visit(getattr(people, name)), asked, "ask").status_code
        assert got in {403, 404, 409}, name
    assert asked.escalation.ticket.messages.count() == 1


def test_a_signer_may_take_the_ticket_over_and_own_requests_name_who_is_here(people, visit, asked):
    duty.come_on(people.supervisor, now=database_now())
    page = visit(people.specialist).get(f"/desk/approvals/{asked.pk}/")
    assertContains(page, 'Supervisor <span class="badge is-ok">on duty</span>')
    client = visit(people.supervisor)
    assertContains(client.get(f"/desk/approvals/{asked.pk}/"), f"Take over #{asked.escalation_id}")
    client.post(f"/desk/tickets/{asked.escalation_id}/do/mine/")
    assertNotContains(client.get(f"/desk/approvals/{asked.pk}/"), "Take over")
