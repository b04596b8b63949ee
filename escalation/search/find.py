"""Finding, ranking and counting in bounded time, however common a word is and however much there is.

Tickets are walked from the newest back, a day and then a month at a time: the index of words knows each by a mark, so
a common word costs one day, and a rare one a short look at each month. The walk ends at MOST passages. Whether a ticket
may be seen is asked within it, so neither hits nor counts know of what this person may not know.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Max, Min, QuerySet
from django.utils.formats import number_format

from escalation.search.kinds import KINDS, MESSAGES, TICKETS
from escalation.search.words import Words, quoted
from tickets.models import Ticket

MOST = 1200
"""Passages that a search looks at more closely: those of the newest tickets."""

COUNTED = 1000
"""Hits beyond which they are not counted, nor shown."""

_LOOKED_AT = 10_000
"""Passages with these words whose tickets are looked at, before a walk that finds little is given up."""

_FEW = 2000
"""Tickets left by operators up to which their passages are read one by one, instead of walking."""

_DAYS = 31

# `OFFSET 0` keeps PostgreSQL from asking which of a million tickets may be seen before it knows which are found.
_SEEN = "EXISTS (SELECT FROM ({tickets}) v WHERE v.number = p.ticket_id OFFSET 0)"
_WITHOUT = (
    " AND NOT EXISTS (SELECT FROM tickets_passage n WHERE n.ticket_id = p.ticket_id AND n.words @@ %(none)s::tsquery"
    " OFFSET 0)"
)

_WALK = """
SELECT p.id, p.kind, p.ticket_id, fits.so AS fits FROM (
    SELECT p.*, row_number() OVER () AS n FROM (
        SELECT p.* FROM unnest(%(steps)s::text[]) step (mark)
        CROSS JOIN LATERAL (
            SELECT p.id, p.kind, p.ticket_id FROM tickets_passage p
            WHERE p.words @@ (%(all)s::tsquery && step.mark::tsquery) ORDER BY p.ticket_id DESC, p.id DESC
        ) p LIMIT %(looked_at)s
    ) p
) p CROSS JOIN LATERAL (SELECT {seen} {without} AS so OFFSET 0) fits
WHERE fits.so OR p.n = %(looked_at)s LIMIT %(most)s
"""

_PICK = """
SELECT p.id, p.kind, p.ticket_id, true AS fits FROM tickets_passage p
WHERE p.ticket_id = ANY(%(few)s) AND (%(all)s = '' OR p.words @@ %(all)s::tsquery) AND {seen} {without}
ORDER BY p.ticket_id DESC, p.id DESC LIMIT %(most)s
"""

# Half of a hit's worth is gone when its ticket came in 120 days before.
_RANKED = """
SELECT f.id, f.kind, f.ticket_id, f.fits, p.words @@ %(said)s::tsquery,
    ts_rank('{{0.15, 0.3, 0.6, 1}}', p.words, %(wanted)s::tsquery)
        / (1 + greatest(0, extract(epoch FROM %(now)s - t.created_at)::float8) / 10368000)
FROM ({found}) f JOIN tickets_passage p ON p.id = f.id JOIN tickets_ticket t ON t.number = f.ticket_id
WHERE t.created_at <= %(now)s
"""

_ALONE = """
SELECT p.id, NULL::bigint, ts_rank('{{0.15, 0.3, 0.6, 1}}', p.words, %(wanted)s::tsquery) AS worth
FROM tickets_passage p
WHERE p.words @@ (%(all)s::tsquery && %(mark)s::tsquery) AND NOT p.words @@ %(none)s::tsquery
"""


@dataclass(frozen=True)
class Hit:
    """A passage that was found; of a ticket, the one that is worth most."""

    passage: int
    ticket: int | None
    worth: float


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

    NARROWED are those that fit the operators other than dates, None without such; AFTER and BEFORE are the dates.
    The same NOW gives the same hits in the same order.
    """

    words: Words
    tickets: QuerySet[Ticket]
    now: datetime
    narrowed: QuerySet[Ticket] | None = None
    after: datetime | None = None
    before: datetime | None = None
    # So many had the words, and so few of them fitted, that older ones were not looked at.
    given_up: bool = field(default=False, init=False)
    _known: dict[str, list[Hit]] = field(default_factory=dict, init=False)

    def hits(self, kind: str) -> list[Hit]:
        """Return what was found of one kind, the best first, COUNTED at most."""
        if kind not in self._known:
            found = sorted(self._find(kind), key=lambda hit: (hit.worth, hit.ticket or 0, hit.passage), reverse=True)
            self._known[kind] = found[:COUNTED]
        return self._known[kind]

    def _find(self, kind: str) -> list[Hit]:
        if kind == TICKETS:
            return self._best_of_tickets()
        if kind == MESSAGES:
            return [hit for hit, mark, said in self._of_tickets if said and mark == KINDS[MESSAGES].mark]
        if KINDS[kind].seen:
            return self._alone(kind)
        own = KINDS[kind].mark
        steps = [f"{_mark(own)} & {step}" for step in self._steps]
        return [hit for hit, mark, said in self._walked(steps) if said and mark == own]

    def counts(self) -> dict[str, Count]:
        """Return how much of each kind was found."""
        cut = len(self._of_tickets) >= MOST or self.given_up
        counts = {}
        for kind in KINDS:
            number = len(self.hits(kind))
            counts[kind] = Count(number, more=number >= COUNTED or (cut and kind in {TICKETS, MESSAGES}))
        return counts

    def _best_of_tickets(self) -> list[Hit]:
        best: dict[int | None, Hit] = {}
        for hit, _mark, _said in self._of_tickets:
            if hit.ticket not in best or best[hit.ticket].worth < hit.worth:
                best[hit.ticket] = hit
        return list(best.values())

    @cached_property
    def _of_tickets(self) -> list[tuple[Hit, str, bool]]:
        return self._walked(self._steps)

    def _walked(self, steps: list[str]) -> list[tuple[Hit, str, bool]]:
        """Return passages of tickets, each with its kind and whether the words are in the text itself."""
        values = {"steps": steps, "looked_at": _LOOKED_AT}
        if self._few is not None:
            found, values = _PICK, {"few": self._few}
        else:
            found = _WALK
        hits = []
        for passage, mark, ticket, fits, said, worth in self._ask(_RANKED.replace("{found}", found), **values):
            if fits:
                hits.append((Hit(passage, ticket, worth), mark, said))
            self.given_up |= not fits
        return hits

    def _alone(self, kind: str) -> list[Hit]:
        operators = self.narrowed is not None or self.after or self.before
        if (operators and "{tickets}" not in KINDS[kind].seen) or not self.words.all:
            return []
        sql = f"{_ALONE} AND {KINDS[kind].seen} LIMIT %(most)s"
        return [Hit(*row) for row in self._ask(sql, mark=_mark(KINDS[kind].mark))]

    def _ask(self, sql: str, **values) -> list[tuple]:
        try:
            visible, parameters = self.tickets.order_by().values("number", "customer_id").query.sql_with_params()
        except EmptyResultSet:
            return []
        # Django's own parameters get names, so that they can stand wherever the tickets do.
        names = {f"t{n}": parameter for n, parameter in enumerate(parameters)}
        order = iter(names)
        visible = re.sub("%%|%s", lambda sign: sign[0] if sign[0] == "%%" else f"%({next(order)})s", visible)
        sql = sql.format(
            tickets=visible, seen=_SEEN.format(tickets=visible), without=_WITHOUT if self.words.none else ""
        )
        words = {name: getattr(self.words, name) for name in ("all", "wanted", "none", "said")}
        values |= names | words | {"now": self.now, "most": MOST}
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    @cached_property
    def _few(self) -> list[int] | None:
        """The tickets that operators leave, if they are few."""
        if self.narrowed is None:
            return None
        numbers = list(self.narrowed.order_by().values_list("pk", flat=True)[: _FEW + 1])
        return numbers if len(numbers) <= _FEW else None

    @cached_property
    def _steps(self) -> list[str]:
        """Name the last days and then the months in which tickets came in, the newest first."""
        span = Ticket.objects.aggregate(first=Min("created_at"), last=Max("created_at"))
        if span["first"] is None:
            return []
        first = max(span["first"], self.after or span["first"]).astimezone(UTC).date()
        day = min(span["last"], self.before or span["last"], self.now).astimezone(UTC).date()
        days, steps = 0, []
        while day >= first and (days < _DAYS or (day + timedelta(days=1)).day != 1):
            steps.append(_mark(f"{day:%Y-%m-%d}"))
            day -= timedelta(days=1)
            days += 1
        while day >= first:
            steps.append(_mark(f"{day:%Y-%m}"))
            day = day.replace(day=1) - timedelta(days=1)
        return steps


def _mark(name: str) -> str:
    return quoted(f" {name}")
