"""The hint about wording in the composer: by a button without scripts, and while writing."""

from tickets.models import Message

HARSH = "You should have read the terms <b>first</b>."


def test_the_button_points_out_and_sends_nothing(people, fresh, visit):
    ticket = fresh()
    answer = visit(people.agent).post(
        f"/desk/tickets/{ticket.pk}/write/", {"kind": "reply", "body": HARSH, "do": "check"}
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and "<q>You should have</q>" in page and "no acknowledgement" in page
    assert "&lt;b&gt;first&lt;/b&gt;.</textarea>" in page
    assert not Message.objects.filter(body=HARSH).exists()


def test_a_good_reply_is_told_so_and_a_harsh_one_can_be_sent_all_the_same(people, fresh, visit):
    ticket, desk = fresh(), visit(people.agent)
    fields = {"kind": "reply", "body": "I am sorry about that. I will call you tomorrow.", "do": "check"}
    assert "Nothing to point out" in desk.post(f"/desk/tickets/{ticket.pk}/write/", fields).content.decode()
    sent = desk.post(f"/desk/tickets/{ticket.pk}/write/", {"kind": "reply", "body": HARSH, "do": "send"})
    assert sent.status_code == 302 and Message.objects.filter(body=HARSH).exists()


def test_the_live_hint_speaks_of_what_is_there_and_not_of_what_is_still_to_come(people, visit):
    desk = visit(people.agent)
    page = desk.post("/desk/wording/", {"body": HARSH, "language": "en"}).content.decode()
    assert "<q>You should have</q>" in page and "no acknowledgement" not in page
    assert desk.post("/desk/wording/", {"body": "Non è colpa nostra", "language": "it"}).content.count(b"<q>") == 1
    assert desk.post("/desk/wording/", {}).content.strip() == b""
    assert desk.post("/desk/wording/", {"body": "\x00" + "!" * 200_000, "language": "'\"<"}).status_code == 200
    assert desk.get("/desk/wording/").status_code == 405


def test_the_hint_asks_by_itself_only_about_the_text(people, fresh, visit):
    page = visit(people.agent).get(f"/desk/tickets/{fresh().pk}/").content.decode()
    assert 'hx-params="body,language"' in page and 'value="check"' in page
