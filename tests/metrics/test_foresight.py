"""Foresight against counts by hand: what it learns, when it is silent, how it is measured (P2.5)."""

from datetime import timedelta

import pytest

from escalation import conversation, moves, rules, sweep
from escalation.models import FloorVisit
from metrics import foresight
from metrics.models import Forecast, ForesightModel
from tests.builders import T0, minutes, open_ticket

pytestmark = pytest.mark.django_db

NOW = T0 + timedelta(days=30)


def past(people, *, closed: int, climbed: int, answered: bool = False, channel: str = "web", began=T0) -> None:
    """Let CLOSED tickets be resolved on Floor 1 within 5 minutes, and CLIMBED ones be moved up by the clock."""
    for _ in range(closed):
        ticket = open_ticket(now=began, channel=channel)
        if answered:
            conversation.reply(ticket.pk, actor=people.agent, body="We look into it.", now=began + minutes(1))
        moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=began + minutes(5))
    for _ in range(climbed):
        open_ticket(now=began, channel=channel)
    sweep.sweep(as_of=began + minutes(15))


@pytest.fixture
def little_is_enough(monkeypatch):
    monkeypatch.setattr(foresight, "LEAST_STAYS", 20)
    monkeypatch.setattr(foresight, "LEAST_OF_EACH", 3)


def test_the_wilson_interval_is_that_of_the_books():
    low, high = foresight.interval(5, 10)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)
    assert foresight.interval(0, 0) == (0.0, 1.0)
    assert foresight.interval(0, 20)[0] == 0


def test_a_rare_kind_leans_on_the_broader_one():
    cells = {"": [100, 50], "1.0": [60, 45], "1.0|0": [20, 20]}
    lean = foresight.LEAN
    broad = (45 + lean * 0.5) / (60 + lean)
    assert foresight.guess(cells, ["1.0", "1"]).chance == pytest.approx(broad)
    narrow = foresight.guess(cells, ["1.0", "0", "0"])
    assert narrow.chance == pytest.approx((20 + lean * broad) / (20 + lean))
    assert (narrow.stays, narrow.missed, narrow.kind) == (20, 20, "1.0|0")
    assert foresight.guess(cells, ["3.0"]).chance == 0.5


def test_without_enough_history_it_says_nothing(people):
    past(people, closed=3, climbed=3)
    model = foresight.train(now=NOW)
    assert (model.why_off, model.cells) == ("history", {})
    # Six stays began on Floor 1; the three that climbed then ran out of time on Floor 2, where nobody swept them on.
    assert (model.stays, model.missed) == (9, 6)
    open_ticket(now=NOW)
    assert foresight.foresee(now=NOW) == 0
    assert not Forecast.objects.exists()


def test_moments_are_counted_as_they_looked_then(people, little_is_enough):
    past(people, closed=20, climbed=0, answered=True)
    past(people, closed=0, climbed=10, began=T0 + timedelta(days=1))
    past(people, closed=4, climbed=4, began=T0 + timedelta(days=2))
    FloorVisit.objects.filter(floor__gt=1).delete()
    model = foresight.train(now=NOW)
    # 38 began. After a quarter (3:45) all were there still, after a half (7:30) only the 14 that climbed.
    assert {kind: cell for kind, cell in model.cells.items() if kind and "|" not in kind} == {
        "1.0": [38, 14], "1.1": [38, 14], "1.2": [14, 14], "1.3": [14, 14],
    }  # fmt: skip
    assert model.cells["1.0|0"] == [38, 14]  # nobody had answered when it began
    assert model.cells["1.1|1"] == [20, 0] and model.cells["1.1|0"] == [18, 14]
    assert (model.stays, model.missed) == (38, 14)


def test_measured_on_the_newest_fifth_with_what_the_others_taught(people, little_is_enough):
    past(people, closed=20, climbed=0, answered=True)
    past(people, closed=0, climbed=12, began=T0 + timedelta(days=1))
    past(people, closed=5, climbed=4, began=T0 + timedelta(days=2))
    FloorVisit.objects.filter(floor__gt=1).delete()
    model = foresight.train(now=NOW)
    moments = sum(tenth[1] for tenth in model.calibration)
    missed = sum(tenth[2] for tenth in model.calibration)
    # The newest fifth is the last day: 9 stays when they began and after a quarter, 4 from the half on.
    assert (moments, missed) == (9 + 9 + 4 + 4, 4 * 4)
    assert 0 <= model.brier <= 1 and 0 <= model.brier_base <= 1
    assert (model.why_off == "") == (model.brier < model.brier_base)


def test_what_is_no_better_than_the_base_rate_is_off(people, little_is_enough):
    past(people, closed=20, climbed=14)
    past(people, closed=9, climbed=0, began=T0 + timedelta(days=2))  # everything is other than it was
    FloorVisit.objects.filter(floor__gt=1).delete()
    FloorVisit.objects.filter(floor=1, left_at__isnull=False, entered_at__gte=T0 + timedelta(days=2)).update(
        left_at=T0 + timedelta(days=2, minutes=14)
    )
    model = foresight.train(now=NOW)
    assert model.why_off == "no_better" and model.cells == {}


@pytest.fixture
def learned(people, little_is_enough):
    past(people, closed=30, climbed=0, answered=True)
    past(people, closed=2, climbed=25, began=T0 + timedelta(days=1))
    past(people, closed=8, climbed=7, answered=True, began=T0 + timedelta(days=2))
    FloorVisit.objects.filter(floor__gt=1).delete()
    model = foresight.train(now=NOW)
    assert not model.why_off
    return model


def test_open_tickets_get_the_chance_of_their_kind(people, learned):
    fresh = open_ticket(now=NOW)
    answered = open_ticket(now=NOW - minutes(5))
    conversation.reply(answered.pk, actor=people.agent, body="We look into it.", now=NOW - minutes(4))
    waits = open_ticket(now=NOW - minutes(12))
    assert foresight.foresee(now=NOW) == 3
    chances = dict(Forecast.objects.values_list("ticket", "chance"))
    assert chances[waits.pk] > foresight.WARN > chances[answered.pk]
    assert chances[waits.pk] > chances[fresh.pk] > chances[answered.pk]
    assert foresight.foresee(now=NOW) == 0, "nothing changed, so nothing is written"


def test_a_forecast_goes_with_the_stay_it_was_made_for(people, learned):
    ticket = open_ticket(now=NOW)
    late = open_ticket(now=NOW - minutes(20))
    foresight.foresee(now=NOW)
    assert not Forecast.objects.filter(pk=late.pk).exists(), "what is late needs no foresight"
    rules.flag(ticket.pk, actor=people.agent, risk="fraud", note="A card that is not hers.", now=NOW + minutes(1))
    foresight.foresee(now=NOW + minutes(2))
    assert Forecast.objects.get(pk=ticket.pk).visit.floor == 3
    moves.resolve(open_ticket(now=NOW).pk, actor=people.agent, summary="Sent again.", now=NOW + minutes(1))
    foresight.foresee(now=NOW + minutes(200))
    assert not Forecast.objects.exists()


def test_it_learns_weekly_and_sooner_while_off(people, learned):
    assert foresight.retrain_due(now=NOW + timedelta(days=6)) is False
    assert foresight.retrain_due(now=NOW + timedelta(days=7)) is True
    ForesightModel.objects.all().delete()
    FloorVisit.objects.all().delete()
    assert foresight.retrain_due(now=NOW) is True
    assert foresight.current().why_off == "history"
    assert foresight.retrain_due(now=NOW + timedelta(hours=23)) is False
    assert foresight.retrain_due(now=NOW + timedelta(days=1)) is True


def test_old_models_keep_their_quality_and_lose_their_cells(people, learned):
    for week in range(1, foresight.KEPT + 2):
        foresight.train(now=NOW + timedelta(days=7 * week))
    assert ForesightModel.objects.get(pk=learned.pk).cells == {}
    assert ForesightModel.objects.get(pk=learned.pk).brier == learned.brier
