"""What every page for customers keeps: its own errors, its languages, and what is said about data."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from escalation import outbox
from helpdesk import letters
from tests.builders import open_ticket
from tests.portal.conftest import link, words
from tickets.models import Category, Ticket

PRIVACY = "/help/privacy/"
SAME = {"English", "Italiano", "Português", "Chat", "API", "E-mail", "Cookies", "carla@example.org"}
"""Words that are the same in all languages."""
PAGES = ["/help/", "/help/response-times/", "/help/sign-in/", "/help/sign-in/sent/", PRIVACY]


def test_dead_link_says_what_to_do_in_the_portals_own_look(people, customer):
    for address in ("/help/my/12345.abcde.fghij/", "/help/nowhere/", "/help/my/7/"):
        answer = customer.get(address)
        text = answer.content.decode()
        assert answer.status_code == 404
        assert "See all your requests" in text and 'href="/help/my/"' in text and 'class="portal"' in text
        assert "desk/" not in text.replace("/static/desk.css", "")
    assert "too old" in customer.get("/help/my/12345.abcde.fghij/").content.decode()


def test_error_of_ours_is_admitted_in_the_portals_look(people, monkeypatch):
    def burst(*_args):
        raise RuntimeError("CANARY")

    monkeypatch.setattr("helpdesk.portal.times.protocol.in_force", burst)
    answer = Client(raise_request_exception=False).get("/help/response-times/")
    text = answer.content.decode()
    assert answer.status_code == 500 and 'class="portal"' in text and "CANARY" not in text


@pytest.mark.parametrize("language", ["it", "pt"])
def test_no_english_word_is_left_on_any_page(people, customer, signed_in, language):
    """Wherever a page has words, they differ from those of the English page."""
    ticket = open_ticket(now=timezone.now(), subject="·", body="·", customer_name="·")
    pages = [(customer, page) for page in [*PAGES, link(ticket), "/help/nowhere/"]]
    pages += [(signed_in, page) for page in ["/help/", "/help/my/", f"/help/my/{ticket.pk}/", PRIVACY]]

    def texts(speaks: str) -> list[set[str]]:
        signed_in.post("/help/language/", {"language": speaks})
        answers = [reader.get(page, headers={"accept-language": speaks}) for reader, page in pages]
        return [set(re.findall(r">\s*([^<>{}]*[A-Za-z]{3}[^<>{}]*?)\s*<", a.content.decode())) for a in answers]

    for (_reader, page), english, foreign in zip(pages, texts("en-gb"), texts(language), strict=True):
        assert english & foreign <= SAME, page


def test_every_page_links_to_what_is_promised_and_to_ones_data(people, customer):
    for address in PAGES:
        text = customer.get(address).content.decode()
        assert 'href="/help/response-times/"' in text and f'href="{PRIVACY}"' in text, address


def test_only_who_is_signed_in_can_ask_for_their_data_and_once_is_enough(people, customer, signed_in, mailoutbox):
    assert "Sign in to ask" in customer.get(PRIVACY).content.decode()
    assert customer.post(PRIVACY, {"what": "erase"}).url == "/help/sign-in/"
    assert not Ticket.objects.exists()
    assert signed_in.post(PRIVACY, {"what": "everything"}).status_code == 422
    answer = signed_in.post(PRIVACY, {"what": "erase"})
    ticket = Ticket.objects.get()
    assert answer.url == f"/help/my/{ticket.pk}/received/"
    assert (ticket.category.slug, ticket.customer.email) == ("privacy", "carla@example.org")
    assert ticket.escalation.floor == 1
    again = signed_in.post(PRIVACY, {"what": "copy"}, follow=True)
    assert "You have asked already" in again.content.decode() and Ticket.objects.count() == 1
    outbox.relay(letters.send)
    assert [mail.to for mail in mailoutbox] == [["carla@example.org"]]


@pytest.mark.parametrize(("language", "what"), [("en-gb", "copy"), ("it", "erase"), ("pt", "copy")])
def test_asking_for_data_is_no_alarm_in_any_language(people, signed_in, language, what):
    signed_in.post("/help/language/", {"language": language})
    signed_in.post(PRIVACY, {"what": what})
    ticket = Ticket.objects.get()
    assert ticket.escalation.floor == 1 and ticket.language == language.split("-")[0]


def test_request_for_data_arrives_in_a_house_without_that_category(people, signed_in):
    Category.objects.filter(slug="privacy").update(slug="elsewhere")
    assert signed_in.post(PRIVACY, {"what": "copy"}).status_code == 302
    assert Ticket.objects.get().category is None


def test_form_takes_very_long_and_foreign_words(people, customer):
    body = "مرحبا 💍 " + "д" * 30_000
    customer.post("/help/", words(body=body, subject="é" * 250, name="张伟"))
    ticket = Ticket.objects.get()
    assert ticket.messages.get().body == body and ticket.customer.name == "张伟"
    assert customer.post("/help/", words(body="x" * 100_001)).status_code == 422
