"""The tickets behind a figure: as frozen in a published edition, or as they are now (P8.2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from escalation.access import visible_to
from metrics import catalogue, measures, quality, scorecard
from metrics.measures import Measure
from tickets.models import Team, Ticket, User


@dataclass(frozen=True)
class Row:
    """One row behind a figure: a ticket, and how much it adds (minutes, hours, points, or 1 and 0).

    The amount is None for a reader to whom it is not shown.
    """

    number: int
    amount: Decimal | None


@dataclass(frozen=True)
class Behind:
    """The rows behind a figure as one reader may see them: `total` rows in all, of which `restricted` are not shown.

    `everything` has all rows of the figure, for sums only.
    """

    rows: list[Row]
    total: int
    everything: list[Row]

    @property
    def restricted(self) -> int:
        return self.total - len(self.rows)


def behind(week: date, key: str, edition: int | None = None, team: Team | None = None) -> list[Row]:
    """Return the rows behind figure KEY: as frozen in a published edition, else as they are now.

    Empty for figures about people: their answers are anonymous, their dates nobody else's business.
    """
    metric = catalogue.get(key)
    if not metric.has_tickets:
        return []
    published = scorecard.find(week, edition)
    if published is not None:
        figure = published.figures.filter(key=key, team=team).first()
        return _pair(figure.tickets, figure.amounts) if figure else []
    measured = measures.measure(metric, week=week, span=scorecard.span(week), final=False, keep_rows=True)
    found = measured.get(team.pk if team else None, Measure())
    return _pair(found.tickets, found.amounts)


def behind_for(
    user: User, week: date, key: str, edition: int | None = None, team: Team | None = None, *, counted: bool = False
) -> Behind:
    """Return the rows behind a figure that USER may see, with the honest total; COUNTED keeps those with an amount.

    The score of a single review is about a person's work, so only those who review see it (P7.3).
    """
    everything = behind(week, key, edition, team)
    rows = [row for row in everything if row.amount or not counted]
    if key == "qa_score" and not quality.may_review(user):
        rows = [Row(row.number, None) for row in rows]
    numbers = {row.number for row in rows}
    seen = set(visible_to(user, Ticket.objects.filter(pk__in=numbers)).values_list("pk", flat=True))
    return Behind([row for row in rows if row.number in seen], len(rows), everything)


def _pair(numbers: list[int], amounts: list[Decimal]) -> list[Row]:
    return [Row(number, amount) for number, amount in sorted(zip(numbers, amounts, strict=True))]
