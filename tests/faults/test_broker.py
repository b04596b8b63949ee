"""The broker is wiped, away or silent: the escalators go on, and Celery comes back by itself."""

import time

from tests.faults.conftest import pick
from tests.faults.house import flush


def test_broker_wiped_and_away_delays_nothing(helpdesk, note):
    story = helpdesk.fall_due(pick(40, 1500), spread=pick(5, 62))
    with story.fault():
        flush(helpdesk)
        helpdesk.take_away("valkey", pick(4, 60))
        helpdesk.until(helpdesk.valkey.answers, pick(20, 90), "the broker's return")
    late = story.ends("Valkey wiped, killed and away", within=20)
    note(late)
    assert max(late.during()) < 3  # it needs no broker; a busy machine may add a little
    helpdesk.until(helpdesk.well, 60, "Celery's return to the clock")


def test_frozen_broker_wedges_nobody(helpdesk, note):
    story = helpdesk.fall_due(pick(40, 500), spread=pick(4, 20))
    with story.fault():
        frozen = helpdesk.freeze("valkey")
        helpdesk.play(pick(4, 20))
        helpdesk.thaw(frozen)
    late = story.ends("Valkey frozen", within=20)
    note(late)
    assert max(late.during()) < 3
    helpdesk.until(helpdesk.well, 60, "Celery's return to the clock")


def test_celery_alone_catches_up_when_the_broker_is_back(helpdesk, note):
    helpdesk.rest("escalator-1", "escalator-2")
    story = helpdesk.fall_due(pick(30, 500), spread=pick(3, 20))
    with story.fault():
        helpdesk.take_away("valkey", pick(2, 20))
        helpdesk.until(helpdesk.valkey.answers, 60, "the broker's return")
    note(story.ends("Valkey killed, no escalator", within=60))


def test_web_answers_while_the_broker_is_away(helpdesk):
    helpdesk.take_away("valkey", 4)
    began = time.monotonic()
    assert helpdesk.page("/help/") == 200
    assert time.monotonic() - began < 10
