"""Measuring a figure over a span of time: its value and, from the same rows, the tickets behind it (P8.2)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Sum
from django.utils.translation import gettext_noop

from metrics import people, pulse
from metrics.catalogue import COUNT, SHARE, Metric
from metrics.fridays import Span
from tickets.models import Ticket

NOTHING = gettext_noop("Nothing was measured in this week.")
FEW_ANSWERS = gettext_noop("Fewer than five answers; they stay hidden.")
NOT_OVER = gettext_noop("Answers are counted when the week is over.")
NO_PEOPLE = gettext_noop("No people of the front line, or a team of fewer than five.")
HUNDRED = Decimal(100)


@dataclass
class Measure:
    """What was measured: `value` is numerator / denominator (times 100 for a share); None when there was nothing."""

    n: int = 0
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    why_empty: str = ""
    tickets: list[int] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)


def measure(metric: Metric, *, week: date, span: Span, final: bool, keep_rows: bool) -> dict[int | None, Measure]:
    """Measure METRIC over SPAN for everybody (None) and per team id that has any rows.

    FINAL says that the week is over, which is when the pulse may be read. With KEEP_ROWS the rows come along.
    """
    if metric.source is None:
        return _morale(week, final) if metric.key == "morale" else _turnover(span)
    rows = metric.source(span)
    aggregates = {"rows": Count("*"), "total": Sum("amount")}
    if keep_rows:
        order = [rows.number, "pk"]
        aggregates |= {
            "numbers": ArrayAgg(rows.number, order_by=order),
            "amounts": ArrayAgg("amount", order_by=order),
        }
    by_team: dict[int | None, Measure] = {None: Measure()}
    for group in rows.queryset.values(rows.team).annotate(**aggregates):
        for team in {None, group[rows.team]}:
            _add(by_team.setdefault(team, Measure()), group)
    return {team: _finish(metric, sums, span) for team, sums in by_team.items()}


def none_for(metric: Metric, span: Span) -> Measure:
    """Return the measure of a team of which there are no rows."""
    if metric.source is None:
        return Measure(why_empty=FEW_ANSWERS if metric.key == "morale" else NO_PEOPLE)
    return _finish(metric, Measure(), span)


def _add(sums: Measure, group: dict) -> None:
    sums.n += group["rows"]
    sums.numerator = (sums.numerator or Decimal(0)) + group["total"]
    sums.tickets += group.get("numbers", [])
    sums.amounts += group.get("amounts", [])


def _finish(metric: Metric, sums: Measure, span: Span) -> Measure:
    if metric.how == COUNT and not sums.n and Ticket.objects.filter(created_at__lt=span.end).exists():
        sums.numerator = Decimal(0)  # there are tickets, and none of them is open: that is a count
    if sums.numerator is None:
        sums.why_empty = NOTHING
        return sums
    sums.denominator = Decimal(sums.n)
    if metric.how == COUNT:
        sums.value = sums.numerator
    else:
        sums.value = sums.numerator / sums.denominator * (HUNDRED if metric.how == SHARE else 1)
    return sums


def _morale(week: date, final: bool) -> dict[int | None, Measure]:
    if not final:
        return {None: Measure(n=pulse.answers_in(week), why_empty=NOT_OVER)}
    found = pulse.results(week)
    if not found:
        return {None: Measure(why_empty=FEW_ANSWERS)}
    return {
        team: Measure(n=sums.n, numerator=sums.total, denominator=Decimal(sums.n), value=sums.total / sums.n)
        for team, sums in found.items()
    }


def _turnover(span: Span) -> dict[int | None, Measure]:
    found = {}
    for team, staff in people.turnover(span.end).items():
        if staff.days <= 0:
            found[team] = Measure(why_empty=NO_PEOPLE)
            continue
        found[team] = Measure(
            n=staff.people,
            numerator=Decimal(staff.left),
            denominator=staff.years,
            value=staff.left / staff.years * HUNDRED,
        )
    return found
