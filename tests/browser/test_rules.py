"""The rules in a browser: drafted and tried without scripts, readable at every width."""

import pytest
from django.urls import reverse

from policies import drafts
from tests import builders
from tests.browser.conftest import assert_accessible
from tests.builders import T0

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


def test_the_rules_fit_every_width_and_can_be_read_by_everybody(people, open_browser):
    drafts.begin(
        actor=people.policy,
        slug="refunds",
        terms={"name": "Refunds", "phrases": {"en": ["refund"]}, "floor": 2},
        now=T0,
    )
    for width, scheme in ((1440, "light"), (360, "dark")):
        page = open_browser(people.policy, width=width, scheme=scheme)
        for address in (reverse("desk:rules"), reverse("desk:rule_new") + "?from=legal-risk"):
            page.goto(address)
            assert_accessible(page)
