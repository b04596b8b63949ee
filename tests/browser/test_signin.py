"""Signing in as a person does it, and what the shell does with scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import assert_accessible
from tickets.models import User

pytestmark = pytest.mark.browser
PASSWORD = "a long enough passphrase"


@pytest.fixture
def marta(transactional_db, people) -> User:
    people.agent.set_password(PASSWORD)
    people.agent.save()
    return people.agent


@pytest.mark.parametrize("scripts", [True, False])
def test_staff_sign_in_choose_a_theme_and_sign_out(open_browser, marta, scripts):
    page = open_browser(scripts=scripts)
    page.goto("/desk/")
    page.get_by_label("Email").fill(marta.email.upper())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/desk/$"))
    page.locator(".topbar details.menu summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".topbar details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/account/login/"))


def test_question_mark_lists_the_keys_of_the_page_and_they_can_be_switched_off(open_browser, marta):
    page = open_browser(marta)
    page.goto("/desk/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("dd").first).to_have_text("Next ticket")  # those of this page first
    expect(dialog).to_contain_text("Search")
    assert_accessible(page)
    dialog.get_by_role("button", name="Switch single-key shortcuts off").click()
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_keys_typed_into_a_field_are_only_text(open_browser, marta):
    page = open_browser(marta)
    page.goto("/desk/")
    page.keyboard.press("/")
    page.keyboard.type("j?x/g")
    expect(page.locator("#search")).to_have_value("j?x/g")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_two_keys_in_a_row_go_to_a_view(open_browser, marta):
    page = open_browser(marta)
    page.goto("/desk/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("view=mine"))


def test_api_docs_open_under_their_own_policy(open_browser, marta):
    page = open_browser(marta)
    page.goto("/api/docs/")
    expect(page.locator(".swagger-ui .info")).to_contain_text("Helpdesk REST API")
