"""The desk in a real browser: a day's work, live pages, no scripts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation import conversation, moves, sweep
from tests import builders
from tests.browser.conftest import assert_fits
from tests.builders import open_ticket, stand

pytestmark = pytest.mark.browser

POLLS = 9_000
"""Milliseconds within which an open page has surely asked for news (it asks every 5 s)."""

WHY = "The customer and the shop tell two stories."


@pytest.fixture
def desk(open_browser, transactional_db, people):
    """Return a function that opens the desk for somebody; the clock was just looked at."""
    sweep.beat("hand", 0)
    return lambda name="agent", **how: open_browser(getattr(people, name), **how)


@pytest.fixture
def ticket(transactional_db, people):
    return open_ticket(now=timezone.now() - timedelta(minutes=2), order={"reference": "A-17"})


def test_from_queue_to_reply_to_escalation(desk, ticket):
    page = desk()
    page.goto("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/desk/tickets/{ticket.pk}/"))
    page.keyboard.press("r")
    page.keyboard.type("Good morning, n f h i are letters here.")
    expect(page.locator("#body")).to_have_value("Good morning, n f h i are letters here.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("n f h i are letters here", timeout=POLLS)
    expect(page.locator("#body")).to_have_value("")
    page.keyboard.press("f")
    expect(page.locator("#up-words")).to_be_focused()
    page.expected.append("status of 400")
    page.keyboard.type("short")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why in at least")).to_be_visible()
    page.locator("#up-words").fill(WHY)
    page.locator("#up-words").press("Control+Enter")
    expect(page.locator("#stand [aria-current=step]")).to_have_text("Floor 2")
    expect(page.locator("#acts")).to_contain_text("Floor 2 is worked by")
    assert stand(ticket).floor == 2


def test_from_arrival_to_close_without_the_mouse(desk, ticket):
    page = desk()
    page.goto("/desk/")
    page.keyboard.press("N")
    expect(page).to_have_url(re.compile(f"/desk/tickets/{ticket.pk}/"))
    page.keyboard.press("t")
    expect(page.locator("#label-subject")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    page.fill("#snooze-at", "2031-05-06T09:30")
    expect(page.locator("#act-snooze output")).to_have_text("Tuesday, 6 May 2031 at 09:30")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.locator("#resolve-words")).to_be_focused()
    page.keyboard.type("The parcel has come.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stand")).to_contain_text("Resolved")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Back to the queue")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/desk/$"))
    assert stand(ticket).floor is None


def test_acting_keeps_the_draft_in_the_composer(desk, ticket):
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "A draft that must not be lost")
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator("#acts")).to_contain_text("This ticket is yours now.")
    expect(page.locator("#stand")).to_contain_text("Agent")
    page.locator("#act-hold summary").click()
    page.fill("#hold-words", "short")
    page.locator("#act-hold button").click()
    page.expected.append("400")
    expect(page.locator("#acts")).to_contain_text("at least 10 characters")
    expect(page.locator("#hold-words")).to_have_value("short")
    expect(page.locator("#body")).to_have_value("A draft that must not be lost")


def test_a_ticket_climbs_before_my_eyes_and_nothing_typed_is_lost(desk, ticket):
    page = desk("specialist")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "Half a sentence")
    page.locator("#act-up summary").click()
    page.fill("#up-words", WHY)
    sweep.sweep(as_of=builders.visit(ticket).due_at)
    expect(page.locator("#stand")).to_contain_text("Moved here by the clock", timeout=POLLS)
    # The action in use is not redrawn under the hand; when it is, its words stay.
    show = page.locator("[data-waits-for=acts] button")
    expect(show).to_be_visible()
    expect(page.locator("#up-words")).to_have_value(WHY)
    show.click()
    expect(page.locator("#act-up summary")).to_contain_text("Ask to move to Floor 3")
    expect(page.locator("#up-words")).to_have_value(WHY)
    expect(page.locator("#body")).to_have_value("Half a sentence")


def test_new_messages_appear_and_a_reply_past_one_is_held_back_once(desk, ticket):
    page = desk()
    page.expected.append("409")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "My answer")
    conversation.customer_message(ticket.pk, body="It has come after all")
    expect(page.locator("#said")).to_contain_text("It has come after all", timeout=POLLS)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#composer")).to_contain_text("wrote while you were writing")
    expect(page.locator("#body")).to_have_value("My answer")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("#said")).to_contain_text("My answer")


def test_a_ticket_that_goes_out_of_sight_says_so_and_leaves_the_draft(desk, people, ticket):
    page = desk()
    page.expected.append("404")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "My long answer")
    moves.escalate(ticket.pk, actor=people.legal, justification=WHY)
    moves.escalate(ticket.pk, actor=people.legal, justification=WHY)
    expect(page.locator("#stand")).to_contain_text("You may not see ticket", timeout=POLLS)
    expect(page.locator("#body")).to_have_value("My long answer")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#composer")).to_contain_text("Nothing was sent; your words are below")
    expect(page.locator("#body")).to_have_value("My long answer")


def test_a_draft_survives_a_reload_and_an_ended_session_until_it_is_sent(desk, people, ticket):
    people.agent.set_password("a long enough password")
    people.agent.save()
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "My long answer")
    page.reload()
    expect(page.locator("#body")).to_have_value("My long answer")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Send", exact=True).click()
    page.fill("[name=login]", people.agent.email)
    page.fill("[name=password]", "a long enough password")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_have_value("My long answer")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#said")).to_contain_text("My long answer")
    expect(page.locator("#body")).to_have_value("")


def test_a_script_is_inserted_below_what_is_written(desk, ticket):
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "Before.")
    page.keyboard.type("\n/")
    expect(page.locator("#pick")).to_be_focused()
    page.select_option("#pick", label="Item arrived damaged")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_have_value(re.compile(r"^Before\.\n\n.*Carla", re.S))
    expect(page.locator("#body")).to_be_focused()
    page.keyboard.type("And so on")
    expect(page.locator("#body")).to_have_value(re.compile(r"Carla.+And so on$", re.S))


def test_an_offline_send_says_so_and_loses_nothing(desk, ticket):
    page = desk()
    page.expected += ["net::", "htmx:"]
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "My answer")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("No connection")
    expect(page.locator("#body")).to_have_value("My answer")
    page.context.set_offline(False)
    toast.get_by_role("button", name="Try again").click()
    expect(page.locator("#said")).to_contain_text("My answer")
    assert ticket.messages.count() == 2


def test_a_supervisor_signs_with_the_keyboard(desk, people, ticket):
    moves.escalate(ticket.pk, actor=people.agent, justification=WHY)
    moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)
    page = desk("supervisor")
    page.goto("/desk/approvals/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Move to Floor 3")
    page.keyboard.press("?")
    expect(page.locator("#keys").get_by_text("Sign", exact=True)).to_be_visible()  # without the key drawn beside it
    page.keyboard.press("Escape")
    page.keyboard.press("y")
    assert stand(ticket).floor == 2
    page.keyboard.type("Risk and Legal must see this")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Signed: Move to Floor 3")
    assert stand(ticket).floor == 3


def test_the_whole_triage_works_without_scripts_on_a_phone(desk, people, ticket):
    page = desk(width=320, height=640, scripts=False)
    page.goto("/desk/")
    assert_fits(page)
    page.get_by_role("button", name="Next ticket").click()
    expect(page.locator("main")).to_contain_text(f"#{ticket.pk} is yours now.")
    page.get_by_text("Internal note").click()
    page.fill("#body", "Seen, calling the store")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".message-note")).to_contain_text("Seen, calling the store")
    page.select_option("#pick", index=1)
    page.get_by_role("button", name="Insert").click()
    page.fill("#body", "We are on it.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#said")).to_contain_text("We are on it.")
    page.locator("#act-hold summary").click()
    page.fill("#hold-words", "The goods must come back first")
    page.locator("#act-hold button").click()
    expect(page.locator("#stand")).to_contain_text("The goods must come back first")
    page.locator("#act-up summary").click()
    page.fill("#up-words", WHY)
    page.locator("#act-up button").click()
    expect(page.locator("#stand [aria-current=step]")).to_have_text("Floor 2")
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)
    supervisor = desk("supervisor", width=320, height=640, scripts=False)
    supervisor.goto(f"/desk/approvals/{asked.pk}/")
    assert_fits(supervisor)
    supervisor.fill("[name=note]", "Risk and Legal must see this")
    supervisor.get_by_role("button", name="Approve the move").click()
    expect(supervisor.locator("main")).to_contain_text("Signed: Move to Floor 3")


def test_eighteen_tickets_fit_on_one_screen(desk, people):
    for number in range(20):
        open_ticket(now=timezone.now() - timedelta(seconds=number), subject=f"Parcel {number}")
    page = desk()
    page.goto("/desk/")
    bottoms = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.getBoundingClientRect().bottom)")
    assert sum(bottom <= 900 for bottom in bottoms) >= 18
