"""What drafted response times or opening hours would have meant for tickets of the past (P1.2). Nothing is changed.

The tickets that came in a period are put to the promises in force and to those with the draft. Tickets of
channels on which the draft changes nothing are not counted, nor those that were imported or merged into others.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from escalation import promises
from escalation.promises import Outcome
from policies import book
from policies.models import Calendar, FloorLimit, PolicyDraft, ResponseTime
from policies.responses import Terms
from tickets.models import Channel, Ticket

MOST = 5000
"""The newest tickets of the period that are read; if there are more, the result says so."""

MOST_SECONDS = 5
"""After so long the trial stops with what it has read; it says so, too."""

MOST_LISTED = 100

BATCH = 500


@dataclass(frozen=True)
class Elsewhere:
    """A ticket to which the promise would have been kept by one side and not by the other."""

    ticket: Ticket
    before: Outcome
    after: Outcome


@dataclass
class Tally:
    """How often each of the three was kept (True), missed (False) and not yet known (None)."""

    answered: Counter = field(default_factory=Counter)
    solved: Counter = field(default_factory=Counter)
    both: Counter = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        for name, counts in vars(self).items():
            counts[getattr(outcome, name)] += 1


@dataclass
class Result:
    """What a trial found: the tickets read of the period, and how the promises in force and drafted were kept."""

    since: datetime
    until: datetime
    tickets: int = 0
    left_out: int = 0
    today: Tally = field(default_factory=Tally)
    drafted: Tally = field(default_factory=Tally)
    elsewhere: int = 0
    listed: list[Elsewhere] = field(default_factory=list)


def means_something(draft: PolicyDraft) -> bool:
    """Whether DRAFT is of a kind by which promises to customers are reckoned."""
    if draft.kind == "floor-limits":
        return draft.terms["floor"] == 1 and "category" not in draft.terms
    return draft.kind in ("response-times", "calendars")


def run(draft: PolicyDraft, *, since: datetime, until: datetime, now: datetime) -> Result:
    """Put the tickets that came from SINCE until UNTIL to the promises in force at NOW, and to those with DRAFT."""
    before, after = _promises(draft, now)
    changed = [channel for channel in before if channel in after and before[channel] != after[channel]]
    came = Ticket.objects.filter(
        channel__in=changed, created_at__gte=since, created_at__lt=min(until, now), source="", merged_into=None,
        escalation__isnull=False,
    )  # fmt: skip
    newest = list(
        came.annotate(resolved_at=F("escalation__resolved_at"))
        .only("subject", "channel_id", "created_at", "first_response_at")
        .order_by("-created_at", "-pk")[:MOST]
    )
    result = Result(since, until, left_out=came.count() - MOST if len(newest) == MOST else 0)
    ends = time.monotonic() + MOST_SECONDS
    for start in range(0, len(newest), BATCH):
        if time.monotonic() > ends:
            result.left_out += len(newest) - start
            break
        tickets = newest[start : start + BATCH]
        waited = promises.waited({ticket.pk: ticket.resolved_at or now for ticket in tickets})
        for ticket in tickets:
            sides = (before[ticket.channel_id], after[ticket.channel_id])
            asked = (ticket.created_at, ticket.first_response_at or ticket.resolved_at, ticket.resolved_at)
            outcomes = (promises.outcome(*asked, terms, waited.get(ticket.pk, ()), now=now) for terms in sides)
            _compare(ticket, *outcomes, result=result)
    return result


def _promises(draft: PolicyDraft, now: datetime) -> tuple[dict[int, Terms], dict[int, Terms]]:
    """Return what is promised on each channel, by its primary key: as it is, and with DRAFT."""
    times = list(ResponseTime.objects.in_force(now))
    limits = list(FloorLimit.objects.in_force(now).filter(floor=1, category=None).select_related("calendar"))
    kind = book.kind(draft.kind)
    row = kind.made(kind.read(draft.terms), now)
    if not isinstance(row, Calendar):
        rows = times if isinstance(row, ResponseTime) else limits
        others = [one for one in rows if one.channel_id != row.channel_id]
        kept = [one for one in rows if one.pk != draft.replaces_id]  # what a withdrawal leaves
        changed = kept if draft.ends else [*others, row]
        after = _by_channel(changed, limits) if rows is times else _by_channel(times, changed)
    else:
        after = _by_channel(times, limits, None if draft.ends else row)
    return _by_channel(times, limits), after


def _by_channel(
    times: Iterable[ResponseTime], limits: Iterable[FloorLimit], drafted: Calendar | None = None
) -> dict[int, Terms]:
    promised = {row.channel_id: row for row in times}
    clocks = {row.channel_id: row for row in limits}
    found = {}
    for channel in Channel.objects.values_list("pk", flat=True):
        row, clock = promised.get(channel) or promised.get(None), clocks.get(channel) or clocks.get(None)
        calendar = clock.calendar if clock else None
        if calendar and drafted and calendar.slug == drafted.slug:
            calendar = drafted
        if row:
            found[channel] = Terms(row, calendar.hours if calendar else None)
    return found


def _compare(ticket: Ticket, before: Outcome, after: Outcome, *, result: Result) -> None:
    result.tickets += 1
    result.today.add(before)
    result.drafted.add(after)
    if before != after:
        result.elsewhere += 1
        if len(result.listed) < MOST_LISTED:
            result.listed.append(Elsewhere(ticket, before, after))
