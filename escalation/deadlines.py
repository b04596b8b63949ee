"""When a stay is due: the one reckoning that entering, resuming, the sweep, the explanation and every what-if use.

    due = the instant by which limit + paused has passed since entry

all three in working time of the limit's calendar. So what a ticket is given is working time in which we have the ball:
a pause outside opening hours adds nothing, since no clock ran, and one across closing time adds its working part only.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from policies import working_time
from policies.floors import Terms
from policies.working_time import ZERO, Hours

Interval = tuple[datetime, datetime]


class Deadline(NamedTuple):
    """When a stay is due, and from when on it is nearly late (P2.5; None: it warns of nothing)."""

    due_at: datetime
    warn_at: datetime | None


def reckon(entered_at: datetime, terms: Terms, pauses: Iterable[Interval] = ()) -> Deadline:
    """Return the deadline of a stay under TERMS with PAUSES that have ended."""
    hours = hours_of(terms)
    paused = worked_in(pauses, hours)
    due_at = working_time.add(entered_at, terms.limit + paused, hours)
    if not terms.warn_share:
        return Deadline(due_at, None)
    return Deadline(due_at, working_time.add(entered_at, terms.limit * (1 - terms.warn_share) + paused, hours))


def left(entered_at: datetime, terms: Terms, pauses: Iterable[Interval], at: datetime) -> timedelta:
    """Return the working time that is left at AT, which lies in no pause or at the beginning of one."""
    hours = hours_of(terms)
    return terms.limit + worked_in(pauses, hours) - working_time.between(entered_at, at, hours)


def worked_in(pauses: Iterable[Interval], hours: Hours | None) -> timedelta:
    """Return the working time inside PAUSES."""
    return sum((working_time.between(begun, ended, hours) for begun, ended in pauses), start=ZERO)


def hours_of(terms: Terms) -> Hours | None:
    return terms.calendar.hours if terms.calendar else None
