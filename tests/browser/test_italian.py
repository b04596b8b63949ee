"""The desk in another language, dark and enlarged, by somebody who uses no mouse."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from escalation import sweep
from tests.browser.conftest import assert_fits
from tests.builders import open_ticket, stand
from tickets.models import User

pytestmark = pytest.mark.browser

COVERED = """() => {
  const el = document.activeElement, box = el.getBoundingClientRect();
  if (el === document.body) return "nothing has the focus";
  const x = box.left + Math.min(box.width, innerWidth - box.left) / 2, y = box.top + Math.min(box.height, 20) / 2;
  const top = document.elementFromPoint(x, y);
  return top && (el.contains(top) || top.contains(el)) ? "" : `${el.outerHTML.slice(0, 80)} is out of sight`;
}"""
"""What hides the element that has the focus (WCAG 2.4.11), or ''."""


def assert_focus_in_sight(page: Page) -> None:
    assert page.evaluate(COVERED) == ""
    assert_fits(page)


def test_a_ticket_from_arrival_to_close_in_italian_dark_and_twice_as_large_by_keyboard(
    open_browser, transactional_db, people
):
    sweep.beat("hand", 0)
    User.objects.filter(pk=people.agent.pk).update(language="it", theme="dark", undo_seconds=0)
    people.agent.refresh_from_db()
    ticket = open_ticket(now=timezone.now())
    page = open_browser(people.agent, width=720, height=450, scheme="dark")  # 1440 by 900 at 200 %
    page.goto("/desk/")
    expect(page.locator("html")).to_have_attribute("lang", "it")
    page.keyboard.press("j")
    assert_focus_in_sight(page)
    page.keyboard.press("Enter")
    expect(page.locator("#stand")).to_contain_text(re.compile(r"entro le \d\d:\d\d"))
    page.keyboard.press("r")
    assert_focus_in_sight(page)
    page.keyboard.type("Buongiorno, il pacco riparte oggi.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Buongiorno, il pacco riparte oggi.", timeout=9_000)
    expect(page.locator("#body")).to_have_value("")
    page.keyboard.press("s")
    expect(page.locator("#resolve-words")).to_be_focused()
    assert_focus_in_sight(page)
    page.keyboard.type("Il pacco è stato spedito di nuovo.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stand")).to_contain_text("Risolto")
    assert stand(ticket).state == "resolved"
    page.goto(f"/desk/tickets/{ticket.pk}/log/")
    log = page.locator("main").inner_text()
    assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d", log) and "risolto" in log
    assert not re.search(r"\b[ap]\.?m\.?\b|Floor|resolved", log)
    for _step in range(6):
        page.keyboard.press("Tab")
        assert_focus_in_sight(page)
