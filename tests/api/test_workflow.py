"""The review of the workflow through the API."""

import pytest

from metrics import fridays
from tests.api.conftest import opened, raised_to
from tickets.clock import database_now

pytestmark = pytest.mark.django_db


def test_the_review_adds_up(house):
    opened(house.agent)
    raised_to(house, 3)
    found = house.manager.get("workflow/")
    assert found.status_code == 200, found.content
    assert found.data["week"] == fridays.name(fridays.of(database_now()))
    assert found.data["total"]["arrivals"] == 4
    assert {line["key"]: line["arrivals"] for line in found.data["floors"]} == {"1": 2, "2": 1, "3": 1}
    for table in ("floors", "ways", "teams", "channels", "weeks"):
        assert sum(line["arrivals"] for line in found.data[table]) == 4, table
    assert found.data["requests"][0]["kind"] == "floor_3"
    assert found.data["requests"][0]["states"] == {"approved": 1}
    narrowed = house.manager.get(f"workflow/?week={found.data['week']}&floor=3&team=risk-legal&channel=web").data
    assert narrowed["total"]["arrivals"] == 1 and narrowed["total"]["share_closed"] == 0


def test_without_stays_a_share_is_null(house):
    assert house.agent.get("workflow/").data["total"]["share_closed"] is None


def test_what_is_not_there_is_refused(house):
    for query in ("floor=4", "team=unheard", "channel=unheard", "trigger=unheard", "nonsense=1", "week=soon"):
        assert house.manager.get(f"workflow/?{query}").status_code == 400, query
    assert house.stranger.get("workflow/").status_code == 403
