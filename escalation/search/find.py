"""Finding, ranking and counting in bounded time, however common a word is and however much there is.

Words that PostgreSQL expects in few passages are read by their index at once. For others tickets are walked from the
newest back, a day and then a month at a time: the index knows each by a mark, so a common word costs one day. Both end
at MOST passages. Operators without words ask the tickets themselves, the newest first. Whether a ticket may be seen is
asked within all of them, so neither hits nor counts know of what this person may not know.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.formats import number_format

from escalation.search import statements
from escalation.search.kinds import KINDS, MESSAGES, TICKETS
from escalation.search.words import Words, quoted
from tickets.models import Ticket
from tickets.statements import embedded

MOST = 600
"""Passages that a search looks at more closely: those of the newest tickets."""

COUNTED = 500
"""Hits beyond which they are not counted, nor shown."""

_RARE = 3000
"""Passages with these words up to which all are read."""

_LOOKED_AT = 10_000
"""Passages with these words that are looked at, before a walk that finds little is given up."""

_FEW = 4000
"""Tickets left by operators up to which their passages are read one by one, instead of walking."""

_DAYS = 31


class Hit(NamedTuple):
    """A passage that was found, and the row it is of; of a ticket, the one that is worth most. The best sorts last.

    SAID tells whether its own text has one of the words, and not only what it has of its ticket.
    """

    worth: float
    ticket: int | None
    passage: int
    mark: str
    source: int
    said: bool


@dataclass(frozen=True)
class Count:
    """How many were found; with `more`, at least so many."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return number_format(self.number, use_l10n=True, force_grouping=True) + ("+" if self.more else "")


@dataclass
class Finding:
    """One search by one person: TICKETS are those that they may see and that fit all operators.

    NARROWED says that there are operators other than dates; AFTER and BEFORE are the dates.
    The same NOW gives the same hits in the same order.
    """

    words: Words
    tickets: QuerySet[Ticket]
    now: datetime
    narrowed: bool = False
    after: datetime | None = None
    before: datetime | None = None
    # So many had the words, and so few of them fitted, that older ones were not looked at.
    given_up: bool = field(default=False, init=False)
    _known: dict[str, list[Hit]] = field(default_factory=dict, init=False)

    def hits(self, kind: str) -> list[Hit]:
        """Return what was found of one kind, the best first, COUNTED at most."""
        if kind not in self._known:
            self._known[kind] = self._find(kind)[:COUNTED]
        return self._known[kind]

    def _find(self, kind: str) -> list[Hit]:
        if kind == TICKETS and not self.words.wanted:
            return self._newest()
        if kind == TICKETS:
            best: dict[int | None, Hit] = {}
            for hit in self._of_tickets:
                best.setdefault(hit.ticket, hit)
            return list(best.values())
        if KINDS[kind].seen:
            return self._alone(kind)
        if not self.words.wanted:
            return []
        mark = KINDS[kind].mark
        known = kind == MESSAGES or ("_of_tickets" in vars(self) and not self._cut)
        return [hit for hit in (self._of_tickets if known else self._walked(mark)) if hit.said and hit.mark == mark]

    def counts(self) -> dict[str, Count]:
        """Return how much of each kind was found."""
        counts = {}
        for kind in KINDS:
            number = len(self.hits(kind))
            counts[kind] = Count(number, more=number >= COUNTED or (self._cut and kind in {TICKETS, MESSAGES}))
        return counts

    @property
    def _cut(self) -> bool:
        """Whether older passages of tickets were not looked at."""
        return bool(self.words.wanted) and (len(self._of_tickets) >= MOST or self.given_up)

    @cached_property
    def _of_tickets(self) -> list[Hit]:
        return self._walked()

    def _walked(self, kind: str = "") -> list[Hit]:
        """Return passages of tickets, of all kinds or one, the best first."""
        values = {"kind": kind, "looked_at": _LOOKED_AT}
        if self._few is not None:
            rows = self._ask(statements.RANKED, candidates=statements.PICK, few=self._few, **values)
        elif self._rare:
            rows = self._ask(statements.RANKED, candidates=statements.RARE, **values)
        else:
            rows = self._ask(statements.RANKED, candidates=statements.WALK, steps=self._steps, **values)
        found = [Hit._make(row) for row in rows if row[0] is not None]
        self.given_up |= len(found) < len(rows)
        return sorted(found, reverse=True)

    def _newest(self) -> list[Hit]:
        """Return the tickets that fit where no word is asked for, the newest first."""
        return [Hit(*row) for row in self._ask(statements.NEWEST, kind="", few=self._few, counted=COUNTED)]

    def _alone(self, kind: str) -> list[Hit]:
        operators = self.narrowed or self.after or self.before
        if (operators and "{tickets}" not in KINDS[kind].seen) or not self.words.all:
            return []
        rows = self._ask(statements.ALONE, seen=KINDS[kind].seen, kind=KINDS[kind].mark)
        return sorted((Hit(*row) for row in rows), reverse=True)

    def _ask(self, sql: str, *, candidates: str = "", seen: str = "", **values) -> list[tuple]:
        if self._visible is None:
            return []
        tickets, parameters = self._visible
        parts = {
            "tickets": tickets,
            "candidates": candidates.format(
                of_kind="AND p.kind = %(kind)s" if values["kind"] else "",
                exactly=statements.EXACTLY if self.words.near != self.words.all else "true",
            ),
            "seen": seen.format(tickets=tickets),
            "picked": "AND c.ticket_id = ANY(%(few)s::bigint[])" if self._few is not None else "",
            "without": statements.WITHOUT if self.words.none else "",
        }
        words = {name: getattr(self.words, name) for name in ("near", "all", "wanted", "none", "said")}
        values |= parameters | words | {"now": self.now, "most": MOST}
        return _rows(sql.format(**parts), values)

    @cached_property
    def _visible(self) -> tuple[str, dict] | None:
        """The tickets as SQL with its values by name; None for none."""
        try:
            return embedded(self.tickets.order_by().values("number", "customer_id", "created_at"))
        except EmptyResultSet:
            return None

    @cached_property
    def _few(self) -> str | None:
        """The tickets that operators leave, if they are few, as PostgreSQL writes a list of them."""
        if not self.narrowed or self._visible is None or _expected(*self._visible) > 2 * _FEW:
            return None
        tickets, values = self._visible
        [(number, few)] = _rows(statements.FEW.format(tickets=tickets), values | {"enough": _FEW + 1})
        return few if number <= _FEW else None

    @cached_property
    def _rare(self) -> bool:
        """Whether few passages have these words. PostgreSQL expects so also of common ones that always go together."""
        if _expected(statements.PASSAGES, {"near": self.words.near}) > _LOOKED_AT:
            return False
        lately = " | ".join(_mark(f"{day.astimezone(UTC):%Y-%m}") for day in (self.now, self.now - timedelta(_DAYS)))
        values = {"near": self.words.near, "lately": lately, "most": MOST, "rare": _RARE}
        return _rows(statements.ARE_FEW, values) == [(True,)]

    @cached_property
    def _steps(self) -> list[str]:
        """Name the last days and then the months in which tickets came in, the newest first."""
        [(first, last)] = _rows("SELECT min(created_at), max(created_at) FROM tickets_ticket", {})
        if first is None:
            return []
        first = max(first, self.after or first).astimezone(UTC).date()
        day = min(last, self.before or last, self.now).astimezone(UTC).date()
        days, steps = 0, []
        while day >= first and (days < _DAYS or (day + timedelta(days=1)).day != 1):
            steps.append(_mark(f"{day:%Y-%m-%d}"))
            day -= timedelta(days=1)
            days += 1
        while day >= first:
            steps.append(_mark(f"{day:%Y-%m}"))
            day = day.replace(day=1) - timedelta(days=1)
        return steps


def _expected(sql: str, values: dict) -> int:
    """Return how many rows PostgreSQL, by its statistics, expects."""
    return _rows(f"EXPLAIN (FORMAT JSON) {sql}", values)[0][0][0]["Plan"]["Plan Rows"]


def _rows(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statements.SETTINGS + sql, values)
        return cursor.fetchall()


def _mark(name: str) -> str:
    return quoted(f" {name}")
