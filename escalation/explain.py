"""Why a stay is due when it is due: policy, calendar, pauses and every step of the reckoning.

The steps are walked anew, stretch by stretch, without the formula of `escalation.deadlines`; that both agree with the
stored deadline is what makes it an explanation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from escalation import deadlines, visits
from escalation.deadlines import Interval
from escalation.models import FloorVisit, Pause
from policies import working_time
from policies.floors import Terms
from policies.models import Calendar, FloorLimit
from policies.working_time import ZERO


class Kind(StrEnum):
    COUNTED = "counted"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True)
class Step:
    """A stretch of time: whether it counted, how much working time had been used at its end, and why it stood still."""

    kind: Kind
    begun_at: datetime
    ended_at: datetime
    used: timedelta
    why: str = ""

    @property
    def counted(self) -> timedelta:
        return self.ended_at - self.begun_at if self.kind == Kind.COUNTED else ZERO


@dataclass(frozen=True)
class Stop:
    """A pause, with the working time in it that the ticket got back."""

    pause: Pause
    given_back: timedelta


@dataclass(frozen=True)
class Explanation:
    """Everything behind the deadline of VISIT. `due_at` is empty and `left` is set while the clock stands still."""

    visit: FloorVisit
    policy: FloorLimit | None
    calendar: Calendar | None
    stops: list[Stop]
    steps: list[Step]
    due_at: datetime | None
    left: timedelta | None

    @property
    def agrees(self) -> bool:
        """Whether the walk arrives where the clock looks; if not, the clock or this page is wrong."""
        return self.due_at == self.visit.due_at


def explain(visit: FloorVisit) -> Explanation:
    """Walk from the entry of VISIT to its deadline, or to the pause in which its clock stands still."""
    terms = visits.terms_of(visit)
    pauses = list(visit.pauses.select_related("by").order_by("started_at", "id"))
    # A stay that ended while its clock stood still has no deadline either: its last pause is where it stopped.
    standing = pauses[-1] if pauses and visit.due_at is None else None
    ended = [(pause.started_at, pause.ended_at) for pause in pauses if pause is not standing]
    steps = _walk(visit.entered_at, terms, ended, standing.started_at if standing else None)
    used = steps[-1].used if steps else ZERO
    hours = deadlines.hours_of(terms)
    stops = [
        Stop(pause, working_time.between(pause.started_at, pause.ended_at, hours) if pause is not standing else ZERO)
        for pause in pauses
    ]
    return Explanation(
        visit=visit,
        policy=visit.policy,
        calendar=terms.calendar,
        stops=stops,
        steps=steps,
        due_at=None if standing else steps[-1].ended_at,
        left=terms.limit - used if standing else None,
    )


def _walk(entered_at: datetime, terms: Terms, pauses: list[Interval], until: datetime | None) -> list[Step]:
    """Return the steps from ENTERED_AT until the limit is used up, or until the clock stops at UNTIL."""
    steps, used, at = [], ZERO, entered_at
    for kind, begun, ended in _pieces(entered_at, terms, pauses):
        stopped = until is not None and begun >= until
        opened = until if stopped else begun
        if opened > at:
            steps.append(Step(Kind.CLOSED, at, opened, used, _closed(terms.calendar, at, opened)))
        if stopped:
            break
        if until is not None:
            ended = min(ended, until)
        if kind == Kind.COUNTED:
            ended = min(ended, begun + terms.limit - used)
            used += ended - begun
        steps.append(Step(kind, begun, ended, used))
        at = ended
        if used == terms.limit:
            break
    return steps


def _pieces(entered_at: datetime, terms: Terms, pauses: list[Interval]) -> Iterator[tuple[Kind, datetime, datetime]]:
    """Cut open time into what counts and what was paused, without end."""
    hours = deadlines.hours_of(terms)
    always = [(entered_at, datetime.max.replace(tzinfo=entered_at.tzinfo))]
    for opened, closed in hours.open_from(entered_at) if hours else always:
        for begun, ended in pauses:
            begun, ended = max(begun, opened), min(ended, closed)
            if begun < ended:
                if opened < begun:
                    yield Kind.COUNTED, opened, begun
                yield Kind.PAUSED, begun, ended
                opened = ended
        if opened < closed:
            yield Kind.COUNTED, opened, closed


def _closed(calendar: Calendar, begun: datetime, ended: datetime) -> str:
    """Name the holidays and closures that begin in this stretch, if any."""
    zone = ZoneInfo(calendar.zone)
    first, last = begun.astimezone(zone).date(), ended.astimezone(zone).date()
    return ", ".join(dict.fromkeys(why for day, why in sorted(calendar.reasons.items()) if first <= day <= last))
