"""Floors, scripts, and the lists of what the house has."""

from datetime import timedelta

import pytest

from policies import calendars
from policies.models import FloorLimit
from tests.api.conftest import opened, raised_to
from tests.builders import T0

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


def test_a_floor_runs_in_a_calendar_and_its_deadlines_are_explained(house):
    calendars.put_in_force(
        calendars.draft(slug="night", name="Night", zone="Europe/Rome", week=[[["00:00", "24:00"]]] * 7, now=T0),
        actor=house.people["policy_owner"],
        now=T0,
    )
    assert house.agent.get("calendars/").data["results"][0]["slug"] == "night"
    changed = house.policy_owner.patch("floors/1/", {"limit": "PT20M", "calendar": "night"})
    assert (changed.status_code, changed.data["calendar"], changed.data["limit"]) == (200, "night", "PT20M")
    assert house.policy_owner.patch("floors/1/", {"limit": "PT25M"}).data["calendar"] == "night"
    assert house.policy_owner.patch("floors/1/", {"limit": "PT25M", "calendar": "none"}).status_code == 400
    number = opened(house.agent)
    house.agent.post(f"tickets/{number}/wait/", {"reason": "A photo is needed"})
    house.agent.post(f"tickets/{number}/resume/")
    visit = house.agent.get(f"tickets/{number}/visits/").data["results"][0]
    found = house.agent.get(f"tickets/{number}/visits/{visit['id']}/explanation/").data
    assert found["agrees"] is True and found["due_at"] == visit["due_at"]
    assert (found["limit"], found["policy"]["version"], found["calendar"]["slug"]) == ("PT25M", 3, "night")
    assert [stop["reason"] for stop in found["pauses"]] == ["A photo is needed"]
    assert found["steps"][-1]["used"] == "PT25M"
    assert house.policy_owner.patch("floors/1/", {"limit": "PT15M", "calendar": None}).data["calendar"] is None
    assert house.agent.get(f"tickets/{number}/visits/999999/explanation/").status_code == 404
    secret = raised_to(house, 3)
    visit = house.legal.get(f"tickets/{secret}/visits/").data["results"][0]
    assert house.agent.get(f"tickets/{secret}/visits/{visit['id']}/explanation/").status_code == 404


def test_the_house_is_listed(house):
    assert {"slug": "web", "name": "Web form", "team": "first-line"} in house.agent.get("channels/").data["results"]
    teams = {team["slug"]: team for team in house.agent.get("teams/").data["results"]}
    assert "agent@example.com" in teams["first-line"]["members"]
    assert "damage" in [c["slug"] for c in house.agent.get("categories/").data["results"]]
    assert "vip" in [t["slug"] for t in house.agent.get("tags/").data["results"]]
    script = house.agent.get("scripts/").data["results"][0]
    assert script["texts"]["en"] and script["version"] == 1
