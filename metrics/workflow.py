"""The review of the escalation workflow itself, on its own figures (P2.6).

Stays on floors are counted once each, by the week in which they began; whatever is shown about them is a sum over the
same cells, so every line adds up. Imported history, whose clock never ran, is left out.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from escalation.access import visible_to
from metrics import fridays, quality, scorecard, workflow_sql
from metrics.fridays import WEEK
from tickets.clock import database_now
from tickets.models import Channel, Team, Ticket, User
from tickets.refusals import NotFound

FATES = ("closed", "clock", "rule", "person", "approval", "down", "open")
"""What became of a stay: resolved here; moved up by the clock, a rule, a person, a signature; sent down; still here."""

UP = ("clock", "rule", "person", "approval")

TREND = 8
"""Weeks in the table of weeks."""


@dataclass(frozen=True)
class Scope:
    """What is reviewed: a week (its Monday), and where given one floor, team, channel, and trigger (its slug)."""

    week: date
    floor: int | None = None
    team: Team | None = None
    channel: Channel | None = None
    trigger: str | None = None

    @property
    def key(self) -> str:
        parts = (self.week, self.floor, self.team and self.team.pk, self.channel and self.channel.pk, self.trigger)
        return "workflow:" + ":".join("-" if part is None else str(part) for part in parts)


@dataclass
class Line:
    """One line of a table: how many stays began, what became of them, and the seconds that they took.

    `passed` counts stays whose deadline passed; `waited` is the part of `lasted` in which we waited for the customer.
    """

    key: object = None
    arrivals: int = 0
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    passed: int = 0
    lasted: float = 0.0
    waited: float = 0.0

    def add(self, fate: str, count: int, passed: int, lasted: float, waited: float) -> None:
        self.arrivals += count
        self.fates[fate] = self.fates.get(fate, 0) + count
        self.passed += passed
        self.lasted += lasted
        self.waited += waited

    def share(self, fate: str) -> float | None:
        """Return the share of the arrivals with this FATE; None when there was none."""
        return self.fates[fate] / self.arrivals if self.arrivals else None

    @property
    def worked(self) -> float:
        """Seconds during which the ticket was with us."""
        return self.lasted - self.waited

    @property
    def mean(self) -> float | None:
        """Seconds with us per stay."""
        return self.worked / self.arrivals if self.arrivals else None


@dataclass(frozen=True)
class Cell:
    """The smallest count; every line is a sum of these."""

    week: date
    floor: int
    team: int
    channel: int
    came_by: str
    fate: str
    count: int
    passed: int
    lasted: float
    waited: float


@dataclass(frozen=True)
class OwnerTime:
    """Time that stays on a floor spent with one person (None: with nobody), in seconds, the waiting part included."""

    floor: int
    owner: int | None
    stays: int
    lasted: float
    waited: float


@dataclass
class Requests:
    """Requests for a signature of one kind asked for in the week, as they stand now.

    `late`: decided, or waiting, beyond the deadline of the stay in which it was asked for; what the clock overtook is.
    """

    kind: str
    asked: int = 0
    late: int = 0
    owed: int = 0
    states: dict[str, int] = field(default_factory=dict)


@dataclass
class Flags:
    """Risks found by one trigger in the week, and how many of their tickets were on Floor 3 from then on."""

    trigger: str | None
    raised: int = 0
    by_hand: int = 0
    reached: int = 0

    @property
    def share(self) -> float | None:
        return self.reached / self.raised if self.raised else None


@dataclass
class Review:
    """Everything about a week's workflow within a scope, as of `until`."""

    scope: Scope
    start: datetime
    until: datetime
    cells: list[Cell]
    owners: list[OwnerTime]
    requests: list[Requests]
    flags: list[Flags]

    @property
    def total(self) -> Line:
        return self.by(lambda cell: None)[0] if self._here() else Line()

    @property
    def floors(self) -> list[Line]:
        return self._sorted(lambda cell: cell.floor)

    @property
    def weeks(self) -> list[Line]:
        """Return the weeks up to the one reviewed, newest first, those without a stay too."""
        found = {line.key: line for line in self.by(lambda cell: cell.week, self.cells)}
        return [found.get(self.scope.week - WEEK * back, Line(self.scope.week - WEEK * back)) for back in range(TREND)]

    @property
    def teams(self) -> list[Line]:
        return self._sorted(lambda cell: cell.team)

    @property
    def channels(self) -> list[Line]:
        return self._sorted(lambda cell: cell.channel)

    @property
    def ways(self) -> list[Line]:
        """Return a line for each way of coming to a floor: arrival, clock, rule, person, approval."""
        return self._sorted(lambda cell: cell.came_by)

    def by(self, key: Callable[[Cell], object], cells: Iterable[Cell] | None = None) -> list[Line]:
        """Sum the cells (of this week unless CELLS are given) into one line per KEY."""
        lines: dict[object, Line] = {}
        for cell in self._here() if cells is None else cells:
            line = lines.setdefault(key(cell), Line(key(cell)))
            line.add(cell.fate, cell.count, cell.passed, cell.lasted, cell.waited)
        return list(lines.values())

    def _here(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.week == self.scope.week]

    def _sorted(self, key: Callable[[Cell], object]) -> list[Line]:
        return sorted(self.by(key), key=lambda line: line.key)


@dataclass(frozen=True)
class Behind:
    """The rows behind a figure that one reader may see, and how many there are in all."""

    rows: list[dict]
    total: int

    @property
    def restricted(self) -> int:
        return self.total - len(self.rows)


def review(scope: Scope, *, now: datetime | None = None) -> Review:
    """Count the workflow of a week within SCOPE. What took long to count is kept for some minutes."""
    kept = cache.get(scope.key) if now is None else None
    if kept is not None:
        return kept
    started = time.monotonic()
    instant = now or database_now()
    spans = _spans(scope.week, instant, TREND)
    start, until = _bounds(scope.week, instant)
    one = _parameters(scope, instant)
    made = Review(
        scope=scope,
        start=start,
        until=until,
        cells=[Cell(*row) for row in _read(workflow_sql.CELLS, one | _weeks(spans))],
        owners=[OwnerTime(*row) for row in _read(workflow_sql.OWNERS, one)],
        requests=_requests(_read(workflow_sql.REQUEST_CELLS, one)),
        flags=_flags(_read(workflow_sql.FLAG_CELLS, one)),
    )
    took = time.monotonic() - started
    if now is None and took > scorecard.SLOW:
        cache.set(scope.key, made, min(300, took * 60))
    return made


def stays(user: User, scope: Scope, *, came_by=None, fate=None, passed=None, now: datetime | None = None) -> Behind:
    """Return the stays behind a figure that USER may see."""
    narrowed = {"came_by": came_by, "fate": fate, "passed": passed}
    columns = ("ticket", "floor", "came_by", "fate", "passed", "entered_at", "left_at", "lasted", "waited")
    return _behind(user, workflow_sql.STAY_LIST, scope, narrowed, columns, now)


def requests(
    user: User, scope: Scope, *, kind=None, state=None, owed=None, late=None, now: datetime | None = None
) -> Behind:
    """Return the requests for a signature behind a figure that USER may see."""
    narrowed = {"kind": kind, "state": state, "owed": owed, "late": late}
    columns = ("ticket", "kind", "state", "owed", "late", "approval")
    return _behind(user, workflow_sql.REQUEST_LIST, scope, narrowed, columns, now)


def flags(user: User, scope: Scope, *, by_hand=None, reached=None, now: datetime | None = None) -> Behind:
    """Return the flagged risks behind a figure that USER may see."""
    narrowed = {"by_hand": by_hand, "reached": reached}
    return _behind(
        user, workflow_sql.FLAG_LIST, scope, narrowed, ("ticket", "risk", "trigger", "by_hand", "reached"), now
    )


def owners_for(user: User, found: Review) -> list[OwnerTime]:
    """Return the time per owner as USER may read it: reviewers see everybody, others themselves and the rest as one.

    Hours of a single person are about that person's work (P7.3). The rest has the owner 0.
    """
    if quality.may_review(user):
        return found.owners
    shown, rest = [], {}
    for row in found.owners:
        if row.owner in (None, user.pk):
            shown.append(row)
            continue
        old = rest.get(row.floor, OwnerTime(row.floor, 0, 0, 0.0, 0.0))
        rest[row.floor] = OwnerTime(
            row.floor, 0, old.stays + row.stays, old.lasted + row.lasted, old.waited + row.waited
        )
    return [*shown, *rest.values()]


def _bounds(week: date, now: datetime) -> tuple[datetime, datetime]:
    covered = scorecard.span(week)
    if covered.start > now:
        raise NotFound(_("%(week)s has not begun.") % {"week": fridays.name(week)}, code="not_found")
    return covered.start, min(covered.end, now)


def _spans(week: date, now: datetime, count: int) -> list[tuple[date, datetime, datetime]]:
    return [(monday, *_bounds(monday, now)) for monday in (week - WEEK * back for back in range(count))]


def _weeks(spans: list[tuple[date, datetime, datetime]]) -> dict:
    weeks, starts, untils = zip(*spans, strict=True)
    return {"weeks": list(weeks), "starts": list(starts), "untils": list(untils), "first": min(starts)}


def _parameters(scope: Scope, now: datetime) -> dict:
    start, until = _bounds(scope.week, now)
    return _weeks([(scope.week, start, until)]) | {
        "start": start,
        "until": until,
        "now": now,
        "floor": scope.floor,
        "team": scope.team.pk if scope.team else None,
        "channel": scope.channel.pk if scope.channel else None,
        "trigger": scope.trigger,
    }


def _read(statement: str, parameters: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _behind(user: User, statement: str, scope: Scope, narrowed: dict, columns: tuple, now: datetime | None) -> Behind:
    found = _read(statement, _parameters(scope, now or database_now()) | narrowed)
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    numbers = {row["ticket"] for row in rows}
    seen = set(visible_to(user, Ticket.objects.filter(pk__in=numbers)).values_list("pk", flat=True))
    return Behind([row for row in rows if row["ticket"] in seen], len(rows))


def _requests(rows: list[tuple]) -> list[Requests]:
    kinds: dict[str, Requests] = {}
    for kind, state, owed, late, count in rows:
        line = kinds.setdefault(kind, Requests(kind))
        line.asked += count
        line.late += count if late else 0
        line.owed += count if owed else 0
        line.states[state] = line.states.get(state, 0) + count
    return sorted(kinds.values(), key=lambda line: line.kind)


def _flags(rows: list[tuple]) -> list[Flags]:
    found: dict[str | None, Flags] = {}
    for trigger, by_hand, reached, count in rows:
        line = found.setdefault(trigger, Flags(trigger))
        line.raised += count
        line.by_hand += count if by_hand else 0
        line.reached += count if reached else 0
    return sorted(found.values(), key=lambda line: (-line.raised, line.trigger or ""))
