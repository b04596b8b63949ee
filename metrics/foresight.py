"""Foresight (P2.5): the chance that an open ticket misses its deadline or moves up, counted from the house's own past.

A kind of stay is told by its features in a fixed order: floor, quarter of its time gone, answered, risk flagged,
channel, category, part of the week in which it began. The chance is the share of past stays of that kind that missed; a
rare kind leans on the broader one before it (the same features without the last), as if seen LEAN more times there.

It orders and warns; nothing is decided by it. It is off without enough history, or when it foretells no better than the
base rate does.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from django.conf import settings
from django.db import connection, transaction

from metrics import foresight_sql
from metrics.models import Forecast, ForesightModel
from tickets.clock import database_now

LEAST_STAYS = 500
LEAST_OF_EACH = 50
"""Past stays, and of them such that missed and such that did not, below which foresight is off."""

LEAN = 20
"""How many times the broader kind counts when a kind is rare."""

LEAST_IN_CELL = 10
"""A kind seen less often is not kept; the broader one speaks for it."""

MEMORY = timedelta(days=180)
MOST_STAYS = 200_000
"""How far back it looks, and at how many stays at most, the newest first."""

EVERY = timedelta(days=7)
AGAIN = timedelta(days=1)
"""How often it learns anew; sooner while it is off."""

WARN = 500
"""From this chance in thousandths on a ticket counts as at risk: more likely than not."""

KEPT = 4
"""Models whose cells are kept; of older ones the quality stays on record."""

_LOCK = 0x666F7265


@dataclass(frozen=True)
class Guess:
    """A chance, and the stays that it was counted from: `missed` of `stays` of the narrowest known kind."""

    chance: float
    stays: int
    missed: int
    kind: str


def features(
    floor: int, quarter: int, answered: bool, risky: bool, channel: int, category: int, part: str
) -> list[str]:
    """Return what tells the kind of a stay, broadest first."""
    return [f"{floor}.{quarter}", str(int(answered)), str(int(risky)), str(channel), str(category), part]


def guess(cells: dict, told: Sequence[str]) -> Guess:
    """Return the chance of a stay with the features TOLD, narrowing down while its kind has been seen."""
    stays, missed = cells[""]
    chance, kind = missed / stays, ""
    for depth in range(1, len(told) + 1):
        narrower = "|".join(told[:depth])
        if narrower not in cells:
            break
        (stays, missed), kind = cells[narrower], narrower
        chance = (missed + LEAN * chance) / (stays + LEAN)
    return Guess(chance, stays, missed, kind)


def interval(missed: int, stays: int) -> tuple[float, float]:
    """Return the Wilson interval (95 %) of a share (E. B. Wilson, 1927)."""
    if not stays:
        return 0.0, 1.0
    z, share = 1.96, missed / stays
    middle = (share + z * z / (2 * stays)) / (1 + z * z / stays)
    spread = z / (1 + z * z / stays) * sqrt(share * (1 - share) / stays + z * z / (4 * stays * stays))
    return max(0.0, middle - spread), min(1.0, middle + spread)


def current() -> ForesightModel | None:
    """Return the newest model, on or off; None when nothing was ever learned."""
    return ForesightModel.objects.first()


def retrain_due(now: datetime | None = None) -> bool:
    """Learn anew when it is time: weekly, or daily while foresight is off. Return whether it was."""
    instant = now or database_now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return False
        last = ForesightModel.objects.defer("cells", "calibration").first()
        if last and instant - last.trained_at < (AGAIN if last.why_off else EVERY):
            return False
        train(now=instant)
        return True


def train(*, now: datetime) -> ForesightModel:
    """Learn from the stays up to NOW whose end is known, and measure on the newest fifth what the others taught."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '5min'")
            cursor.execute(
                foresight_sql.PAST,
                {"since": now - MEMORY, "now": now, "most": MOST_STAYS, "zone": settings.ORGANISATION_TIME_ZONE},
            )
            rows = cursor.fetchall()
        began = [row for row in rows if row[2] == 0]
        model = ForesightModel(
            trained_at=now,
            stays=sum(row[8] for row in began),
            missed=sum(row[9] for row in began),
            learned_from=min((row[10] for row in rows), default=None),
            learned_until=max((row[11] for row in rows), default=None),
        )
        model.base_rate = model.missed / model.stays if model.stays else None
        if model.stays < LEAST_STAYS or not LEAST_OF_EACH <= model.missed <= model.stays - LEAST_OF_EACH:
            model.why_off = ForesightModel.Off.HISTORY
        else:
            _measure(model, rows)
            if model.brier is None or model.brier >= model.brier_base:
                model.why_off = ForesightModel.Off.NO_BETTER
            else:
                model.cells = _count(rows)
        model.save(force_insert=True)
        old = ForesightModel.objects.values_list("pk", flat=True)[KEPT:]
        ForesightModel.objects.filter(pk__in=list(old)).exclude(cells={}).update(cells={})
    return model


def foresee(now: datetime | None = None) -> int:
    """Write the chance of each open ticket whose clock runs; return how many were written anew."""
    instant = now or database_now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK + 1])
            if not cursor.fetchone()[0]:
                return 0
            model = current()
            if model is None or model.why_off:
                Forecast.objects.all().delete()
                return 0
            cursor.execute(foresight_sql.OPEN, {"now": instant, "zone": settings.ORGANISATION_TIME_ZONE})
            rows = cursor.fetchall()
        known = {
            ticket: (visit, of, kind)
            for ticket, visit, of, kind in Forecast.objects.values_list("ticket", "visit", "model", "kind")
        }
        fresh = []
        for ticket, visit, *told in rows:
            found = guess(model.cells, features(*told))
            if known.pop(ticket, None) != (visit, model.pk, found.kind):
                fresh.append(
                    Forecast(
                        ticket_id=ticket,
                        visit_id=visit,
                        model=model,
                        kind=found.kind,
                        chance=round(found.chance * 1000),
                        stays=found.stays,
                        missed=found.missed,
                    )
                )
        Forecast.objects.filter(pk__in=list(known)).delete()
        Forecast.objects.bulk_create(
            fresh,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["ticket"],
            update_fields=["visit", "model", "kind", "chance", "stays", "missed"],
        )
    return len(fresh)


def _count(rows: list[tuple]) -> dict[str, list[int]]:
    """Count the moments of each kind, from the broadest to the narrowest."""
    cells: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        told = features(*row[1:8])
        for depth in range(len(told) + 1):
            cell = cells["|".join(told[:depth])]
            cell[0] += row[8]
            cell[1] += row[9]
    return {kind: cell for kind, cell in cells.items() if cell[0] >= LEAST_IN_CELL or not kind}


def _measure(model: ForesightModel, rows: list[tuple]) -> None:
    """Set the calibration and the Brier scores (G. W. Brier, 1950): the older stays foretell the newest."""
    older, newest = [row for row in rows if not row[0]], [row for row in rows if row[0]]
    if not older or not newest:
        return
    cells = _count(older)
    base = cells[""][1] / cells[""][0]
    tenths = [[0.0, 0, 0] for _tenth in range(10)]
    error = error_of_base = 0.0
    for row in newest:
        count, missed = row[8], row[9]
        chance = guess(cells, features(*row[1:8])).chance
        tenth = tenths[min(9, int(chance * 10))]
        tenth[0] += chance * count
        tenth[1] += count
        tenth[2] += missed
        error += missed * (1 - chance) ** 2 + (count - missed) * chance**2
        error_of_base += missed * (1 - base) ** 2 + (count - missed) * base**2
    total = sum(tenth[1] for tenth in tenths)
    model.calibration = tenths
    model.brier, model.brier_base = error / total, error_of_base / total
