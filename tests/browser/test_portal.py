"""A customer on a small phone, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from escalation import conversation, moves
from helpdesk import letters
from metrics.models import Rating
from tests.browser.conftest import assert_accessible, assert_fits
from tests.builders import open_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.browser


def ask(page) -> None:
    page.goto("/")
    page.get_by_label("Your name").fill("Anna Rossi")
    page.get_by_label("Your e-mail").fill("anna@example.org")
    page.get_by_label("What is it about?").fill("Ring missing from my parcel")
    page.get_by_label("What happened").fill("The parcel came open.\nThe ring is missing.")
    page.get_by_label("Files").set_input_files({"name": "box.jpg", "mimeType": "image/jpeg", "buffer": b"jpeg"})
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("heading", name="Your request has arrived")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_customer_asks_follows_replies_and_says_solved_on_a_small_phone(
    open_browser, transactional_db, people, scripts
):
    page = open_browser(width=320, scripts=scripts)
    ask(page)
    if not scripts:
        assert page.locator("main").bounding_box()["width"] <= 320
    page.get_by_role("link", name="Follow the request").click()
    expect(page.get_by_role("heading", name="Ring missing from my parcel")).to_be_visible()
    expect(page.locator(".files")).to_contain_text("box.jpg")

    number = Ticket.objects.get().pk
    conversation.reply(number, actor=people.agent, body="We send a **new ring** today.")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("main")).to_contain_text("We send a new ring today.")
    expect(page.locator(".badge")).to_contain_text("Being looked at")

    page.get_by_label("Your message").fill("Thank you!")
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator("main")).to_contain_text("Your message has arrived.")

    moves.resolve(number, actor=people.agent, summary="A new ring was sent.")
    page.get_by_role("link", name="Refresh").click()
    page.get_by_label("Very satisfied").check()
    page.get_by_label("What should we know?").fill("Quick and kind.")
    page.get_by_role("button", name="Send the rating").click()
    expect(page.locator("main")).to_contain_text("Thank you for your rating.")
    assert Rating.objects.get().score == 5

    page.get_by_role("button", name="Yes, this solved it").click()
    expect(page.locator(".badge")).to_contain_text("Closed")

    page.get_by_label("Your message").fill("It came broken.")
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator(".badge")).to_contain_text("Being looked at")
    page.get_by_text("What happened so far").click()
    expect(page.locator("details li")).to_have_count(5)


def test_button_says_sending_and_a_double_click_sends_once(open_browser, transactional_db, people):
    page = open_browser()
    ask(page)
    page.get_by_role("link", name="Follow the request").click()
    page.get_by_label("Your message").fill("Only once, please.")
    page.get_by_role("button", name="Send the message").dblclick()
    expect(page.locator("main")).to_contain_text("Your message has arrived.")
    assert Ticket.objects.get().messages.filter(body="Only once, please.").count() == 1


def test_personal_link_reaches_no_other_site(open_browser, transactional_db, people):
    page = open_browser()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(re.sub(r"^(\w+://[^/]+).*", r"\1", request.url)))
    ask(page)
    page.get_by_role("link", name="Follow the request").click()
    assert_fits(page)
    assert len(hosts) == 1


@pytest.mark.parametrize(("scripts", "scheme"), [(False, "light"), (True, "dark")])
def test_customer_signs_in_by_mail_and_finds_all_requests(
    open_browser, transactional_db, people, mailoutbox, scripts, scheme
):
    for n in range(3):
        subject = f"Ring {n} " + "long" * 20
        open_ticket(now=None, subject=subject, customer_email="anna@example.org", order={"reference": "77"})
    page = open_browser(width=320, scripts=scripts, scheme=scheme)
    page.goto("/help/my/")
    page.get_by_label("Your e-mail").fill("anna@example.org")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    letters.relay()
    link = re.search(r"http\S+(/help/sign-in/\S+)", mailoutbox[-1].body)
    page.goto(link[1])
    look = assert_accessible if scripts else assert_fits
    look(page)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main .lines > li")).to_have_count(3)
    look(page)
    page.get_by_label("Search my requests").fill("Ring 1")
    page.get_by_label("Search my requests").press("Enter")
    expect(page.locator("main .lines > li")).to_have_count(1)
    page.goto("/help/")
    page.get_by_label("What is it about?").fill("The ring again")
    page.get_by_label("What happened").fill("Still missing.")
    page.get_by_label("Order number").fill("77")
    page.expected.append("409")
    page.get_by_role("button", name="Send the request").click()
    look(page)
    page.get_by_role("button", name="Add this to").click()
    expect(page.locator("main")).to_contain_text("Still missing.")
    look(page)
    page.get_by_role("button", name="Italiano").click()
    expect(page.get_by_role("link", name="Le mie richieste").first).to_be_visible()
    page.get_by_role("button", name="Esci").click()
    page.goto("/help/my/")
    assert page.url.endswith("/help/sign-in/")
