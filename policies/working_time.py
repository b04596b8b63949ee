"""Working time: adding it to an instant and counting it between two, right to the second over daylight saving.

Opening hours are written in local wall time, the arithmetic is done in UTC. A local time means the first instant at
which the clock on the wall shows that time or a later one: a time that occurs twice counts at its first occurrence, a
time that the clock jumps over counts at the jump. So hours that adjoin on paper adjoin in fact, whatever it does.
"""

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
"""Minutes. An interval begins at any minute of its day and lasts at most this long; it may end on the next day."""

FAR = timedelta(days=2 * 366)
"""How far we look for the next open time before giving up."""

ONE_DAY = timedelta(days=1)
ZERO = timedelta(0)


class NeverOpen(ValueError):
    """No open time lies within two years."""


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours in one time zone.

    `week` has for Monday to Sunday the intervals (from, until) in minutes of local time since the day's beginning;
    `until` beyond 1440 ends on the next day. An interval belongs to the day on which it begins: nothing begins on a
    date in `closed`, but a night shift that began the evening before goes on to its end.
    """

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    closed: frozenset[date] = frozenset()
    _days: dict = field(default_factory=dict, compare=False, repr=False)

    def of_day(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the intervals that begin on DAY, in UTC, in order."""
        if day not in self._days:
            self._days[day] = tuple(self._built(day))
        return self._days[day]

    def _built(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.closed:
            return
        zone = ZoneInfo(self.zone)
        midnight = datetime(day.year, day.month, day.day)
        for begins, ends in self.week[day.weekday()]:
            opened = instant(midnight + timedelta(minutes=begins), zone)
            closed = instant(midnight + timedelta(minutes=ends), zone)
            if opened < closed:  # one that the clock jumped over is empty
                yield opened, closed

    def open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open stretches from START on, the first cut at START; NeverOpen when none comes for two years."""
        day = start.astimezone(ZoneInfo(self.zone)).date() - ONE_DAY  # yesterday's night shift may be on
        last_seen = start
        while True:
            for opened, closed in self.of_day(day):
                if closed > start:
                    last_seen = closed
                    yield max(opened, start), closed
            day += ONE_DAY
            if datetime(day.year, day.month, day.day, tzinfo=UTC) - last_seen > FAR:
                raise NeverOpen(f"no open time within two years after {last_seen:%Y-%m-%d}")


def add(start: datetime, duration: timedelta, hours: Hours | None) -> datetime:
    """Return the earliest instant by which DURATION of working time has passed since START; no HOURS: always open."""
    if hours is None or duration <= ZERO:
        return start + duration
    for opened, closed in hours.open_from(start.astimezone(UTC)):
        if duration <= closed - opened:
            return opened + duration
        duration -= closed - opened
    raise AssertionError("open_from ends only by raising")


def between(start: datetime, end: datetime, hours: Hours | None) -> timedelta:
    """Return the working time from START to END; no HOURS: always open."""
    if end <= start:
        return ZERO
    if hours is None:
        return end - start
    total, start, end = ZERO, start.astimezone(UTC), end.astimezone(UTC)
    day = start.astimezone(ZoneInfo(hours.zone)).date() - ONE_DAY
    last = end.astimezone(ZoneInfo(hours.zone)).date()
    while day <= last:
        for opened, closed in hours.of_day(day):
            total += max(min(closed, end) - max(opened, start), ZERO)
        day += ONE_DAY
    return total


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) at which the clock in ZONE shows the naive time LOCAL or a later one."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    # The clock jumps over this time: the jump lies between the readings before and after it.
    low = int(local.replace(tzinfo=zone, fold=1).astimezone(UTC).timestamp())
    high = int(first.timestamp())
    before = datetime.fromtimestamp(low, zone).utcoffset()
    seconds = range(low, high + 1)
    jump = bisect.bisect_left(
        seconds, True, key=lambda second: datetime.fromtimestamp(second, zone).utcoffset() != before
    )
    return datetime.fromtimestamp(seconds[jump], UTC)


def longest_closure(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """Return the longest stretch from START to END in which nothing is open, in time of the wall."""
    longest, seen = ZERO, start
    day = start.astimezone(ZoneInfo(hours.zone)).date() - ONE_DAY
    while day <= end.date():
        for opened, closed in hours.of_day(day):
            if closed > seen:
                longest = max(longest, opened - seen)
                seen = closed
        day += ONE_DAY
    return max(longest, end - seen)


def overlap(week: Iterable[Iterable[tuple[int, int]]]) -> bool:
    """Whether two intervals of a WEEK overlap; Sunday's night meets Monday's morning."""
    spans = sorted((day * DAY + begins, day * DAY + ends) for day, rows in enumerate(week) for begins, ends in rows)
    if not spans:
        return False
    spans.append((spans[0][0] + 7 * DAY, spans[0][1] + 7 * DAY))
    return any(ends > begins for (_begins, ends), (begins, _ends) in zip(spans, spans[1:], strict=False))
