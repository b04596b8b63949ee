"""A ticket that cannot be climbed, and programs that stand still, starve or live in another time."""

import sys
import time
from datetime import UTC, datetime

import psutil
import pytest

from tests.faults.conftest import pick

SPOIL = (
    "SET session_replication_role = replica;"
    " UPDATE escalation_escalation SET state = %s WHERE ticket_id ="
    " (SELECT escalation_id FROM escalation_floorvisit WHERE id = %s) RETURNING ticket_id"
)
SET_ASIDE = "SELECT failures, last_error FROM escalation_floorvisit WHERE id = %s AND failures > 0"
SABOTEUR = [sys.executable, "-m", "tests.faults.saboteur"]


def test_poison_ticket_delays_nobody_and_is_carried_out_when_mended(helpdesk, note):
    story = helpdesk.fall_due(pick(40, 400), spread=pick(3, 20))
    spoilt = min(story.due, key=story.due.get)
    floor = helpdesk.ask("SELECT floor FROM escalation_floorvisit WHERE id = %s", spoilt)[0][0]
    helpdesk.ask(SPOIL, f"floor_{floor % 3 + 1}", spoilt)
    poison_due = story.due[spoilt]
    helpdesk.until(lambda: helpdesk.ask(SET_ASIDE, spoilt), 30, "setting the poison ticket aside")
    ((failures, error),) = helpdesk.ask(SET_ASIDE, spoilt)
    assert "its open visit is on" in error
    helpdesk.play(pick(2, 19))
    helpdesk.ask(SPOIL, f"floor_{floor}", spoilt)
    helpdesk.ask("SET session_replication_role = origin")
    note(story.ends("a poison ticket among them", within=30, without={spoilt}))
    mended = type(story)(helpdesk, {spoilt: poison_due})
    helpdesk.ask("UPDATE escalation_floorvisit SET retry_at = NULL WHERE id = %s", spoilt)
    mended.ends("the poison ticket itself", within=30)


def test_escalator_frozen_in_mid_batch_hides_its_rows_for_a_few_seconds_only(helpdesk, note):
    only_saboteur(helpdesk, "freeze")
    story = helpdesk.fall_due(pick(20, 200), spread=0.1)
    saboteur = helpdesk.programs["saboteur"]
    began = time.monotonic()
    with story.fault():
        helpdesk.until(lambda: stands_still(saboteur), 20, "the freezing in mid-batch")
        helpdesk.wake("escalator-1", "escalator-2")
        helpdesk.until(story.over, 60, "the server's taking the rows from the frozen escalator")
    assert saboteur.process and not saboteur.died(), "the frozen escalator was meant to stay"
    note(story.ends("escalator frozen in mid-batch (SIGSTOP)", within=1))
    assert time.monotonic() - began < 30


def test_starving_escalator_spoils_no_ticket(helpdesk, note):
    """Out of memory is the process's trouble, not the row's: nobody is set aside, and whoever has memory goes on."""
    only_saboteur(helpdesk, "eat", memory=400)
    story = helpdesk.fall_due(pick(20, 200), spread=pick(2, 10))
    with story.fault():
        helpdesk.play(pick(2.5, 11))
        helpdesk.wake("escalator-1")
    note(story.ends("an escalator out of memory alone, then with others", within=25))
    assert (
        helpdesk.ask("SELECT id FROM escalation_floorvisit WHERE failures > 0 AND id = ANY(%s)", list(story.due)) == []
    )


@pytest.mark.parametrize("hours", pick([-24], [-24, 1]))
def test_clock_of_a_program_decides_nothing(helpdesk, note, hours):
    helpdesk.rest("escalator-1", "escalator-2", "beat-1", "beat-2")
    helpdesk.start("traveller", [sys.executable, "-m", "tests.faults.traveller", str(hours)])
    story = helpdesk.fall_due(pick(20, 100), spread=pick(2, 10), lead=3)
    note(story.ends(f"escalator whose own clock is {hours:+} h off, alone", within=30))
    assert datetime.now(UTC) >= max(story.due.values())


def stands_still(program) -> bool:
    return psutil.Process(program.process.pid).status() == psutil.STATUS_STOPPED


def only_saboteur(helpdesk, harm: str, *, memory: int = 0) -> None:
    """Leave a saboteur as the only one who looks at the clock; MEMORY is its address space in MB."""
    helpdesk.rest("escalator-1", "escalator-2", "beat-1", "beat-2")
    limit = ["sh", "-c", f'ulimit -v {memory * 1024} && exec "$@"', "sh"] if memory else []
    helpdesk.start("saboteur", [*limit, *SABOTEUR, harm])
    helpdesk.until(
        lambda: helpdesk.ask("SELECT 1 FROM escalation_sweepheartbeat WHERE swept_at > now() - interval '0.7 seconds'"),
        30,
        "the saboteur's start",
    )
