"""The Friday scorecard through the API: drafts, editions, the tickets behind a figure."""

from datetime import timedelta

import pytest

from escalation import conversation, moves
from metrics import fridays, scorecard
from policies.models import FloorLimit, ResponseTime, Trigger
from tests.api.conftest import WHY, opened
from tests.builders import open_ticket
from tickets.clock import database_now
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

KEYS = [
    "morale", "satisfaction", "first_response_time", "resolution_time", "backlog", "qa_score", "turnover",
    "sla_adherence", "resolved_within_24h", "guided_by_script", "floor_1_closed", "floor_2_rate",
    "specialist_assignment_time", "floor_3_decision_time", "floor_3_completion", "first_contact_resolution",
    "told_of_review",
]  # fmt: skip


@pytest.fixture
def last_week(house):
    """A published week with one ticket of 5 minutes and one of 15, and one that ended on Floor 3."""
    now = database_now()
    week = fridays.of(now) - fridays.WEEK
    begins = fridays.due(week) - timedelta(days=2)
    for model in (FloorLimit, ResponseTime, Trigger):
        model.objects.update(valid_from=begins - timedelta(days=100))
    for wait, body in ((5, "Where is it?"), (15, "Where is it now?"), (4, "My lawyer will sue you")):
        ticket = open_ticket(now=begins, body=body)
        actor = house.people["legal" if "lawyer" in body else "agent"]
        conversation.reply(ticket.pk, actor=actor, body="We look into it", now=begins + timedelta(minutes=wait))
    first = Ticket.objects.order_by("pk").first()
    moves.resolve(first.pk, actor=house.people["agent"], summary="Sent", now=begins + timedelta(minutes=16))
    scorecard.publish(week, now=now)
    return fridays.name(week)


def test_a_published_week_with_the_figures_of_the_contract(house, last_week):
    card = house.manager.get(f"scorecards/{last_week}/")
    assert card.status_code == 200, card.content
    assert card.data["week"] == last_week and card.data["edition"] == 1 and card.data["published_at"].endswith("Z")
    assert [m["key"] for m in card.data["metrics"]] == KEYS
    figures = {m["key"]: m for m in card.data["metrics"]}
    first = figures["first_response_time"]
    assert (first["value"], first["unit"], first["target"], first["n"], first["met"]) == (8, "minutes", 8, 3, False)
    assert first["owner"] and first["notes"] == [] and first["previous"] is None
    assert figures["satisfaction"]["value"] is None and figures["satisfaction"]["why_empty"]
    assert [c["week"] for c in house.agent.get("scorecards/").data["results"]] == [last_week]
    assert house.agent.get("scorecards/").data["results"][0] == card.data


def test_the_tickets_behind_a_figure_keep_floor_3_to_those_who_may_know(house, last_week):
    path = f"scorecards/{last_week}/metrics/first_response_time/tickets/"
    seen = house.legal.get(path).data
    assert sorted(a for t in seen["results"] for a in t["amounts"]) == [4, 5, 15] and seen["restricted"] == 0
    seen = house.agent.get(path).data
    assert sorted(a for t in seen["results"] for a in t["amounts"]) == [5, 15] and seen["restricted"] == 1
    page = house.legal.get(f"{path}?page_size=2").data
    assert len(page["results"]) == 2 and len(house.legal.get(page["next"]).data["results"]) == 1
    assert house.legal.get(f"scorecards/{last_week}/metrics/morale/tickets/").data["results"] == []
    assert house.legal.get(f"scorecards/{last_week}/metrics/weather/tickets/").status_code == 404


def test_the_running_week_is_a_draft(house):
    opened(house.agent)
    week = fridays.name(fridays.of(database_now()))
    card = house.agent.get(f"scorecards/{week}/").data
    assert (card["edition"], card["published_at"]) == (None, None)
    assert [m["key"] for m in card["metrics"]] == KEYS


def test_what_is_not_there(house, last_week):
    for path in ("2026-W99/", "2999-W01/", "yesterday/", "1999-W01/", f"{last_week}/?edition=2"):
        assert house.manager.get(f"scorecards/{path}").status_code == 404, path
    for query in ("team=unheard", "edition=0", "edition=x", "nonsense=1"):
        assert house.manager.get(f"scorecards/{last_week}/?{query}").status_code == 400
    assert house.manager.get(f"scorecards/{last_week}/?team=first-line").data["team"] == "first-line"
    assert house.stranger.get(f"scorecards/{last_week}/").status_code == 403
    assert house.stranger.get("scorecards/").status_code == 403
    assert house.manager.post(f"scorecards/{last_week}/", {"reason": WHY}).status_code == 405
