"""Knowledge on the desk: who reads it, how it is found, and what of it goes into an answer."""

from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation
from helpdesk.desk import texts
from policies.models import PolicyDraft, ScriptUse
from tests.builders import CAST


def test_all_staff_read_and_only_writers_are_offered_a_draft(people, visit):
    for name in CAST:
        desk = visit(getattr(people, name))
        for page in ("knowledge/", "knowledge/jewelry-and-luxury/", "guidelines/"):
            answer = desk.get(f"/desk/{page}")
            assert answer.status_code == (403 if name == "stranger" else 200), (name, page)
            assert ("/policies/scripts/new/" in answer.content.decode()) == (name in ("policy", "admin")), (name, page)
    assert desk.get("/desk/knowledge/none/").status_code == 403


def test_search_kinds_and_languages(people, visit, django_assert_max_num_queries):
    desk = visit(people.agent)
    desk.get("/desk/knowledge/")
    with django_assert_max_num_queries(12):
        page = desk.get("/desk/knowledge/?q=rodio").content.decode()
    assert "jewelry-and-luxury" in page and "your-data" not in page
    page = desk.get("/desk/knowledge/?kind=handout").content.decode()
    assert "when-we-cannot-say-yes" in page and "your-data" not in page
    assert desk.get("/desk/knowledge/?kind=%00&q=%00&page=999").status_code == 200
    assert "Materiali" in desk.get("/desk/knowledge/jewelry-and-luxury/?in=it").content.decode()
    assert desk.get("/desk/knowledge/none/").status_code == 404
    assert "A struttura" not in desk.get("/desk/guidelines/?in=xx").content.decode()
    assert "Olha para o que o cliente" in desk.get("/desk/guidelines/?in=pt").content.decode()


def test_the_composer_offers_what_fits_and_never_a_playbook(people, fresh, visit):
    ticket = fresh(subject="A charge on my card that I do not know", body="There are two amounts for one order.")
    page = visit(people.agent).get(f"/desk/tickets/{ticket.pk}/").content.decode()
    fits = page.partition('<optgroup label="Fits this ticket">')[2].partition("</optgroup>")[0]
    assert 'value="charge-i-do-not-know"' in fits
    assert "jewelry-and-luxury" not in page and 'value="when-we-cannot-say-yes"' in page


def test_articles_that_fit_never_crowd_out_the_scripts(people, fresh, visit, monkeypatch):
    monkeypatch.setattr(texts, "MOST", 2)  # fewer than the articles that share words with the ticket
    ticket = fresh(subject="Refund of a return", body="The parcel came damaged, I want a refund for the return.")
    page = visit(people.agent).get(f"/desk/tickets/{ticket.pk}/").content.decode()
    listed = page.partition('<optgroup label="Reply scripts">')[2].partition("</select>")[0]
    assert listed.count("<option") == 2


def test_an_article_goes_in_as_a_link_and_a_handout_as_text_and_both_count_as_used(people, fresh, visit):
    ticket, desk = fresh(customer_language="it"), visit(people.agent)
    address = f"/desk/tickets/{ticket.pk}/write/"
    page = desk.post(address, {"kind": "reply", "body": "Ecco:", "pick": "your-data", "do": "insert"}).content.decode()
    assert "[I suoi dati da noi](http://testserver/help/articles/your-data/)" in page
    page = desk.post(
        address, {"kind": "reply", "body": "", "pick": "when-we-cannot-say-yes", "do": "insert"}
    ).content.decode()
    assert "Gentile Carla Conti," in page and "# Quando" not in page
    sent = {"kind": "reply", "body": "Ecco", "script": "when-we-cannot-say-yes", "do": "send"}
    assert desk.post(address, sent).status_code == 302
    assert ScriptUse.objects.get().script.slug == "when-we-cannot-say-yes"
    assert desk.post(address, {"kind": "reply", "body": "", "pick": "none", "do": "insert"}).status_code == 400


def test_a_draft_is_read_as_it_will_be_sent_and_says_what_nobody_fills_in(people, visit):
    client, address = visit(people.policy), "/desk/policies/scripts/new/"
    words = "# Late\n\nDear {customer_name}, order {order} comes on {day}. <script>alert(1)</script>\n\n{agent_name}"
    fields = {"slug": "late", "title": "Late", "kind": "reply", "texts_en": words, "do": "preview"}
    page = client.post(address, fields)
    assertContains(page, "Dear Maria Rossi, order A-4711 comes on {day}.")
    assertContains(page, "Nothing fills in {day};")
    assertContains(page, "Policy</p>")
    assertContains(page, ">missing<", count=4)
    assertNotContains(page, "<script>alert")
    assert not PolicyDraft.objects.exists(), "a preview keeps nothing"
    draft = client.post(address, fields | {"do": ""}, follow=True)
    assertContains(draft, "Dear Maria Rossi")
    playbook = client.post(address, fields | {"kind": "playbook", "slug": "other"})
    assertContains(playbook, "Dear {customer_name}, order {order}")
    assertNotContains(playbook, "Nothing fills in")


def test_a_text_says_how_it_fared_in_thirty_days(people, fresh, visit):
    ticket = fresh()
    conversation.reply(ticket.pk, actor=people.agent, body="It is on its way.", script="order-status")
    client = visit(people.agent)
    assertContains(client.get("/desk/knowledge/order-status/"), "1; tickets that came back: 0, moved up: 0")
    assertContains(client.get("/desk/knowledge/return-steps/"), "not used")
    assertNotContains(client.get("/desk/knowledge/jewelry-and-luxury/"), "Used in 30 days")


def test_a_playbook_is_at_hand_where_its_goods_are(people, visit, fresh):
    ring = fresh(subject="It does not fit", order={"products": ["Gold ring 750"]})
    lamp = fresh(subject="My parcel is late", order={"products": ["Table lamp"]})
    client = visit(people.agent)
    for ticket, there in ((ring, True), (lamp, False)):
        for page in (
            client.get(f"/desk/tickets/{ticket.pk}/decide/"),
            client.post(f"/desk/tickets/{ticket.pk}/write/", {"do": "suggest", "body": "", "kind": "reply"}),
        ):
            assert ("/desk/knowledge/jewelry-and-luxury/" in page.content.decode()) == there, ticket.subject
            assert "language-with-dignity" not in page.content.decode()
