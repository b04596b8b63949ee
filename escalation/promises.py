"""Whether a customer was answered and solved as promised at arrival (P1.2).

What counts is the time in which we had the ball: opening hours of the channel's Floor 1, without the waiting for the
customer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from escalation.deadlines import Interval, worked_in
from escalation.models import Pause
from policies.responses import Terms
from policies.working_time import between


@dataclass(frozen=True)
class Outcome:
    """Whether a ticket was answered and solved in time; None while it still can be."""

    answered: bool | None
    solved: bool | None

    @property
    def both(self) -> bool | None:
        if False in (self.answered, self.solved):
            return False
        return None if None in (self.answered, self.solved) else True


def outcome(
    came_at: datetime,
    answered_at: datetime | None,
    solved_at: datetime | None,
    terms: Terms,
    waited: Iterable[Interval],
    *,
    now: datetime,
) -> Outcome:
    """Hold a ticket against TERMS at NOW; WAITED is when it waited for its customer."""
    answer = between(came_at, answered_at or now, terms.hours)
    worked = between(came_at, solved_at or now, terms.hours) - worked_in(waited, terms.hours)
    return Outcome(
        _kept(answer <= terms.times.first_response, is_over=answered_at is not None),
        _kept(worked <= terms.times.resolution, is_over=solved_at is not None),
    )


def waited(ends: dict[int, datetime]) -> dict[int, list[Interval]]:
    """Return when each ticket waited for its customer; ENDS says for each number until when that counts."""
    found: dict[int, list[Interval]] = {}
    rows = Pause.objects.filter(visit__escalation__in=list(ends))
    for number, begun, ended in rows.values_list("visit__escalation_id", "started_at", "ended_at"):
        found.setdefault(number, []).append((begun, min(ended or ends[number], ends[number])))
    return found


def _kept(in_time: bool, *, is_over: bool) -> bool | None:
    return in_time if is_over or not in_time else None
