"""What a change of the clocks would mean for tickets that are live now. Nothing is moved: stays keep their terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from escalation import access, deadlines
from escalation.models import FloorVisit, Pause
from policies import floors
from policies.floors import Limits, Scope, Terms
from policies.models import Calendar, FloorLimit
from tickets.models import Ticket, User

SHOWN = 200
"""Tickets listed at most, those due first."""


@dataclass(frozen=True)
class Row:
    """A live ticket: when it is due, and when it would be. Both are empty while its clock stands still."""

    ticket: int
    floor: int
    due_at: datetime | None
    then: datetime | None
    subject: str = ""


@dataclass(frozen=True)
class Outcome:
    """Counts over all live tickets that the change is about, and a list of those that the asker may see."""

    now: datetime
    rows: list[Row]
    total: int
    hidden: int
    paused: int
    earlier: int
    later: int
    late_now: int
    late_then: int


def of_terms(scope: Scope, terms: Terms, *, asker: User, now: datetime) -> Outcome:
    """Return what would be if TERMS had held for SCOPE when its live tickets entered their floor."""
    floors.require_owner(asker)
    floors.check(terms)
    return _outcome([FloorLimit(**vars(scope), **vars(terms))], asker=asker, now=now)


def of_calendar(draft: Calendar, *, asker: User, now: datetime) -> Outcome:
    """Return what would be if every limit in DRAFT's calendar had run in DRAFT."""
    floors.require_owner(asker)
    changed = []
    for limit in floors.limits(now):
        if limit.calendar and limit.calendar.slug == draft.slug:
            limit.calendar = draft
            changed.append(limit)
    return _outcome(changed, asker=asker, now=now)


def _outcome(changed: Sequence[FloorLimit], *, asker: User, now: datetime) -> Outcome:
    held = {(limit.floor, limit.channel_id, limit.category_id): limit for limit in floors.limits(now)}
    for limit in changed:
        held[(limit.floor, limit.channel_id, limit.category_id)] = limit
    limits = Limits(held.values())
    stays = FloorVisit.objects.filter(left_at__isnull=True, floor__in={limit.floor for limit in changed})
    pauses: dict[int, list[deadlines.Interval]] = {}
    ended = Pause.objects.filter(visit__in=stays, ended_at__isnull=False)
    for visit, begun, until in ended.values_list("visit_id", "started_at", "ended_at"):
        pauses.setdefault(visit, []).append((begun, until))
    rows = []
    for visit, number, floor, entered_at, due_at, channel, category in stays.values_list(
        "pk", "escalation_id", "floor", "entered_at", "due_at", "escalation__ticket__channel_id",
        "escalation__ticket__category_id",
    ):  # fmt: skip
        limit = limits.find(floor, channel, category)
        if not any(limit is one for one in changed):
            continue
        then = None
        if due_at is not None:  # a clock that stands still has no deadline under any terms
            then = deadlines.reckon(entered_at, floors.terms_of(limit), pauses.get(visit, ())).due_at
        rows.append(Row(number, floor, due_at, then))
    return _counted(rows, asker=asker, now=now)


def _counted(rows: list[Row], *, asker: User, now: datetime) -> Outcome:
    running = sorted((row for row in rows if row.then), key=lambda row: (row.then, row.ticket))
    seen = dict(
        access.visible_to(asker, Ticket.objects.filter(pk__in=[row.ticket for row in rows])).values_list(
            "pk", "subject"
        )
    )
    listed = [row for row in running if row.ticket in seen][:SHOWN]
    return Outcome(
        now=now,
        rows=[Row(row.ticket, row.floor, row.due_at, row.then, seen[row.ticket]) for row in listed],
        total=len(rows),
        hidden=sum(row.ticket not in seen for row in rows),
        paused=len(rows) - len(running),
        earlier=sum(row.then < row.due_at for row in running),
        later=sum(row.then > row.due_at for row in running),
        late_now=sum(row.due_at <= now for row in running),
        late_then=sum(row.then <= now for row in running),
    )
