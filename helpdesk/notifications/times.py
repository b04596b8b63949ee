"""When an e-mail or a chat message may go: quiet hours and digests, in the reader's own time zone (P2.5).

Nights over midnight, days off and changes of the clocks are stretches between two instants, so none can be endless.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from helpdesk.models import NotificationSettings
from tickets.models import User

Rhythm = NotificationSettings.Rhythm
DAY = timedelta(days=1)


def zone_of(user: User) -> ZoneInfo:
    """Return the person's zone, or the organisation's when theirs has gone out of the tables."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.ORGANISATION_TIME_ZONE)


def due(now: datetime, *, rhythm: str, chosen: NotificationSettings, zone: ZoneInfo) -> datetime:
    """Return when something that happens NOW may be sent: at the next digest, if any, and after quiet hours."""
    return after_quiet(_digest(now, rhythm, chosen.daily_at, zone), chosen, zone)


def after_quiet(instant: datetime, chosen: NotificationSettings, zone: ZoneInfo) -> datetime:
    """Return INSTANT, or the end of the quiet time in which it lies."""
    end = instant
    # Quiet stretches may follow each other: a night, then a day off. At most six days of seven are off.
    for _turn in range(24):
        later = max((until for begin, until in _quiet_around(end, chosen, zone) if begin <= end < until), default=end)
        if later == end:
            return end
        end = later
    return end


def _quiet_around(instant: datetime, chosen: NotificationSettings, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    today = instant.astimezone(zone).date()
    found = []
    for day in (today - DAY, today):
        if chosen.quiet_from is not None:
            over_midnight = chosen.quiet_until < chosen.quiet_from
            until = day + DAY if over_midnight else day
            found.append((_local(day, chosen.quiet_from, zone), _local(until, chosen.quiet_until, zone)))
        if day.weekday() in chosen.days_off:
            found.append((_local(day, time(), zone), _local(day + DAY, time(), zone)))
    return found


def _digest(now: datetime, rhythm: str, hour: int, zone: ZoneInfo) -> datetime:
    if rhythm == Rhythm.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if rhythm == Rhythm.DAILY:
        today = now.astimezone(zone).date()
        at = _local(today, time(hour), zone)
        return at if at > now else _local(today + DAY, time(hour), zone)
    return now


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall-clock time; one that a change of the clocks skips comes right after the gap."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
