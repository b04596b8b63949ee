"""The rules in a browser: drafted and tried without scripts."""

import pytest
from django.urls import reverse

from tests import builders

pytestmark = pytest.mark.browser


def test_a_rule_is_drafted_and_tried_without_scripts(people, open_browser):
    builders.open_ticket(now=None, body="I want a refund.")
    page = open_browser(people.policy, scripts=False)
    page.goto(reverse("desk:rules"))
    page.get_by_label("Message").fill("My lawyer will write.")
    page.get_by_role("button", name="Ask the rules").click()
    assert page.get_by_role("status").get_by_text("Threat of legal action").is_visible()
    page.get_by_role("link", name="Draft a rule").click()
    page.get_by_label("Name").fill("Refunds")
    page.get_by_label("The text contains (English)").fill("refund")
    page.get_by_label("Go to").select_option("2")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Try on last week").click()
    assert page.get_by_text("It fires on 1 tickets").is_visible()
    assert page.get_by_text("somebody else must publish it").is_visible()
