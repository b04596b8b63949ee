"""What a demanding visitor tries first and no other test has tried: sleeping tabs, steady lists, scripts by a slash."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation import holds, sweep
from tests.builders import open_ticket, stand

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_browser, transactional_db, people):
    sweep.beat("hand", 0)
    return lambda name="agent", **how: open_browser(getattr(people, name), **how)


def seconds(words: str) -> int:
    minutes, rest = re.match(r"(\d+):(\d\d)", words).groups()
    return int(minutes) * 60 + int(rest)


def test_a_countdown_is_right_after_the_tab_slept_for_ten_minutes(desk):
    open_ticket(now=timezone.now())
    page = desk()
    page.clock.install()
    page.goto("/desk/")
    words = page.locator("main time[role=timer]").first
    before = seconds(words.inner_text())
    # A sleeping tab runs no timers at all; when it wakes, the clock on the wall has moved on.
    page.clock.fast_forward("10:00")
    expect(words).not_to_have_text(re.compile(r"^1\d:"))
    assert abs(before - seconds(words.inner_text()) - 600) <= 2


def test_focus_and_ticks_stay_while_the_list_is_asked_again_and_again(desk):
    for number in range(4):
        open_ticket(now=timezone.now() - timedelta(minutes=3 * number), subject=f"Parcel {number}")
    page = desk()
    page.clock.install()
    page.goto("/desk/")
    for key in "jxjx":
        page.keyboard.press(key)
    order = page.locator("#rows [data-row]").all_inner_texts
    subjects = [re.search(r"Parcel \d", row)[0] for row in order()]
    focused = page.evaluate("document.activeElement.id || document.activeElement.textContent")
    open_ticket(now=timezone.now() - timedelta(minutes=14), subject="Parcel 9")
    page.clock.run_for(16_000)
    expect(page.get_by_role("button", name="There are changes")).to_be_visible()
    expect(page.locator("#rows [data-row] input:checked")).to_have_count(2)
    assert page.evaluate("document.activeElement.id || document.activeElement.textContent") == focused
    assert [re.search(r"Parcel \d", row)[0] for row in order()] == subjects


def test_a_blaming_sentence_is_pointed_out_and_can_be_sent_all_the_same(desk):
    ticket = open_ticket(now=timezone.now())
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    page.fill("#body", "You failed to read the instructions. You never listen.")
    page.locator("#body").press_sequentially(" ", delay=5)
    expect(page.locator("#wording")).to_contain_text("You failed", timeout=9_000)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#said")).to_contain_text("You never listen.")


def test_a_hold_says_who_why_and_what_it_forbids_and_the_clock_goes_on(desk, people):
    ticket = open_ticket(now=timezone.now())
    due = stand(ticket).visits.get(left_at=None).due_at
    holds.place(ticket.pk, actor=people.agent, reason="The courier still looks for the box.")
    page = desk()
    page.goto(f"/desk/tickets/{ticket.pk}/")
    expect(page.locator("main")).to_contain_text("The courier still looks for the box.")
    expect(page.locator("#stand time[role=timer]").first).to_contain_text("left")
    assert stand(ticket).visits.get(left_at=None).due_at == due
    # In bulk the refusal has the same words.
    page.goto("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("b")
    page.keyboard.type("Resolve")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("How they were resolved").fill("The box was found.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("The courier still looks for the box.")
    assert stand(ticket).state == "floor_1"
