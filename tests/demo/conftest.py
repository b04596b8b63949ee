"""A demo within a test: its clock and schema are made in the test's transaction and gone with it."""

from datetime import UTC, datetime

import pytest
from django.conf import settings as everything
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from helpdesk.demo import clock, content, day, mode, people
from policies.models import ApprovalRule, DecisionRule, FloorLimit, ResponseTime, Right, Script, Trigger
from tickets.models import User

TUESDAY = day.tuesday(datetime(2026, 11, 19, 12, tzinfo=UTC))
"""Half past eight in Rome, where the shop is."""


def switch_on(settings, monkeypatch) -> None:
    """Let this process be a demo, except for the path on which PostgreSQL looks for the clock."""
    ours = {name: getattr(everything, name) for name in dir(everything) if name.isupper()}
    for name, value in mode.changed(ours).items():
        if name != "DATABASES":
            setattr(settings, name, value)
    monkeypatch.setattr(clock, "_stand", None)
    monkeypatch.setattr(timezone, "now", clock.now)


def open_shop() -> None:
    """Make the shop on that morning, with its people and without the weeks before."""
    clock.create(TUESDAY)
    call_command("starter")
    for policy in (ApprovalRule, DecisionRule, FloorLimit, ResponseTime, Right, Script, Trigger):
        policy.objects.update(valid_from=TUESDAY - content.IN_FORCE_FOR)
    people.hire(password="not asked for in a demo", now=TUESDAY)
    User.objects.update(undo_seconds=0)


@pytest.fixture
def virtual(db, settings, monkeypatch):
    """The virtual clock, standing on a Tuesday at half past eight."""
    switch_on(settings, monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = demo, pg_catalog, public")
    clock.create(TUESDAY)
    return clock


@pytest.fixture
def demo(virtual):
    """The shop on that morning."""
    open_shop()
    return virtual
