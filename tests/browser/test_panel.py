"""The ticket's panel in a real browser: what it fetches only when it is asked for."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation import sweep
from escalation.models import Decision
from tests.builders import open_ticket

pytestmark = pytest.mark.browser


def test_a_remedy_is_decided_in_the_panel_by_keyboard(open_browser, transactional_db, people):
    sweep.beat("hand", 0)
    ticket = open_ticket(now=timezone.now())
    page = open_browser(people.agent)
    page.expected.append("400")
    page.goto("/desk/?view=unassigned")
    page.goto(f"/desk/tickets/{ticket.pk}/")
    expect(page.locator(".page-actions")).to_contain_text("1 of 1 in Floor 1, unassigned")
    page.keyboard.press("d")
    expect(page.locator("#id_problem")).to_be_focused()
    page.locator("#id_amount").press_sequentially("180")
    expect(page.locator("#ruling")).to_contain_text("A review starts when you decide.")
    page.locator("#id_amount").fill("80")
    expect(page.locator("#ruling")).to_contain_text("You may decide this alone")
    assert not Decision.objects.exists()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#decide .has-errors")).to_contain_text("must not be empty")
    page.locator("#id_rationale").fill("The photo shows the crack.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Decided.")
    assert Decision.objects.get().amount == 80
