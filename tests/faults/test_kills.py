"""kill -9 of everything while deadlines fall due."""

import random
import sys

from tests.faults.conftest import pick

VICTIMS = ("escalator-1", "escalator-2", "deadlines", "beat-1", "beat-2", "web", "worker", "valkey", "postgres")


def test_random_kills_lose_nothing_and_do_nothing_twice(helpdesk, note):
    chance = random.Random(3)
    rounds = pick(1, 8)
    story = helpdesk.fall_due(pick(60, 1200), spread=pick(6, 90))
    victims = [*VICTIMS, "pool process"] * rounds
    chance.shuffle(victims)
    with story.fault():
        for victim in victims:
            if victim == "pool process":
                helpdesk.kill_child("deadlines")
            else:
                helpdesk.kill(victim)
            helpdesk.play(pick(6, 90) / len(victims) * chance.uniform(0.5, 1.5))
        helpdesk.until(all_started(helpdesk), 60, "a new start of all that was killed")
    note(story.ends("kill -9 of everything in turn, at random", within=60))
    helpdesk.until(helpdesk.well, 60, "both ways to the clock again")
    assert helpdesk.page("/help/") == 200


def test_postgresql_killed_costs_its_own_time_only(helpdesk, note):
    story = helpdesk.fall_due(pick(40, 500), spread=pick(3, 20))
    helpdesk.play(0.7)
    with story.fault():
        helpdesk.take_away("postgres", pick(1, 5))
        helpdesk.until(helpdesk.postgres.answers, 60, "PostgreSQL's recovery")
    note(story.ends("PostgreSQL killed", within=60))
    helpdesk.until(lambda: helpdesk.page("/help/") == 200, 30, "the web's recovery")


def test_killed_between_writing_and_committing_leaves_nothing_behind(helpdesk, note):
    helpdesk.rest("escalator-1", "escalator-2", "beat-1", "beat-2")
    helpdesk.start("saboteur", [sys.executable, "-m", "tests.faults.saboteur", "die"])
    helpdesk.play(2.5)
    story = helpdesk.fall_due(pick(20, 100), spread=0.1)
    with story.fault():
        saboteur = helpdesk.programs["saboteur"]
        helpdesk.until(lambda: saboteur.early_deaths >= 2, 30, "two deaths in the middle of a batch")
        assert not story.over()
        helpdesk.dismiss("saboteur")
        helpdesk.wake("escalator-1", "escalator-2")
    note(story.ends("killed after writing, before the commit, twice", within=60))


def all_started(helpdesk):
    def started() -> bool:
        programs = helpdesk.programs.values()
        return all(program.process and not program.died() for program in programs) and helpdesk.postgres.answers()

    return started
