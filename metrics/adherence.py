"""How far the house keeps what it promises in the matrix of rights, counted from tickets (P3.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from escalation.models import FloorVisit
from metrics import sources
from metrics.sources import Span
from policies.models import Right

OVER = timedelta(days=90)
"""The time that is looked back on: a quarter."""


@dataclass(frozen=True)
class Kept:
    """In how many of how many cases a policy was kept."""

    kept: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down; None without cases."""
        return self.kept * 100 // self.of if self.of else None


def of(measure: str, now: datetime) -> Kept:
    """Return how far what MEASURE counts was kept in the 90 days before NOW."""
    return _COUNTS[Right.Measure(measure)](now)


def _promises(now: datetime) -> Kept:
    rows = sources.kept_promises(Span(now - OVER, now)).queryset
    counted = rows.aggregate(of=Count("pk"), kept=Count("pk", filter=Q(amount=1)))
    return Kept(counted["kept"], counted["of"])


def _signed_moves(now: datetime) -> Kept:
    how = FloorVisit.How
    moved = FloorVisit.objects.filter(floor=3, entered_at__gte=now - OVER, entered_at__lt=now)
    moved = moved.filter(how__in=(how.APPROVAL, how.PERSON, how.CLOCK), escalation__ticket__source="")
    counted = moved.aggregate(of=Count("pk"), kept=Count("pk", filter=~Q(how=how.CLOCK)))
    return Kept(counted["kept"], counted["of"])


_COUNTS = {Right.Measure.PROMISES: _promises, Right.Measure.SIGNED_MOVES: _signed_moves}
