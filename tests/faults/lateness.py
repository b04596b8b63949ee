"""How late deadlines were, with a fault and after it."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass
class Lateness:
    """The deadlines of one fault: when each fell due and was carried out, and when something was away."""

    fault: str
    carried_out: list[tuple[datetime, datetime]] = field(default_factory=list)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)

    def during(self) -> list[float]:
        """Seconds from the deadline, for what fell due while something was away."""
        return [(at - due).total_seconds() for due, at in self.carried_out if self._back(due)]

    def after(self) -> list[float]:
        """Seconds that a deadline was late with everything there: counted from the recovery when that came later."""
        return [(at - max(due, self._back(due) or due)).total_seconds() for due, at in self.carried_out]

    def _back(self, due: datetime) -> datetime | None:
        return max((until for since, until in self.away if since <= due <= until), default=None)

    def row(self) -> str:
        longest = max(((until - since).total_seconds() for since, until in self.away), default=0)
        during, after = self.during(), [max(0.0, late) for late in self.after()]
        share = sum(late <= 5 for late in after) / len(after) if after else 1
        return (
            f"| {self.fault} | {longest:.1f} | {len(self.carried_out)} | {len(during)} | {_three(during)}"
            f" | {_three(after)} | {share:.1%} |"
        )


HEAD = """\
| fault (times in s) | away | all | due then | late then, p50 / p99 / max | late after, p50 / p99 / max | within 5 s |
|---|---|---|---|---|---|---|"""


def table(figures: list[Lateness]) -> str:
    return "\n".join([HEAD, *(figure.row() for figure in figures)])


def report(figures: list[Lateness]) -> str:
    """Return the page of figures, with where they come from and what they add up to."""
    late = [max(0.0, seconds) for figure in figures for seconds in figure.after()]
    in_time = sum(seconds <= 5 for seconds in late) / len(late)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"""\
# Deadlines under faults, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC

`make faults`, {os.cpu_count()} cores, {platform.system()} {platform.release().split("-")[0]}, Python
{platform.python_version()}; load of the machine at the end: {load} (1, 5, 15 minutes).

{table(figures)}

`away`: how long the longest fault lasted, until what was killed answered or ran again. `late then`: from the deadline,
for those that fell due meanwhile. `late after`: what was left of it once everything was back, and all later deadlines.

Of {len(late):,} deadlines {in_time:.2%} were carried out within 5 s of recovery, the last after {max(late):.1f} s; each
exactly once, with one audit event and one outbox row, and every chain whole.
"""


def _three(values: list[float]) -> str:
    if not values:
        return "-"
    ordered = sorted(values)
    return " / ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))]:.3f}" for share in (0.5, 0.99, 1))
