"""The queue by keyboard: peek, tick, act on many, and nothing lost when the list is drawn anew."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation import sweep
from helpdesk import presence
from tests.browser.conftest import assert_accessible
from tests.builders import open_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.browser

POLLS = 9_000


@pytest.fixture
def numbers(transactional_db, people):
    sweep.beat("hand", 0)
    opened = [open_ticket(now=timezone.now() - timedelta(minutes=n), subject=f"Parcel {n}") for n in (9, 6, 3, 1)]
    return [ticket.pk for ticket in opened]


def test_from_peek_to_many_resolved_without_the_mouse(open_browser, people, numbers):
    page = open_browser(people.agent)
    page.goto("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    peek = page.locator("#peek")
    expect(peek).to_contain_text("my parcel should have come on Friday")
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=f"#{numbers[0]}")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("X")
    ticked = page.locator("#rows [data-row] input:checked")
    expect(ticked).to_have_count(3)
    # Somebody's ticket arrives; the list waits, and once it is drawn anew ticks and focus are where they were.
    open_ticket(now=timezone.now(), subject="Just arrived")
    page.get_by_role("button", name="There are changes").wait_for(timeout=POLLS)
    page.keyboard.press(".")
    expect(page.locator("#rows")).to_contain_text("Just arrived")
    expect(ticked).to_have_count(3)
    expect(page.get_by_role("link", name=f"#{numbers[2]}")).to_be_focused()
    page.keyboard.press("b")
    page.keyboard.type("Resolve")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Resolve 3 tickets")
    assert_accessible(page)
    page.get_by_label("How they were resolved").fill("The parcels were found and are on their way.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("3 changed.")
    assert Ticket.objects.filter(escalation__state="resolved").count() == 3
    page.goto("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("t")  # nothing is ticked: it is about the row with the focus
    expect(page.get_by_role("heading", level=1)).to_have_text("Add tags to 1 ticket")


def test_all_on_the_page_with_and_without_scripts(open_browser, people, numbers):
    for scripts in (True, False):
        page = open_browser(people.agent, scripts=scripts, width=320)
        page.goto("/desk/")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("link", name="Tick all on this page").click()
        expect(page.locator("#rows [data-row] input:checked")).to_have_count(4)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Assign 4 tickets")


def test_more_filters_come_by_click_and_who_is_at_a_ticket_by_itself(open_browser, people, numbers):
    page = open_browser(people.agent)
    page.goto("/desk/")
    page.get_by_role("link", name="More filters").click()
    expect(page.get_by_label("Team")).to_be_focused()
    assert_accessible(page)
    presence.note(numbers[1], people.agent2)
    page.keyboard.press("Escape")
    expect(page.get_by_label("Team")).to_be_hidden()
    expect(page.locator(f"tr:has([value='{numbers[1]}'])")).to_contain_text("Agent2 is here", timeout=POLLS)
