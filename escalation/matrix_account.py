"""A decision matrix with an account of what was given under it, kept in memory for trials."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from escalation import authority
from escalation.authority import Question, Ruling
from escalation.given import Within
from policies.models import DecisionRule


@dataclass(frozen=True)
class Gift:
    """What a customer got by a decision, and when; ALONE when nobody else signed it."""

    decision: int
    at: datetime
    customer: int
    by: int
    currency: str
    amount: Decimal
    alone: bool


class Account:
    """One matrix, and what was given under it so far. Everything comes in order of time."""

    def __init__(self, cells: Iterable[DecisionRule]):
        cells = list(cells)
        self._cells: dict[tuple[str, str], list[DecisionRule]] = defaultdict(list)
        for cell in cells:
            self._cells[cell.problem, cell.remedy].append(cell)
        self.asks_worth = any(cell.worth_from is not None for cell in cells)
        self.customer_window = _longest([window for cell in cells for window in (cell.window, cell.customer_window)])
        self.agent_window = _longest([cell.agent_window for cell in cells])
        self._counted: set[int] = set()
        # For a customer, and for a person: by currency the instants, and the sum of all until each of them.
        self._given: dict[tuple[str, int], dict[str, tuple[list, list]]] = defaultdict(dict)

    def ask(self, number: int, question: Question) -> Ruling:
        """Return what the matrix says to decision NUMBER; what it allows is given at once."""
        asked = replace(question, given=self.given)
        ruling = authority.judge(asked, self._cells[asked.problem, asked.remedy])
        if ruling.allowed and asked.amount:
            self.give(Gift(number, asked.now, asked.customer, asked.by, asked.currency, asked.amount, True))
        return ruling

    def give(self, gift: Gift) -> None:
        """Count what came into force, once."""
        if gift.decision in self._counted:
            return
        self._counted.add(gift.decision)
        whose = [("customer", gift.customer)] + ([("by", gift.by)] if gift.alone else [])
        for key in whose:
            instants, sums = self._given[key].setdefault(gift.currency, ([], [Decimal(0)]))
            instants.append(gift.at)
            sums.append(sums[-1] + gift.amount)

    def given(
        self, sums: Iterable[Within], *, customer: int, by: int, now: datetime
    ) -> dict[Within, dict[str, Decimal]]:
        """Answer as `given.before` would have at this point of the story."""
        whose = {False: ("customer", customer), True: ("by", by)}
        return {within: self._since(now - within.window, whose[within.alone]) for within in sums}

    def _since(self, since: datetime, whose: tuple[str, int]) -> dict[str, Decimal]:
        kept = self._given[whose]
        found = {code: sums[-1] - sums[bisect_right(instants, since)] for code, (instants, sums) in kept.items()}
        return {code: total for code, total in found.items() if total}


def _longest(windows: list[timedelta | None]) -> timedelta:
    return max((window for window in windows if window), default=timedelta(0))
