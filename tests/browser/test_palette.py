"""The command palette and search in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from escalation import sweep
from tests.browser.conftest import assert_accessible, assert_fits
from tests.builders import open_ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(open_browser, transactional_db, people):
    sweep.beat("hand", 0)
    return lambda name="agent", **how: open_browser(getattr(people, name), **how)


def test_the_palette_acts_finds_and_gives_focus_back(desk):
    ticket = open_ticket(now=None, subject="A bracelet")
    page = desk()
    page.goto("/desk/")
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    box, field = page.locator("#palette"), page.get_by_role("combobox", name="What to do or find")
    expect(field).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("brace")
    line = page.get_by_role("option", name=re.compile(f"#{ticket.pk} A bracelet"))
    expect(line).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", line.get_attribute("id"))
    page.keyboard.press("ArrowDown")
    expect(line).to_have_attribute("aria-selected", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/desk/tickets/{ticket.pk}/"))
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("scorec")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk/scorecard/"))
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("c")  # the palette is still on its way: no shortcut
    expect(field).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("new tic")
    expect(page.get_by_role("option", name="New ticket")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.wait_for_function("document.activeElement === document.body")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/desk/tickets/new/"))


def test_the_keys_name_the_palette_and_search_works_without_scripts(desk):
    open_ticket(now=None, subject="A bracelet")
    page = desk(width=320, scheme="dark")
    page.goto("/desk/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Command palette")
    page.goto("/desk/search/?q=bracelet+floor:1")
    assert_fits(page)
    assert_accessible(page)
    page = desk(scripts=False)
    page.goto("/desk/")
    page.fill("#search", "bracelets")
    page.press("#search", "Enter")
    expect(page.locator("#found mark")).to_have_text("bracelet")
