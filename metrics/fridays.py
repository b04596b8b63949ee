"""The weeks of the scorecard, in the organisation's time zone.

A week is named by ISO 8601 (`2026-W47`, Monday first) and published on its Friday at 17:00 local time (day and hour are
settings). Its figures cover the time from the publication of the week before up to its own: every instant belongs to
exactly one week, and a week with a change of the clocks is an hour shorter or longer.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from tickets.refusals import Invalid

WEEK = timedelta(days=7)
_NAME = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True)
class Span:
    """From `start` up to but not including `end`, in UTC."""

    start: datetime
    end: datetime


def zone() -> ZoneInfo:
    return ZoneInfo(settings.ORGANISATION_TIME_ZONE)


def parse(name: str) -> date:
    """Return the Monday of the ISO week NAME (`2026-W47`), or refuse it."""
    match = _NAME.fullmatch(name)
    try:
        if match and 2000 <= int(match[1]) <= 2999:
            return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    raise Invalid(_("A week is written as 2026-W47 (ISO 8601)."), code="invalid", field="week")


def name(week: date) -> str:
    return f"{week:%G-W%V}"


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def due(week: date) -> datetime:
    """Return the instant at which WEEK ends and is published: its Friday, 17:00 local time."""
    day = week + timedelta(days=settings.SCORECARD_WEEKDAY)
    local = datetime(day.year, day.month, day.day, settings.SCORECARD_HOUR, tzinfo=zone())
    return local.astimezone(UTC)


def of(instant: datetime) -> date:
    """Return the week to which INSTANT belongs: on a Friday evening that is already the next one."""
    week = monday(instant.astimezone(zone()).date())
    return week if instant < due(week) else week + WEEK


def span(week: date) -> Span:
    """Return the time that belongs to WEEK: from the publication before it up to its own."""
    return Span(due(week - WEEK), due(week))
