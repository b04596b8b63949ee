"""A figure taken apart: by channel, by language, by floor, and by day (P8.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from metrics import fridays, measures
from metrics.catalogue import COUNT, SHARE, Metric
from metrics.figures import Row
from metrics.fridays import Span
from tickets.models import Team

DAY = timedelta(days=1)

FEWEST = 5
"""Of a figure about people's work no trait with a part of fewer rows than this is shown, nor its days (P7.3).

One hidden part alone could be told from the others and the whole.
"""

BY = {"channel": _("Channel"), "language": _("Language"), "floor": _("Floor")}

# A ticket counts at the floor on which it was resolved, or on which it stands now.
_PARTS = """
SELECT channel, language, floor, count(*), sum(amount) FROM (
    SELECT c.name AS channel, t.language,
        coalesce(e.resolved_on_floor, substr(e.state, 7)::smallint) AS floor, given.amount
    FROM unnest(%s::bigint[], %s::numeric[]) AS given(number, amount)
    JOIN tickets_ticket t ON t.number = given.number JOIN tickets_channel c ON c.id = t.channel_id
    JOIN escalation_escalation e ON e.ticket_id = t.number
) told
GROUP BY GROUPING SETS ((channel), (language), (floor))
ORDER BY count(*) DESC, channel, language, floor
"""


@dataclass(frozen=True)
class Part:
    """The rows of one channel, language or floor: their `value` in the figure's unit (None: hidden), and how many."""

    by: str
    name: str
    value: Decimal | None
    n: int


def parts(metric: Metric, rows: Sequence[Row], *, about_people: bool = False) -> list[Part]:
    """Take ROWS, which are all that is behind METRIC, apart by the three traits of a ticket, the largest part first."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [[row.number for row in rows], [row.amount for row in rows]])
        found = cursor.fetchall()
    made = []
    for channel, language, floor, n, total in found:
        by, name = next(
            (by, trait) for by, trait in zip(BY, (channel, language, floor), strict=True) if trait is not None
        )
        made.append(Part(by, str(name), _value(metric, total, n), n))
    hidden = {part.by for part in made if about_people and part.n < FEWEST}
    return [replace(part, value=None) if part.by in hidden else part for part in made]


def days(
    metric: Metric, week: date, covered: Span, *, now: datetime, team: Team | None = None, about_people: bool = False
) -> list[tuple[date, Decimal | None]]:
    """Return METRIC's value for each local day that COVERED touches and that has begun, from the records of today.

    The first and the last day are shorter: a week begins and ends on a Friday at its hour.
    """
    zone, ends, found, hidden = fridays.zone(), min(covered.end, now), [], False
    day = covered.start.astimezone(zone).date()
    while (begins := datetime.combine(day, time.min, zone)) < ends:
        span = Span(max(begins, covered.start), min(datetime.combine(day + DAY, time.min, zone), ends))
        measured = measures.measure(metric, week=week, span=span, final=False, keep_rows=False)
        of_day = measured.get(team.pk if team else None) or measures.none_for(metric, span)
        hidden = hidden or (about_people and 0 < of_day.n < FEWEST)
        found.append((day, of_day.value))
        day += DAY
    return [(day, None) for day, _value in found] if hidden else found


def _value(metric: Metric, total: Decimal, n: int) -> Decimal:
    if metric.how == COUNT:
        return total
    return total / n * (100 if metric.how == SHARE else 1)
