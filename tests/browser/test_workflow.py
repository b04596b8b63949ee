"""The review of the workflow in a browser."""

import pytest

from tests.builders import cast, on_floor, open_ticket
from tickets.clock import database_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    people = cast()
    for floor in (2, 2, 3):
        on_floor(floor, people, now=database_now())
    open_ticket(now=database_now(), body="My lawyer will sue you")
    return people


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
