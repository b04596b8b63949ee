"""Turnover of the front line, from the first and last days of its people (P8)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from metrics import fridays
from metrics.pulse import FRONTLINE, LEAST
from tickets.models import User

YEAR = 365
"""Days over which people who left are counted, and days of a year of work."""


@dataclass
class Staff:
    """Who worked in the year: people, those of them who left, and the days they worked together."""

    people: int = 0
    left: int = 0
    days: int = 0

    def add(self, *, joined: date, left: date | None, first: date, last: date) -> None:
        self.people += 1
        self.left += left is not None and first <= left <= last
        self.days += (min(left or last, last) - max(joined, first)).days + 1

    @property
    def years(self) -> Decimal:
        return Decimal(self.days) / YEAR


def turnover(end: datetime) -> dict[int | None, Staff]:
    """Return the staff of the 365 days before END, for all (None) and for each team of at least five people."""
    last = (end.astimezone(fridays.zone()) - timedelta(microseconds=1)).date()
    first = last - timedelta(days=YEAR - 1)
    everybody: dict[int | None, Staff] = {None: Staff()}
    people = (
        User.objects.filter(groups__name__in=FRONTLINE, joined_on__lte=last)
        .exclude(left_on__lt=first)
        .distinct()
        .prefetch_related("teams")
    )
    for person in people:
        for team in (None, *(team.pk for team in person.teams.all())):
            everybody.setdefault(team, Staff()).add(
                joined=person.joined_on, left=person.left_on, first=first, last=last
            )
    return {team: staff for team, staff in everybody.items() if team is None or staff.people >= LEAST}
