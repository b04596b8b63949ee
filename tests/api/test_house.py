"""Floors, scripts, and the lists of what the house has."""

from datetime import timedelta

import pytest

from policies.models import FloorLimit
from tests.api.conftest import opened

pytestmark = pytest.mark.django_db


def test_a_floor_limit_changes_for_stays_that_begin_after_it(house):
    assert [(f["floor"], f["limit"]) for f in house.agent.get("floors/").data["results"]] == [
        (1, "PT15M"),
        (2, "PT10M"),
        (3, "PT1H"),
    ]
    before = house.agent.get(f"tickets/{opened(house.agent)}/").data
    changed = house.policy_owner.patch("floors/1/", {"limit": "PT20S"})
    assert changed.status_code == 200
    assert (changed.data["limit"], changed.data["version"]) == ("PT20S", 2)
    assert house.agent.get(f"tickets/{before['number']}/").data["floor_deadline"] == before["floor_deadline"]
    visit = house.agent.get(f"tickets/{opened(house.agent)}/visits/").data["results"][0]
    assert visit["due_at"] and FloorLimit.objects.filter(floor=1).count() == 2


def test_a_limit_that_is_none_is_refused(house):
    for limit in ("20", "PT", "P", "PT0S", "-PT5M", "P31D", "PT5X", "", 20, None, "15:00", "P1Y"):
        answer = house.policy_owner.patch("floors/1/", {"limit": limit})
        assert answer.status_code == 400 and answer.data["errors"][0]["field"] == "limit", limit
    assert FloorLimit.objects.get(floor=1).limit == timedelta(minutes=15)


def test_who_changes_floors(house):
    for api in (house.agent, house.supervisor, house.head_of_risk, house.legal, house.executive, house.manager):
        assert api.patch("floors/1/", {"limit": "PT20M"}).status_code == 403
    assert house.admin.patch("floors/1/", {"limit": "PT20M"}).status_code == 200
    assert house.admin.patch("floors/4/", {"limit": "PT20M"}).status_code == 404
    assert house.admin.patch("floors/1/", {"limit": "PT20M", "floor": 2}).status_code == 400
    assert house.admin.patch("floors/1/", {}).status_code == 400


def test_the_house_is_listed(house):
    assert {"slug": "web", "name": "Web form", "team": "first-line"} in house.agent.get("channels/").data["results"]
    teams = {team["slug"]: team for team in house.agent.get("teams/").data["results"]}
    assert "agent@example.com" in teams["first-line"]["members"]
    assert "damage" in [c["slug"] for c in house.agent.get("categories/").data["results"]]
    assert "vip" in [t["slug"] for t in house.agent.get("tags/").data["results"]]
    script = house.agent.get("scripts/").data["results"][0]
    assert script["texts"]["en"] and script["version"] == 1
