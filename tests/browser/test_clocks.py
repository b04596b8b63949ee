"""Clocks, calendars and the explained deadline in a browser: every width, both themes, with and without scripts."""

import os

import pytest

from escalation import waiting
from policies import calendars, floors
from policies.floors import Scope, Terms
from tests import builders
from tests.browser.conftest import assert_accessible
from tests.builders import minutes
from tickets.clock import database_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(transactional_db):
    """A floor that runs in office hours, and a ticket in it whose clock was paused once."""
    people, now = builders.cast(), database_now()
    week = [[["00:00", "12:00"], ["12:00", "24:00"]]] * 7
    draft = calendars.draft(slug="office", name="Office", zone="Europe/Rome", week=week, country="IT", now=now)
    calendar = calendars.put_in_force(draft, actor=people.policy, now=now)
    floors.put_in_force(Scope(1), Terms(minutes(15), calendar), actor=people.policy, now=now)
    ticket = builders.open_ticket(now=None)
    waiting.wait(ticket.pk, actor=people.agent, reason="A photo is needed")
    waiting.resume(ticket.pk, actor=people.agent)
    return people, ticket


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (768, "dark"), (1440, "light")])
def test_pages_about_time_fit_and_are_accessible(house, open_browser, width, scheme):
    people, ticket = house
    page = open_browser(people.policy, width=width, scheme=scheme)
    for path in (f"/desk/tickets/{ticket.pk}/deadline/", "/desk/clocks/", "/desk/calendars/office/"):
        page.goto(path)
        assert_accessible(page)
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/{width}{path.replace('/', '-')}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_owner_asks_what_if_and_puts_it_in_force(house, open_browser, scripts):
    people, ticket = house
    page = open_browser(people.policy, scripts=scripts)
    page.goto("/desk/clocks/")
    page.get_by_label("Minutes on this floor").fill("30")
    page.get_by_role("button", name="What if?").click()
    page.get_by_text("One live ticket is concerned").wait_for()
    assert page.get_by_role("link", name=f"#{ticket.pk}").is_visible()
    page.get_by_role("button", name="Put in force").click()
    page.get_by_text("in force for stays that begin from now on").wait_for()
    assert floors.limits().find(1).limit == minutes(30)
