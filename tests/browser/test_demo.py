"""The bar of a demo in Chromium: countdowns at the day's rate, pausing, and being somebody else."""

import re

import pytest
from django.db import connection, connections
from playwright.sync_api import expect

from helpdesk.demo import day
from tests.browser.conftest import assert_accessible
from tests.demo.conftest import TUESDAY, open_shop, switch_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OFF = """
DO $$ DECLARE c record; BEGIN
    FOR c IN SELECT d.adrelid::regclass AS t, a.attname AS name FROM pg_attrdef d
        JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE pg_get_expr(d.adbin, d.adrelid) ~ 'statement_timestamp' AND d.adrelid::regclass::text !~ '^demo'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT pg_catalog.statement_timestamp()', c.t, c.name);
    END LOOP;
END $$;
DROP SCHEMA demo, demo_morning CASCADE;
"""


@pytest.fixture
def demo(transactional_db, settings, monkeypatch):
    """A demo that a server in another thread sees; the database is put back as it was."""
    switch_on(settings, monkeypatch)
    options = connections.databases["default"]["OPTIONS"]
    monkeypatch.setitem(options, "options", options["options"] + " -c search_path=demo,pg_catalog,public")
    connection.close()
    open_shop()
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = public")
        cursor.execute(OFF)
    monkeypatch.undo()
    connection.close()


def test_bar_runs_the_clocks_of_the_page_and_changes_who_one_is(demo, open_browser):
    page = open_browser()
    day.forward_to(day.at("08:37", TUESDAY))
    page.goto("/demo/")
    assert_accessible(page)
    page.get_by_label("You are:").select_option("agent")
    page.get_by_role("button", name="Switch").click()
    page.wait_for_url("**/demo/")
    page.goto("/desk/")
    left = page.locator("time[role=timer]").first
    expect(left).to_have_text("14:00 left")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-rate]").last).to_have_text("×30")
    # Half a minute of the day is a second of ours.
    expect(left).to_have_text(re.compile(r"^1[0-2]:\d\d left"), timeout=8000)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#demo [data-rate]")).to_have_text("stopped")
    stood = left.text_content()
    page.wait_for_timeout(1200)
    assert left.text_content() == stood
    assert_accessible(page)
    page.get_by_label("You are:").select_option("legal")
    page.get_by_role("button", name="Switch").click()
    expect(page.locator(".avatar").first).to_have_text("LL")


def test_bar_works_without_scripts_on_a_narrow_screen(demo, open_browser):
    page = open_browser(scripts=False, width=320)
    page.goto("/demo/")
    page.get_by_role("button", name="Step to next event").click()
    expect(page.locator("#demo [data-time]")).to_have_text("Tue 08:36")
    page.get_by_label("You are:").select_option("agent")
    page.get_by_role("button", name="Switch").click()
    expect(page.get_by_label("You are:")).to_have_value("agent")
