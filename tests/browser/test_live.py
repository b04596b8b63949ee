"""Pages that keep themselves up to date, and never take anything from under a hand."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.builders import open_ticket

pytestmark = pytest.mark.browser

POLLS = 9_000
"""Milliseconds within which an open page has surely asked for news (it asks every 5 s)."""


@pytest.fixture
def queue(open_browser, transactional_db, people):
    for number in range(3):
        open_ticket(now=timezone.now() - timedelta(minutes=9 * number), subject=f"Parcel {number}")
    page = open_browser(people.agent)
    page.goto("/desk/")
    return page


def test_countdown_counts_down_each_second_in_words(queue):
    words = queue.locator("main time[role=timer]").first
    before = words.inner_text()
    assert re.fullmatch(r"\d+:\d\d (left|late)", before)
    expect(words).not_to_have_text(before, timeout=3_000)


def test_countdown_changes_word_shape_and_colour_as_time_passes(queue):
    clock = queue.locator("main time[role=timer]").last
    expect(clock).to_have_class(re.compile("is-ok"))
    clock.evaluate("el => { el.dateTime = new Date(Date.now() + 200_000).toISOString(); }")
    expect(clock).to_have_class(re.compile("is-warn"), timeout=3_000)
    clock.evaluate("el => { el.dateTime = new Date(Date.now() - 60_000).toISOString(); }")
    expect(clock).to_have_class(re.compile("is-late"), timeout=3_000)
    expect(clock).to_contain_text("1:0")
    shape = "el => getComputedStyle(el, '::before').webkitMaskPositionX"
    assert clock.evaluate(shape) == "-24px"


def test_new_ticket_appears_by_itself(queue):
    open_ticket(now=timezone.now(), subject="Just arrived")
    expect(queue.locator("main")).to_contain_text("Just arrived", timeout=POLLS)


def test_ticked_row_holds_the_list_still_until_changes_are_asked_for(queue):
    queue.keyboard.press("j")
    queue.keyboard.press("x")
    expect(queue.locator("main [data-row] input:checked")).to_have_count(1)
    open_ticket(now=timezone.now(), subject="Just arrived")
    show = queue.get_by_role("button", name="There are changes")
    expect(show).to_be_visible(timeout=POLLS)
    expect(queue.locator("main")).not_to_contain_text("Just arrived")
    expect(queue.locator("main [data-row] input:checked")).to_have_count(1)
    queue.keyboard.press(".")
    expect(queue.locator("main")).to_contain_text("Just arrived", timeout=POLLS)
    expect(show).to_have_count(0)


def test_lost_connection_is_told_and_forgotten_when_it_is_back(queue):
    queue.expected += ["net::", "htmx:"]
    queue.context.set_offline(True)
    toast = queue.locator(".toast[role=alert]")
    expect(toast).to_contain_text("No connection", timeout=POLLS)
    queue.context.set_offline(False)
    expect(toast).to_have_count(0, timeout=POLLS)


def test_signed_out_elsewhere_leads_to_the_whole_sign_in_page_and_back(queue):
    queue.context.clear_cookies()
    queue.wait_for_url(re.compile(r"/account/login/\?next="), timeout=POLLS)
    expect(queue.get_by_role("heading", name="Sign in")).to_be_visible()
