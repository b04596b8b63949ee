"""Writing: replies, notes, scripts, and that no typed word is ever lost."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, holds, moves, overview
from policies.models import Script, ScriptUse
from tests.builders import stand
from tickets.models import Message, User

HTMX = {"HX-Request": "true", "HX-Target": "composer"}


@pytest.fixture
def write(people, visit):
    """Return a function that sends the composer as PERSON with FIELDS over sensible ones."""

    def send(ticket, person=None, headers=None, **fields):
        data = {"kind": "reply", "body": "Good morning", "do": "send"} | fields
        return visit(person or people.agent).post(f"/desk/tickets/{ticket.pk}/write/", data, headers=headers)

    return send


def newest(ticket) -> int:
    return Message.objects.filter(ticket=ticket).latest("pk").pk


def test_a_reply_is_sent_once_however_often_the_form_arrives(write, fresh):
    ticket = fresh()
    token = "0" * 31 + "1"
    first, second = write(ticket, token=token), write(ticket, token=token)
    assert first.url == second.url == f"/desk/tickets/{ticket.pk}/#m{newest(ticket)}"
    assert ticket.messages.filter(author__isnull=False).count() == 1


def test_a_note_stays_inside(write, fresh):
    ticket = fresh()
    write(ticket, kind="note")
    assert ticket.messages.latest("pk").visibility == "internal"
    ticket.refresh_from_db()
    assert ticket.first_response_at is None


def test_the_second_of_two_writers_sees_the_firsts_message_before_anything_goes_out(people, write, fresh):
    ticket = fresh()
    seen = newest(ticket)
    assert write(ticket, body="Mine first", seen=seen).status_code == 302
    answer = write(ticket, people.agent2, body="Mine second", seen=seen)
    assertContains(answer, "Agent wrote while you were writing", status_code=409)
    assertContains(answer, "Mine first", status_code=409)
    assertContains(answer, "Mine second</textarea>", status_code=409)
    assertContains(answer, "Send anyway", status_code=409)
    assert ticket.messages.count() == 2
    again = re.search(r'name="seen" value="(\d+)"', answer.content.decode()).group(1)
    assert write(ticket, people.agent2, body="Mine second", seen=again).status_code == 302
    assert ticket.messages.count() == 3


def test_a_customers_message_that_came_meanwhile_is_shown_first(write, fresh):
    ticket = fresh()
    seen = newest(ticket)
    conversation.customer_message(ticket.pk, body="It has arrived after all")
    answer = write(ticket, seen=seen)
    assertContains(answer, "Carla Conti wrote while you were writing", status_code=409)
    assertContains(answer, "It has arrived after all", status_code=409)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"body": "  "}, "must not be empty"),
        ({"body": "x" * 100_001}, "too long"),
        ({"script": "no-such"}, "no script"),
    ],
)
def test_what_cannot_be_sent_comes_back_with_its_text(fields, words, write, fresh):
    ticket = fresh()
    answer = write(ticket, **fields)
    assertContains(answer, words, status_code=400)
    assertContains(answer, f"{fields.get('body', 'Good morning')}</textarea>", status_code=400)
    assert ticket.messages.count() == 1


def test_files_go_along_and_stay_with_the_draft_after_a_refusal(write, fresh):
    ticket = fresh()
    write(ticket, files=[SimpleUploadedFile("a.pdf", b"%PDF"), SimpleUploadedFile("b.pdf", b"%PDF")])
    assert [file.name for file in ticket.messages.latest("pk").attachments.all()] == ["a.pdf", "b.pdf"]
    answer = write(ticket, body="", files=[SimpleUploadedFile("c.pdf", b"%PDF"), SimpleUploadedFile("d.pdf", b"%PDF")])
    assertContains(answer, "d.pdf", count=2, status_code=400)
    gone = ticket.drafts.get().files.get(name="c.pdf")
    assertNotContains(write(ticket, body="", do=f"drop:{gone.pk}"), "c.pdf")
    write(ticket, body="With the other file")
    assert [file.name for file in ticket.messages.latest("pk").attachments.all()] == ["d.pdf"]
    assert not ticket.drafts.exists()
    refused = write(ticket, files=[SimpleUploadedFile("empty.pdf", b"")])
    assertContains(refused, "choose your files again", status_code=400)
    assertContains(refused, "empty.pdf is empty", status_code=400)


def test_a_draft_says_when_it_was_kept_also_on_a_page_that_is_opened_anew(people, visit, write, fresh):
    ticket, page = fresh(), visit(people.agent)
    assertNotContains(page.get(f"/desk/tickets/{ticket.pk}/"), "Saved ")
    assertContains(write(ticket, do="check", body="Half a sentence"), "Saved ")
    assertContains(page.get(f"/desk/tickets/{ticket.pk}/"), '<span id="saved" role="status">Saved ')


def later(person, seconds=10):
    """Give PERSON time to take an answer back."""
    User.objects.filter(pk=person.pk).update(undo_seconds=seconds)


def test_an_answer_waits_in_sight_of_its_writer_only_and_can_be_taken_back(people, visit, write, fresh):
    later(people.agent)
    ticket = fresh()
    page = f"/desk/tickets/{ticket.pk}/"
    sent = write(ticket, body="Too early", then="send")
    waits = ticket.drafts.get()
    assert sent.url == f"{page}#out{waits.pk}"
    assertContains(visit(people.agent).get(page), "Your answer goes out at")
    assertNotContains(visit(people.agent2).get(page), "Too early")
    assert ticket.messages.count() == 1
    answer = write(ticket, do=f"undo:{waits.pk}", body="")
    assertContains(answer, "Too early</textarea>")
    assertNotContains(answer, "Your answer goes out at")
    assertContains(write(ticket, do=f"undo:{waits.pk}", body=""), "gone out already", status_code=409)


def test_a_send_that_is_repeated_after_the_line_broke_is_one_answer_and_leaves_no_draft(people, write, fresh):
    later(people.agent)
    ticket = fresh()
    token = "0" * 31 + "2"
    first, second = write(ticket, token=token), write(ticket, token=token)
    assert first.url == second.url
    assert ticket.drafts.get().is_waiting


def test_the_second_of_two_writers_sees_an_answer_that_is_on_its_way(people, write, fresh):
    later(people.agent)
    ticket = fresh()
    write(ticket, body="Mine first", seen=newest(ticket))
    answer = write(ticket, people.agent2, body="Mine second", seen=newest(ticket))
    assertContains(answer, "Mine first", status_code=409)
    assertContains(answer, "Mine second</textarea>", status_code=409)
    known = re.search(r'name="seen_press" value="([^"]+)"', answer.content.decode()).group(1)
    assert write(ticket, people.agent2, body="Mine second", seen_press=known).status_code == 302


def test_typed_words_are_kept_on_the_server_and_found_on_another_machine(people, visit, fresh):
    ticket = fresh()
    address = f"/desk/tickets/{ticket.pk}/"
    client = visit(people.agent)
    kept = client.post(f"{address}draft/", {"kind": "note", "body": "Half a sent", "revision": "0"})
    assert kept.json()["revision"] == 1 and kept.json()["words"].startswith("Saved ")
    page = visit(people.agent).get(address)
    assertContains(page, "Half a sent</textarea>")
    assertContains(page, 'name="revision" value="1"')
    assertNotContains(visit(people.agent2).get(address), "Half a sent")
    stale = visit(people.agent).post(f"{address}draft/", {"body": "Other", "revision": "0"})
    assert (stale.status_code, stale.json()["code"]) == (409, "newer_draft")


def test_a_saving_that_comes_after_the_sending_makes_no_draft_again(people, visit, write, fresh):
    ticket = fresh()
    token = "0" * 31 + "3"
    write(ticket, token=token)
    visit(people.agent).post(f"/desk/tickets/{ticket.pk}/draft/", {"body": "Good morning", "token": token})
    assert not ticket.drafts.exists()


def test_an_attempt_that_a_hold_forbids_is_on_record(people, write, fresh):
    ticket = fresh()
    holds.place(ticket.pk, actor=people.agent, reason="Wait for the goods", blocks=["send"])
    answer = write(ticket, token="0" * 31 + "4")
    assertContains(answer, "Wait for the goods", status_code=409)
    assert ticket.events.filter(action="action_blocked").count() == 1


def test_a_script_fills_the_text_and_its_use_is_kept(people, write, fresh):
    ticket = fresh(order={"reference": "A-17"})
    Script.objects.create(
        slug="hello", title="Hello", texts={"en": "Dear {customer_name}, order {order}. {agent_name}"}
    )
    answer = write(ticket, do="insert", pick="hello", body="Before.")
    assertContains(answer, "Before.\n\nDear Carla Conti, order A-17. Agent</textarea>")
    assertContains(answer, 'name="script" value="hello"')
    assert ticket.messages.count() == 1
    write(ticket, body="Dear Carla", script="hello")
    assert ScriptUse.objects.get().script.slug == "hello"


def test_a_field_that_nobody_filled_in_is_named_before_sending(write, fresh):
    ticket = fresh()
    answer = write(ticket, body="Your order {order} is on its way")
    assertContains(answer, "not filled in: {order}", status_code=409)
    accents = write(ticket, body="Mi serve ancora: {dettaglio_e_perché}")
    assertContains(accents, "not filled in: {dettaglio_e_perché}", status_code=409)
    assert ticket.messages.count() == 1
    assert write(ticket, body="Your order {order} is on its way", anyway="yes").status_code == 302


def test_send_and_wait_stops_the_clock(write, fresh, people):
    ticket = fresh()
    write(ticket, do="wait")
    assert overview.clock(overview.ticket(people.agent, ticket.pk)) == "paused"


def test_send_and_resolve_resolves_with_the_answer_as_summary(write, fresh):
    ticket = fresh()
    write(ticket, do="resolve", body="A new clasp is on its way.")
    assert stand(ticket).state == "resolved"
    assert ticket.events.get(action="resolved").reason == "A new clasp is on its way."


def test_an_answer_to_a_held_ticket_is_sent_but_does_not_resolve_it(people, visit, write, fresh):
    ticket = fresh()
    holds.place(ticket.pk, actor=people.agent, reason="Wait for the goods")
    write(ticket, do="resolve")
    assert stand(ticket).floor == 1
    assert ticket.messages.count() == 2
    page = visit(people.agent).get(f"/desk/tickets/{ticket.pk}/")
    assertContains(page, "Your answer was sent, but the rest was refused")
    assert ticket.events.filter(action="action_blocked").exists()


def test_an_agent_whose_ticket_climbed_meanwhile_keeps_the_text_and_may_leave_it_as_a_note(people, write, fresh):
    ticket = fresh()
    moves.escalate(ticket.pk, actor=people.agent2, justification="needs a specialist")
    answer = write(ticket, body="My long answer")
    assertContains(answer, "Floor 2 is worked by", status_code=403)
    assertContains(answer, "My long answer</textarea>", status_code=403)
    assert write(ticket, kind="note", body="My long answer").status_code == 302


def test_words_for_a_ticket_that_left_my_sight_are_handed_back(people, write, brought):
    ticket = brought(3, subject="Unmistakable secret")
    for headers in (None, HTMX):
        answer = write(ticket, body="My long answer", headers=headers)
        assertContains(answer, "My long answer</textarea>", status_code=404)
        assertNotContains(answer, "Unmistakable", status_code=404)
    assert ticket.messages.count() == 1


def test_refusals_for_htmx_are_marked_to_be_drawn(write, fresh):
    ticket = fresh()
    answer = write(ticket, body="", headers=HTMX)
    assert answer.status_code == 400 and answer["X-Draw"] == "yes"
    assert b"<html" not in answer.content
    sent = write(ticket, headers=HTMX)
    assert sent["HX-Redirect"] == f"/desk/tickets/{ticket.pk}/"


@pytest.mark.parametrize("body", ["a\x00b", "\ud83d\ude00 emoji", "‮ tricky", "line\r\nline"])
def test_odd_characters_are_no_error(body, write, fresh):
    assert write(fresh(), body=body.encode("utf-16", "surrogatepass").decode("utf-16")).status_code == 302


def test_a_preview_shows_markdown_and_sends_nothing(write, fresh):
    ticket = fresh()
    assertContains(write(ticket, do="preview", body="**bold** <script>"), "<strong>bold</strong> &lt;script&gt;")
    assert ticket.messages.count() == 1


def test_files_are_attached_beside_the_typing(people, write, fresh):
    ticket = fresh()
    only = HTMX | {"HX-Target": "kept"}
    files = [SimpleUploadedFile("a.pdf", b"%PDF")]
    answer = write(ticket, do="attach", files=files, headers=only)
    assertContains(answer, "a.pdf")
    assertNotContains(answer, "<textarea")
    assertContains(answer, 'name="revision" value="1" hx-swap-oob="true"')
    assertContains(write(ticket, do="attach", files=[SimpleUploadedFile("b", b"")], headers=only), "b is empty")
    assertContains(write(ticket, do="attach", files=[SimpleUploadedFile("c.pdf", b"%PDF")]), "a.pdf")
    write(ticket)
    assert [file.name for file in ticket.messages.latest("pk").attachments.all()] == ["a.pdf", "c.pdf"]


def test_who_writes_where_nobody_has_the_ticket_is_offered_it(people, visit, fresh):
    ticket = fresh()
    page = f"/desk/tickets/{ticket.pk}/"
    assertContains(visit(people.agent).get(page), "Take it")
    assertNotContains(visit(people.executive).get(page), "Take it")
    visit(people.agent).post(f"{page}do/mine/")
    assertNotContains(visit(people.agent2).get(page), "Take it")
