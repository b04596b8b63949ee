"""Taking times: every figure is a median of many, on a monotonic clock."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the report. `aim` is what the design promises, `beside` the same work by the shortest way known."""

    what: str
    value: str
    beside: str = ""
    aim: str = ""
    note: str = ""


def milliseconds(work: Callable[[], object], *, times: int, warm_up: int = 3) -> list[float]:
    """Return how long each call of WORK took, sorted."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)


def alternately(first: Callable[[], object], second: Callable[[], object], *, times: int) -> tuple[list, list]:
    """Time two ways of the same work in turns, so that a busy moment of the machine falls on both."""
    one, other = [], []
    for _ in range(3):
        first()
        second()
    for _ in range(times):
        one += milliseconds(first, times=1, warm_up=0)
        other += milliseconds(second, times=1, warm_up=0)
    return sorted(one), sorted(other)


def spread(taken: list[float], unit: str = "ms") -> str:
    """Return median and 99th percentile in words."""
    return f"{statistics.median(taken):.2f} {unit} (p99 {percentile(taken, 99):.2f})"


def percentile(taken: list[float], share: float) -> float:
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share / 100))]
