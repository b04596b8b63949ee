"""The review of the workflow and foresight in a browser: readable by everybody, in both themes, on a phone."""

import os

import pytest

from escalation import moves
from metrics.models import ForesightModel
from tests.browser.conftest import assert_accessible, assert_fits
from tests.builders import cast, on_floor, open_ticket
from tickets.clock import database_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    people = cast()
    now = database_now()
    for place in range(6):
        ticket = open_ticket(now=now, channel=("web", "phone")[place % 2])
        if place < 4:
            moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=now)
    for floor in (2, 2, 3):
        on_floor(floor, people, now=now)
    open_ticket(now=now, body="My lawyer will sue you")
    ForesightModel.objects.create(
        trained_at=now, learned_from=now, learned_until=now, stays=812, missed=240, base_rate=0.3, brier=0.121,
        brier_base=0.208, calibration=[[place * 3.1 + 2, 40, min(40, place * 4 + 1)] for place in range(10)],
        cells={"": [900, 300], "1.0": [500, 120], "1.3": [80, 60], "2.0": [120, 50]},
    )  # fmt: skip
    return people


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_review_is_accessible_and_fits(house, open_browser, scheme):
    for width in (1440, 320):
        page = open_browser(house.manager, width=width, scheme=scheme)
        for name, address in (("workflow", "/desk/workflow/"), ("foresight", "/desk/foresight/")):
            page.goto(address)
            if folder := os.environ.get("SCREENSHOTS"):
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
            assert_accessible(page) if width == 1440 else assert_fits(page)


def test_a_number_leads_to_its_rows_without_scripts(house, open_browser):
    page = open_browser(house.legal, scripts=False)
    page.goto("/desk/scorecard/")
    page.get_by_role("link", name="Workflow", exact=True).click()
    page.get_by_role("row", name="Floor 3").get_by_role("link").first.click()
    assert page.get_by_text("All 2 shown.").is_visible()
    page.get_by_role("link", name="← Workflow").click()
    page.get_by_label("Floor", exact=True).select_option("1")
    page.get_by_role("button", name="Filter").click()
    assert "floor=1" in page.url
