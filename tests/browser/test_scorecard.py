"""The scorecard in a real browser: printable, usable by keyboard and without scripts."""

import re

import pytest

from tests import builders
from tests.metrics.story import weeks_of_work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CARD = "/desk/scorecard/?week=2026-W47"


@pytest.fixture
def people(transactional_db):
    cast = builders.cast()
    weeks_of_work(cast, 3)
    return cast


def test_the_eight_cards_print_on_one_a4_page(open_browser, people):
    page = open_browser(people.agent)
    page.goto(CARD)
    printed = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", printed) == [b"1"]
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed).groups())
    assert (round(width), round(height)) == (842, 595)


def test_arrow_keys_turn_the_weeks_and_a_digit_opens_a_figure(open_browser, people):
    page = open_browser(people.agent)
    page.goto(CARD)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**week=2026-W46*")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**week=2026-W47*")
    page.keyboard.press("3")
    page.wait_for_url("**/figures/first_response_time/**")
    assert page.get_by_role("heading", name="First response time").is_visible()


def test_the_pulse_is_answered_without_scripts(open_browser, people):
    page = open_browser(people.specialist2, scripts=False, width=320)
    page.goto("/desk/pulse/")
    page.get_by_label("Good", exact=True).check()
    page.get_by_role("button", name="Send the answer").click()
    assert page.get_by_text("You have answered this week").is_visible()
