"""The day: a script of what customers and staff do, carried out by the product's own verbs at its virtual times.

Between two acts the clock does what it always does, by the same sweep and the same rounds as in production. Whoever
plays it, the program `play_day` or a form of the bar, does so alone, one act after the other, each exactly once.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction

from escalation import routing
from escalation.models import FloorVisit
from escalation.reminders import remind
from escalation.rounds import make_round
from escalation.sweep import next_due, sweep
from helpdesk import letters
from helpdesk.demo import clock, history
from helpdesk.demo.stage import Stage, read
from metrics import foresight, scorecard
from tickets import duty
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Refusal

logger = logging.getLogger(__name__)

BEGINS, OPENS, ENDS = time(8, 30), time(9), time(18)
"""The script begins before the visitor comes, so that the desk is not empty; where it ends the clock stands still."""

PULSE, PULSE_AFTER_HOURS = timedelta(minutes=4), timedelta(hours=2)
"""How far the clock is set forward at most before the rounds are made again: nobody is idle for five minutes unseen."""

SPECIALIST = "specialist@example.com"
"""Who is at the desk all day, so that Floor 2's tickets are given out."""

_LOCK = 0x64656D6F
"""Key of the advisory lock under which the day is played."""


class Act(NamedTuple):
    """What somebody does at an instant: STEP of a story, or None for its opening message."""

    at: datetime
    story: int
    step: dict | None


@cache
def script() -> list[dict]:
    """Return the stories of the day, each with its steps."""
    told = read("day.toml")["story"]
    return [story | {"steps": story["steps"] if "steps" in story else history.steps_of(story)} for story in told]


def at(moment: str | time, morning: datetime) -> datetime:
    """Return MOMENT (`14:12`, in the organisation's zone) on the day of MORNING, or `3 17:05` three days after it."""
    days = 0
    if isinstance(moment, str):
        days, moment = int(moment[:-5] or 0), time.fromisoformat(moment[-5:])
    return datetime.combine(morning.astimezone(_zone()).date() + timedelta(days=days), moment, _zone())


def tuesday(today: datetime) -> datetime:
    """Return when the day begins: on the last Tuesday, TODAY included."""
    local = today.astimezone(_zone())
    return datetime.combine(local.date() - timedelta(days=(local.weekday() - 1) % 7), BEGINS, _zone())


@cache
def acts(morning: datetime) -> list[Act]:
    """Return everything that is done on the day of MORNING, in the order of time."""
    found = []
    for number, story in enumerate(script()):
        opened = at(story["at"], morning)
        found.append(Act(opened, number, None))
        found += [Act(opened + timedelta(minutes=step["after"]), number, step) for step in story["steps"]]
    return sorted(found, key=lambda act: act[:2])


def ticket_of(key: str) -> int | None:
    """Return the number of the ticket that the story named KEY became, or None before it has."""
    number = next(number for number, story in enumerate(script()) if story.get("key") == key)
    return _progress()[1].get(str(number))


def next_event() -> datetime | None:
    """Return when something happens next by itself: an act of the script or a deadline. None: the day is over."""
    look = next_due()
    return min([t for t in (_next_act(), look.due_at) if t is not None and t > look.now], default=None)


def forward_to(instant: datetime) -> None:
    """Set the clock forward to INSTANT; what happens until then happens in order. It then runs or stands as before."""
    with _alone():
        running = clock.read().running
        _play_until(instant)
        clock.change(running=running)


def step() -> datetime | None:
    """Set the clock forward to what happens next, and return when that is."""
    instant = next_event()
    if instant:
        forward_to(instant)
    return instant


def begin_again(until: datetime | None = None) -> None:
    """Return to the morning, with the clock standing; then play until UNTIL."""
    with _alone():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute("SELECT demo.begin_again()")
        clock.read()
        if until:
            _play_until(until)


def catch_up(*, rounds: bool = True, slow: bool = False) -> bool:
    """Do what the clock has reached, unless somebody else plays; with SLOW also what is looked at less often."""
    with _alone(wait=False) as mine:
        if mine:
            stand = clock.read()
            if stand.running and stand.now() >= at(ENDS, stand.morning) > stand.virtual_at:
                clock.change(running=False)
            _attend(rounds=rounds, slow=slow)
        return mine


def _play_until(instant: datetime) -> None:
    now = rounds_at = database_now()
    evening = at(ENDS, clock.morning())
    cast = _cast()
    while now < instant:
        look = next_due()
        times = [rounds_at, _next_act(), look.due_at, look.warn_at, instant]
        now = clock.stand_at(min(t for t in times if t is not None and t > now)).virtual_at
        if now >= rounds_at or now == instant:
            rounds_at = now + (PULSE if now < evening else PULSE_AFTER_HOURS)
            _attend(rounds=True, slow=now == instant or now > evening, cast=cast)
        else:
            _attend(rounds=False, slow=False, cast=cast)


def _attend(*, rounds: bool, slow: bool, cast: Stage | None = None) -> None:
    """Do everything that is due by now: deadlines first, then acts, then the rounds."""
    news = sweep(door="demo")
    while (act := _next_act()) and act <= database_now():
        cast = cast or _cast()
        _act(cast)
        news += 1
    if news and FloorVisit.objects.filter(floor=2, left_at=None, assigned_at=None).exists():
        routing.give_out()
    if rounds:
        duty.seen(User.objects.select_related("duty").get(email=SPECIALIST), now=database_now())
        make_round()
        letters.relay()
    if slow:
        remind()
        foresight.foresee()
        scorecard.publish_due()


def _cast() -> Stage:
    return Stage({person.email.partition("@")[0]: person for person in User.objects.all()}, database_now())


def _next_act() -> datetime | None:
    played, _tickets = _progress()
    return next((act.at for act in _acts()[played : played + 1]), None)


def _acts() -> list[Act]:
    return acts(clock.morning())


@transaction.atomic
def _act(cast: Stage) -> None:
    """Do the next act, now. What a visitor made impossible is passed over."""
    played, tickets = _progress(lock=True)
    act, cast.now = _acts()[played], database_now()
    try:
        with transaction.atomic():
            if act.step is None:
                tickets[str(act.story)] = cast.open(script()[act.story], cast.now)
            elif str(act.story) in tickets:
                cast.take(tickets[str(act.story)], act.step, cast.now)
    except (Refusal, ObjectDoesNotExist) as refusal:
        logger.info("%s of story %s is passed over: %s", act.step or "The opening", act.story, refusal)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE demo.day SET played = %s, tickets = %s", [played + 1, json.dumps(tickets)])


def _progress(*, lock: bool = False) -> tuple[int, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT played, tickets FROM demo.day" + (" FOR UPDATE" if lock else ""))
        played, tickets = cursor.fetchone()
        return played, tickets if isinstance(tickets, dict) else json.loads(tickets)


@contextmanager
def _alone(*, wait: bool = True) -> Iterator[bool]:
    """Hold the lock under which the day is played; without WAIT, say whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_lock(%s)", [_LOCK])
        mine = wait or cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.ORGANISATION_TIME_ZONE)
