"""The ticket page: what is shown, what is offered, live parts, corrections, the log."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, holds, moves, sweep, waiting
from escalation.models import AuditEvent
from helpdesk.desk import thread
from tests.builders import minutes, stand
from tests.builders import visit as stay
from tickets.models import Attachment, Tag, Ticket

WHY = "a reason that is long enough"
HTMX = {"HX-Request": "true"}
XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def at(ticket, part="") -> str:
    return f"/desk/tickets/{ticket.pk}/{part}"


def test_the_page_says_where_the_ticket_stands_and_what_happens_at_zero(people, visit, brought):
    client = visit(people.specialist)
    assertContains(client.get(at(brought(1))), "At zero it moves to Floor 2, Specialists.")
    assertContains(client.get(at(brought(2))), "At zero it moves to Floor 3, Risk and Legal.")
    assertContains(visit(people.legal).get(at(brought(3))), "At zero executives are informed.")


def test_the_head_says_whose_ticket_it_is_and_how_it_came(people, visit, fresh):
    ticket = fresh(customer_name="Carla Conti", order={"reference": "R-1182"})
    head = re.search(r"<h1>(.*?)</h1>", visit(people.agent).get(at(ticket)).content.decode(), re.S)[1]
    for words in (f"#{ticket.pk}", ticket.subject, "Carla Conti", ticket.channel.name, "R-1182"):
        assert words in head, words


def test_a_held_ticket_whose_clock_stands_still_does_not_say_that_it_runs(people, visit, fresh):
    ticket = fresh()
    holds.place(ticket.pk, actor=people.agent, reason="Goods come back first")
    assertContains(visit(people.agent).get(at(ticket, "stand/?v=0")), "The clock runs on.")
    waiting.wait(ticket.pk, actor=people.agent, reason="a photograph")
    page = visit(people.agent).get(at(ticket, "stand/?v=0"))
    assertContains(page, "<p>a photograph</p>")
    assertContains(page, "Stopped by Agent,")
    assertNotContains(page, "The clock runs on.")


def test_notes_are_marked_in_words_and_customers_text_is_plain(people, visit, fresh):
    ticket = fresh(body="**not bold** " + XSS)
    conversation.note(ticket.pk, actor=people.agent, body="Only for us")
    conversation.reply(ticket.pk, actor=people.agent, body="**bold** " + XSS)
    page = visit(people.agent).get(at(ticket)).content.decode()
    assert "**not bold**" in page and "<strong>bold</strong>" in page
    assert re.search(r"message-note.*?Internal.*?Only for us", page, re.S)


def test_markup_in_any_field_is_text(people, visit, fresh):
    people.agent.name = XSS
    people.agent.save()
    tag = Tag.objects.create(slug="odd", name=XSS)
    ticket = fresh(
        subject=XSS, body=XSS, customer_name=XSS, order={"reference": XSS[:60], "products": [XSS]}, tags=[tag],
        files=[SimpleUploadedFile('"><img src=x onerror=alert(3)>.png', b"x")],
    )  # fmt: skip
    conversation.note(ticket.pk, actor=people.agent, body=XSS)
    holds.place(ticket.pk, actor=people.agent, reason=XSS)
    holds.ask_release(ticket.pk, actor=people.agent, justification=XSS)
    client = visit(people.supervisor)
    approval = ticket.escalation.approvals.get()
    for address in (at(ticket), at(ticket, "log/"), at(ticket, "edit/"), "/desk/", "/desk/approvals/",
                    f"/desk/approvals/{approval.pk}/", "/desk/?q=" + XSS):  # fmt: skip
        page = client.get(address).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page, address
        assert "&lt;script&gt;" in page, address


def test_abusive_words_are_folded_behind_a_notice(people, visit, fresh):
    ticket = fresh(body="You are idiots, all of you.")
    if not ticket.escalation.risk_flags.exists():
        pytest.skip("no starter trigger names this word")
    assertContains(visit(people.specialist).get(at(ticket)), "Abusive language was found in this message")


def offered(client, ticket) -> set[str]:
    return set(re.findall(r'action="/desk/tickets/\d+/do/(\w+)/"', client.get(at(ticket)).content.decode()))


def test_only_actions_that_this_person_may_do_now_are_offered(people, visit, brought):
    one, two, three = brought(1), brought(2), brought(3)
    agent, specialist = (
        {"mine", "assign", "wait", "up", "hold", "risk", "resolve", "label", "snooze", "watch"},
        {"down"},
    )
    assert offered(visit(people.agent), one) == agent
    assert offered(visit(people.agent), two) == {"watch"}
    assert offered(visit(people.specialist), two) == agent | specialist
    assert offered(visit(people.supervisor), three) == agent - {"up"}
    assert offered(visit(people.legal), three) == agent - {"up"} | {"down"}
    assert offered(visit(people.executive), three) == {"watch"}
    waiting.wait(one.pk, actor=people.agent)
    assert offered(visit(people.agent), one) == agent - {"wait"} | {"resume"}
    holds.place(one.pk, actor=people.agent, reason=WHY)
    assert offered(visit(people.agent), one) == agent - {"wait", "hold", "resolve"} | {"resume", "release"}


def test_actions_that_a_rule_forbids_now_are_explained(people, visit, brought):
    ticket = brought(2)
    holds.place(ticket.pk, actor=people.specialist, reason=WHY)
    moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)
    page = visit(people.specialist).get(at(ticket))
    assertContains(page, "On hold: its release must be signed first.")
    assertContains(page, "This signature is asked for already.")
    assertContains(visit(people.agent).get(at(ticket)), "Floor 2 is worked by: Specialist, Floor 2 supervisor")


def test_a_refused_action_keeps_its_text_and_says_why(people, visit, fresh):
    ticket = fresh()
    answer = visit(people.agent).post(at(ticket, "do/up/"), {"words": "too short", "floor": 1})
    assertContains(answer, "at least 10 characters", status_code=400)
    assertContains(answer, ">\ntoo short</textarea>", status_code=400)
    assert stand(ticket).floor == 1


def test_words_written_for_one_floor_do_nothing_on_another(people, visit, brought):
    ticket = brought(2)
    answer = visit(people.specialist).post(at(ticket, "do/resolve/"), {"words": WHY, "floor": 1})
    assertContains(answer, "it is on Floor 2 now", status_code=409)
    assertContains(answer, WHY, status_code=409)
    assert stand(ticket).floor == 2
    # The form drawn with the refusal is for the floor of now.
    assert re.search(r'name="floor" value="2" id="resolve-floor"', answer.content.decode())


def test_resolving_a_held_ticket_is_refused_with_the_holds_words_and_recorded(people, visit, fresh):
    ticket = fresh()
    holds.place(ticket.pk, actor=people.agent, reason="Goods must come back first.")
    answer = visit(people.agent).post(at(ticket, "do/resolve/"), {"words": WHY, "floor": 1})
    assertContains(answer, "Goods must come back first.", status_code=409)
    assertContains(answer, WHY, status_code=409)
    assert AuditEvent.objects.filter(ticket=ticket, action="action_blocked").count() == 1


def test_actions_need_post_and_a_token(people, fresh, visit):
    from django.test import Client

    ticket = fresh()
    client = visit(people.agent)
    for part in ("do/mine/", "write/"):
        assert client.get(at(ticket, part)).status_code == 405
    assert client.post(at(ticket, "do/nonsense/")).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.agent)
    for part in ("do/mine/", "write/", "edit/"):
        assert strict.post(at(ticket, part), {"body": "x"}).status_code == 403
    assert strict.post("/desk/next/").status_code == strict.post("/desk/assign/").status_code == 403


def test_the_live_part_says_nothing_until_something_happened_and_then_wakes_the_others(people, visit, fresh):
    ticket = fresh()
    client = visit(people.agent)
    version = stand(ticket).version
    assert client.get(at(ticket, f"stand/?v={version}"), headers=HTMX).status_code == 204
    sweep.sweep(as_of=stay(ticket).due_at + minutes(1))
    answer = client.get(at(ticket, f"stand/?v={version}"), headers=HTMX)
    assertContains(answer, "Moved here by the clock")
    assert answer["HX-Trigger"] == "desk:changed"
    assertContains(client.get(at(ticket, "acts/"), headers=HTMX), "Floor 2 is worked by")


def test_a_quiet_poll_costs_few_queries(people, visit, fresh, django_assert_max_num_queries):
    ticket = fresh()
    client = visit(people.agent)
    version = stand(ticket).version
    with django_assert_max_num_queries(3):
        client.get(at(ticket, f"stand/?v={version}"), headers=HTMX)


def test_queries_do_not_grow_with_the_conversation(people, visit, fresh, django_assert_max_num_queries):
    ticket = fresh()
    for n in range(20):
        conversation.reply(ticket.pk, actor=people.agent, body=f"Answer {n}", script="")
        conversation.customer_message(ticket.pk, body=f"Question {n}", files=[SimpleUploadedFile("a.txt", b"a")])
    client = visit(people.agent)
    with django_assert_max_num_queries(19):  # with the numbers of the navigation, which are kept for some seconds
        client.get(at(ticket))
    with django_assert_max_num_queries(12):
        client.get(at(ticket))


def test_what_left_my_sight_says_so_in_words_for_htmx_and_is_nothing_otherwise(people, visit, brought):
    secret = brought(3, subject="Unmistakable secret")
    client = visit(people.agent)
    for number in (secret.pk, 999_999):
        answer = client.get(f"/desk/tickets/{number}/stand/?v=1", headers=HTMX | {"HX-Target": "stand"})
        assertContains(answer, f"You may not see ticket #{number} any more")
        assertNotContains(answer, "Unmistakable")
        nothing = client.get(f"/desk/tickets/{number}/stand/?v=1")
        assertContains(nothing, "ask them", status_code=404)  # whom, whether the ticket exists or not


def test_flagging_a_floor_3_risk_takes_the_ticket_out_of_an_agents_sight_with_words(people, visit, fresh):
    ticket = fresh()
    answer = visit(people.agent).post(at(ticket, "do/risk/"), {"risk": "legal", "words": WHY}, follow=True)
    assert answer.redirect_chain == [("/desk/", 302)]
    assertContains(answer, "out of your sight now")


def test_corrections_are_kept_with_before_and_after(people, visit, fresh):
    ticket = fresh()
    client = visit(people.agent)
    page = client.get(at(ticket, "edit/")).content.decode()
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    fields = {"subject": "Ring too small", "order": "A-1", "value": "80", "currency": "eur", "products": "Ring\n\nBox",
              "version": version}  # fmt: skip
    assert client.post(at(ticket, "edit/"), fields).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.order_reference, ticket.order_currency) == ("Ring too small", "A-1", "EUR")
    assert ticket.order_products == ["Ring", "Box"]
    assertContains(client.get(at(ticket, "log/")), "subject: Where is my parcel → Ring too small")
    stale = client.post(at(ticket, "edit/"), fields | {"subject": "Another"})
    assertContains(stale, "Another", status_code=412)
    assertContains(stale, "Read it again", status_code=412)


@pytest.mark.parametrize(
    "fields", [{"value": "-1"}, {"value": "x"}, {"value": "1", "currency": "€€€"}, {"subject": ""}]
)
def test_nonsense_in_a_correction_is_refused_beside_its_field(fields, people, visit, fresh):
    answer = visit(people.agent).post(at(fresh(), "edit/"), {"subject": "Ring"} | fields)
    assertContains(answer, "errorlist", status_code=400)


def test_a_high_order_value_entered_later_moves_the_ticket_by_rule(people, visit, fresh):
    ticket = fresh()
    fields = {"subject": ticket.subject, "value": "700", "currency": "EUR"}
    visit(people.agent).post(at(ticket, "edit/"), fields)
    assert stand(ticket).floor == 2


NEW = {
    "email": "zoe@example.org",
    "name": "Zoe",
    "subject": "Clasp broke",
    "body": "She calls about a clasp.",
    "token": "",
}


def test_staff_enter_a_complaint_from_the_phone_once(people, visit):
    from tickets.models import Channel

    client = visit(people.agent)
    token = re.search(r'name="token" value="(\w+)"', client.get("/desk/tickets/new/").content.decode()).group(1)
    fields = NEW | {"channel": Channel.objects.get(slug="phone").pk, "token": token}
    first, second = client.post("/desk/tickets/new/", fields), client.post("/desk/tickets/new/", fields)
    assert first.url == second.url
    ticket = Ticket.objects.get()
    assert (ticket.channel.slug, ticket.customer.name) == ("phone", "Zoe")
    assert ticket.events.get().person == people.agent


def test_a_new_ticket_that_is_refused_keeps_its_text(people, visit):
    answer = visit(people.agent).post("/desk/tickets/new/", NEW | {"email": "nobody"})
    assertContains(answer, "She calls about a clasp.", status_code=400)
    assert not Ticket.objects.exists()


def test_files_come_as_downloads_and_only_to_those_who_see_the_ticket(people, visit, brought):
    ticket = brought(3, files=[SimpleUploadedFile("page.html", b"<script>", content_type="text/html")])
    file = Attachment.objects.get()
    answer = visit(people.legal).get(at(ticket, f"files/{file.pk}/"))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert visit(people.agent).get(at(ticket, f"files/{file.pk}/")).status_code == 404
    other = brought(1)
    assert visit(people.agent).get(at(other, f"files/{file.pk}/")).status_code == 404


def test_the_log_names_who_what_where_why_and_the_rule(people, visit, fresh):
    ticket = fresh()
    moves.escalate(ticket.pk, actor=people.agent, justification="A question of facts")
    sweep.sweep(as_of=stay(ticket).due_at + minutes(1))
    page = visit(people.legal).get(at(ticket, "log/"))
    for words in ("moved from Floor 1 to Floor 2", "A question of facts", "The clock", "moved from Floor 2 to Floor 3",
                  "limit of Floor 3, version 1", "Carla Conti", "opened on Floor 1"):  # fmt: skip
        assertContains(page, words)
    assertNotContains(page, '<form method="post" action="/desk/tickets')


def test_the_log_is_narrowed_by_kind_and_by_whom_also_in_the_file(people, visit, fresh):
    ticket = fresh()
    moves.escalate(ticket.pk, actor=people.agent, justification="A question of facts")
    sweep.sweep(as_of=stay(ticket).due_at + minutes(1))
    client = visit(people.legal)
    moved = client.get(at(ticket, "log/?kind=moved"))
    assertContains(moved, "A question of facts")
    assertNotContains(moved, "opened on Floor 1")
    assertContains(moved, f'href="{at(ticket, "log.csv")}?kind=moved"')
    assertNotContains(client.get(at(ticket, "log/?by=clock")), "A question of facts")
    assertContains(client.get(at(ticket, f"log/?by={people.agent.pk}")), "A question of facts")
    for nonsense in ("?kind=burnt", "?by=nobody", "?by=0", "?kind=%00", "?by=" + "9" * 40):
        assertContains(client.get(at(ticket, f"log/{nonsense}")), "Nothing of that kind has happened")
    rows = list(csv.reader(io.StringIO(client.get(at(ticket, "log.csv?by=clock")).content.decode("utf-8-sig"))))
    assert {row[2] for row in rows[1:]} == {"The clock"}


def test_an_entry_of_the_log_keeps_its_address_however_long_the_log_becomes(people, visit, fresh):
    ticket = fresh()
    assertContains(visit(people.agent).get(at(ticket, "log/?before=2")), 'href="?before=2#e1"')


def test_no_cell_of_the_saved_log_is_a_formula(people, visit, fresh):
    ticket = fresh(customer_name="=cmd|' /C calc'!A0")
    for text in ("=1+1 is the reason", "+1+1 is the reason", "-1+1 is the reason", "@sum is the reason"):
        moves.resolve(ticket.pk, actor=people.agent, summary=text)
        moves.reopen(ticket.pk, actor=people.agent, reason=text)
    answer = visit(people.agent).get(at(ticket, "log.csv"))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 10 and len(rows[1]) == 9
    assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any("'=cmd" in cell for cell in rows[1])


def test_a_page_opens_at_what_is_new_since_one_was_here(people, visit, fresh):
    ticket, client = fresh(), visit(people.agent)
    assertNotContains(client.get(at(ticket)), "New since you were here")
    conversation.reply(ticket.pk, actor=people.agent, body="Mine is not new to me")
    conversation.customer_message(ticket.pk, body="And now?")
    live = client.get(at(ticket, "said/"), headers={"HX-Request": "true"})
    assertContains(live, "New since you were here", count=1)
    assertNotContains(live, "autofocus", msg_prefix="a live page takes no focus away from who types")
    assertNotContains(client.get(at(ticket)), "New since you were here")
    conversation.customer_message(ticket.pk, body="Hello?")
    page = client.get(at(ticket)).content.decode()
    assert page.index("And now?") < page.index("autofocus>New since you were here") < page.index("Hello?")


@pytest.mark.parametrize(
    ("body", "own", "quoted"),
    [
        (
            "Yes.\n\nOn Friday Anna wrote:\n> Is it red?\n>\n> Anna\n",
            "Yes.",
            "On Friday Anna wrote:\n> Is it red?\n>\n> Anna",
        ),
        ("Yes.\n> Is it red?", "Yes.", "> Is it red?"),
        ("> Is it red?\nYes.", "> Is it red?\nYes.", ""),
        ("> Is it red?", "> Is it red?", ""),
        ("Two things:\n\n", "Two things:\n\n", ""),
        ("", "", ""),
    ],
)
def test_only_what_is_quoted_below_is_folded(body, own, quoted):
    assert thread.unquoted(body) == (own, quoted)
