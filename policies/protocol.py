"""The published protocol (P1.2): for each channel its team, its hours and its promises, read from what is in force."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from policies import responses
from policies.models import Calendar, FloorLimit, ResponseTime
from tickets.models import Channel

CLOSURES_AHEAD = timedelta(days=60)
"""How far ahead days on which a channel is closed are told."""


@dataclass(frozen=True)
class Line:
    """One channel of the protocol; without a calendar it is open at all hours."""

    channel: Channel
    times: ResponseTime
    calendar: Calendar | None

    @property
    def week(self) -> list[tuple[int, int, list[list[str]]]]:
        """Return runs of days with the same hours: first day, last day (0 is Monday), intervals (none: closed)."""
        runs: list[tuple[int, int, list[list[str]]]] = []
        for day, intervals in enumerate(self.calendar.week if self.calendar else []):
            if runs and runs[-1][2] == intervals:
                runs[-1] = (runs[-1][0], day, intervals)
            else:
                runs.append((day, day, intervals))
        return runs

    def closed_from(self, today: date) -> list[date]:
        """Return the days in the next weeks on which the channel is closed out of turn."""
        reasons = self.calendar.reasons if self.calendar else {}
        until = today + CLOSURES_AHEAD
        return sorted(day for day in reasons if today <= day <= until and self.calendar.week[day.weekday()])


def in_force(at: datetime | None = None) -> list[Line]:
    """Return the protocol that holds at AT (default: now)."""
    first_floor = FloorLimit.objects.in_force(at).filter(floor=1, category=None).select_related("calendar")
    limits = {limit.channel_id: limit for limit in first_floor}
    lines = []
    for channel, times in responses.guide(at):
        limit = limits.get(channel.pk) or limits.get(None)
        lines.append(Line(channel, times, limit.calendar if limit else None))
    return lines
