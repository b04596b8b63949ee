"""The quarters of the calendar, in the organisation's time zone, in which policies are audited (P3.3)."""

import re
from datetime import UTC, date, datetime, time

from django.utils.translation import gettext as _

from metrics.fridays import Span, zone
from tickets.refusals import Invalid

_NAME = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)


def name(quarter: date) -> str:
    """Return what the QUARTER that begins on this day is called: 2026-Q3."""
    return f"{quarter.year}-Q{(quarter.month + 2) // 3}"


def parse(words: str) -> date:
    """Return the first day of the quarter WORDS (`2026-Q3`), or refuse it."""
    match = _NAME.fullmatch(words)
    if match is None or not 2000 <= int(match[1]) <= 2999:
        raise Invalid(_("A quarter is written as 2026-Q3."), code="invalid", field="quarter")
    return date(int(match[1]), int(match[2]) * 3 - 2, 1)


def of(instant: datetime) -> date:
    """Return the first day of the quarter to which INSTANT belongs."""
    day = instant.astimezone(zone()).date()
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def after(quarter: date) -> date:
    return date(quarter.year + (quarter.month == 10), (quarter.month + 2) % 12 + 1, 1)


def before(quarter: date) -> date:
    return date(quarter.year - (quarter.month == 1), (quarter.month + 8) % 12 + 1, 1)


def span(quarter: date) -> Span:
    """Return the time of QUARTER: from its first day up to the next one's, each at midnight."""
    start, end = (datetime.combine(day, time(), tzinfo=zone()).astimezone(UTC) for day in (quarter, after(quarter)))
    return Span(start, end)
