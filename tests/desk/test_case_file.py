"""The case page: everything of a case in one place, and forms that keep what was typed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.asserts import assertContains, assertNotContains

from escalation import approvals, conversation, evidence, external, moves
from escalation.models import Decision, Evidence, ExternalNotification
from helpdesk.desk.case_words import difference
from policies import matrix
from tests.builders import stand

WHY = "a reason that is long enough"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add(client, ticket, slug, **fields):
    return client.post(f"/desk/tickets/{ticket.pk}/case/{slug}/", fields)


def test_a_case_is_built_on_one_page(people, visit, brought):
    ticket = brought(3)
    client = visit(people.legal)
    assertContains(client.get(f"/desk/tickets/{ticket.pk}/"), f"/desk/tickets/{ticket.pk}/case/")
    photo = SimpleUploadedFile("ring.jpg", b"a ring")
    assert add(client, ticket, "evidence", file=photo, source="the courier").status_code == 302
    assert add(client, ticket, "evidence", message=ticket.messages.get().pk).status_code == 302
    assert add(client, ticket, "text", text="Full refund and an apology.").status_code == 302
    assert add(client, ticket, "notice", authority="Data protection", justification=WHY).status_code == 302
    refund = {"problem": "damage", "remedy": "refund", "amount": "80", "rationale": WHY}
    assert client.post(f"/desk/tickets/{ticket.pk}/decide/", refund | {"do": "decide"}).status_code == 302
    page = client.get(f"/desk/tickets/{ticket.pk}/case/")
    for words in ("ring.jpg", "the courier", "Full refund and an apology.", "Data protection", "Refund"):
        assertContains(page, words)
    assert (Evidence.objects.count(), Decision.objects.get().state) == (2, "pending")
    file = Evidence.objects.get(form="file")
    saved = client.get(f"/desk/tickets/{ticket.pk}/case/evidence/{file.pk}/")
    assert b"".join(saved.streaming_content) == b"a ring" and "sandbox" in saved["Content-Security-Policy"]


def test_a_refused_form_keeps_the_words_and_says_why(people, visit, fresh):
    ticket = fresh()
    client = visit(people.agent)
    answer = add(client, ticket, "evidence", message="x", description=WHY)
    assertContains(answer, "whole number", status_code=400)
    assertContains(answer, WHY, status_code=400)
    assert add(client, ticket, "nonsense").status_code == 404
    assert client.get(f"/desk/tickets/{ticket.pk}/case/text/").status_code == 405


def test_the_page_offers_forms_to_those_who_work_on_the_case_only(people, visit, brought):
    ticket = brought(3)
    assertNotContains(visit(people.executive).get(f"/desk/tickets/{ticket.pk}/case/"), "Register it")
    for name in ("agent", "supervisor2", "manager"):
        client = visit(getattr(people, name))
        assert client.get(f"/desk/tickets/{ticket.pk}/case/").status_code == 404
        assert add(client, ticket, "text", text="Mine").status_code == 404
        assert client.post(f"/desk/tickets/{ticket.pk}/case/export/").status_code == 404
    assert visit(people.supervisor).post(f"/desk/tickets/{ticket.pk}/case/export/").status_code == 403
    assert visit(people.legal).post(f"/desk/tickets/{ticket.pk}/case/export/")["Content-Type"] == "application/zip"


def test_a_signed_notice_is_marked_as_sent(people, visit, brought):
    ticket = brought(3)
    notice = external.ask(ticket.pk, actor=people.risk, authority="Police", justification=WHY)
    client = visit(people.legal)
    assertContains(add(client, ticket, "sent", notice=notice.pk), "must sign this notice", status_code=409)
    approvals.approve(notice.approval_id, actor=people.executive, note=WHY)
    assertContains(client.get(f"/desk/tickets/{ticket.pk}/case/"), "It went out")
    assert add(client, ticket, "sent", notice=notice.pk, reference="P 9").status_code == 302
    assert ExternalNotification.objects.get().reference == "P 9"


def test_the_signing_page_shows_what_changed_and_how_many_have_signed(people, visit, brought):
    matrix.change(
        kind="final_resolution", signers=["legal", "executive"], signatures=2, actor=people.policy,
        now=stand(brought(1)).ticket.created_at,
    )  # fmt: skip
    ticket = brought(3)
    final = moves.resolve(ticket.pk, actor=people.risk, summary="Paid back in full")
    conversation.note(ticket.pk, actor=people.risk, body="He phoned again.")
    client = visit(people.legal)
    page = client.get(f"/desk/approvals/{final.pk}/")
    assertContains(page, "A newer note")
    old = client.post(f"/desk/approvals/{final.pk}/decide/", {"do": "approve", "note": WHY, "digest": final.digest})
    assertContains(old, "not the one that you were shown", status_code=409)
    digest = page.content.decode().split('name="digest" value="')[1][:64]
    signed = client.post(f"/desk/approvals/{final.pk}/decide/", {"do": "approve", "note": WHY, "digest": digest})
    assert signed.status_code == 302
    assertContains(visit(people.executive).get(f"/desk/approvals/{final.pk}/"), "1 of 2")
    evidence.add(ticket.pk, actor=people.risk, description="Seen on video.")
    assertContains(visit(people.executive).get(f"/desk/approvals/{final.pk}/"), "void")
    room = visit(people.legal).get(f"/desk/tickets/{ticket.pk}/case/")
    assertContains(room, f'<a href="/desk/tickets/{ticket.pk}/#act-resolve">Ask for it</a>')


def test_the_room_says_where_the_case_stands_who_signs_and_what_is_said_among_ourselves(people, visit, brought):
    ticket = brought(3)
    client = visit(people.legal)
    page = client.get(f"/desk/tickets/{ticket.pk}/case/")
    for words in (
        "At zero executives are informed.",
        "not asked for yet",
        "Head of Risk, Legal",
        "Nothing was said among",
    ):
        assertContains(page, words)
    assert add(client, ticket, "talk", body="").status_code == 400
    assert add(client, ticket, "talk", body="He has a **lawyer** now.").status_code == 302
    part = client.get(f"/desk/tickets/{ticket.pk}/talk/", headers={"HX-Request": "true"})
    assertContains(part, "<strong>lawyer</strong>")
    assertNotContains(part, "Where is my parcel")
    moves.resolve(ticket.pk, actor=people.legal, summary="Paid back in full")
    notice = external.ask(ticket.pk, actor=people.risk, authority="Police", justification=WHY)
    page = client.get(f"/desk/tickets/{ticket.pk}/case/")
    for words in (">Final resolution</a>", "Notice to Police", f'/desk/approvals/{notice.approval_id}/"', "Executive"):
        assertContains(page, words)
    assert visit(people.agent).get(f"/desk/tickets/{ticket.pk}/talk/").status_code == 404
    assertNotContains(visit(people.executive).get(f"/desk/tickets/{ticket.pk}/case/"), "Keep the note")


def test_each_version_of_the_decision_text_says_what_it_changed(people, visit, brought):
    ticket = brought(3)
    client = visit(people.legal)
    for text in ("We refund 80 euro <b>now</b>.", "We refund 90 euro <b>now</b> and apologise."):
        assert add(client, ticket, "text", text=text).status_code == 302
    page = client.get(f"/desk/tickets/{ticket.pk}/case/")
    assertContains(page, "What version 2 changed in version 1")
    for words in ("left out: </span>80</del>", "added: </span>90</ins>", "euro", "and apologise.", "&lt;b&gt;"):
        assertContains(page, words)


@pytest.mark.parametrize(
    ("before", "after"), [("a b c", "a x c"), ("", "a"), ("a", ""), ("a\nb", "a\nc"), ("one two", "one two three")]
)
def test_the_parts_of_a_difference_make_both_texts(before, after):
    parts = difference(before, after)
    assert " ".join(words for how, words in parts if how != "gone") == after
    assert " ".join(words for how, words in parts if how != "added") == before
