"""What a drafted cell of the decision matrix would have meant for decisions of the past (P4.2). Nothing is changed.

The decisions of a period are put again, in the order in which they were made, to the matrix in force and to the matrix
with the draft. Each of the two keeps its own account of what customers had been given and what people had given alone
by then, so that sums over time hold as they would have. What was given is given either way: alone, or by a signature.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q

from escalation import history
from escalation.authority import Question, Ruling
from escalation.matrix_account import Account, Gift
from escalation.models import Decision, Verdict
from policies import book
from policies.models import DecisionRule, PolicyDraft
from tickets.models import User

MOST = 2000
"""The newest decisions of the period that are put again; if there are more, the result says so."""

MOST_BEFORE = 20_000
"""Earlier decisions that are read for sums over time; if there are more, the result says so."""

MOST_SECONDS = 5
"""After so long the trial stops with what it has read; it says so, too."""

MOST_LISTED = 100


@dataclass(frozen=True)
class Elsewhere:
    """A decision for which the draft says something else than the matrix in force."""

    decision: Decision
    before: Ruling
    after: Ruling


@dataclass
class Tally:
    """How often each verdict was given, and what went out without review, by currency."""

    verdicts: Counter = field(default_factory=Counter)
    alone: Counter = field(default_factory=Counter)

    def add(self, verdict: str, decision: Decision) -> None:
        self.verdicts[str(verdict)] += 1
        if verdict == Verdict.ALLOWED and decision.amount:
            self.alone[decision.currency] += decision.amount


@dataclass
class Result:
    """What a trial found: the period really read; verdicts as they were, by the matrix as it is, and as drafted."""

    since: datetime
    until: datetime
    decisions: int = 0
    left_out: int = 0
    sums_cut: bool = False
    then: Tally = field(default_factory=Tally)
    today: Tally = field(default_factory=Tally)
    drafted: Tally = field(default_factory=Tally)
    elsewhere: int = 0
    listed: list[Elsewhere] = field(default_factory=list)


def run(draft: PolicyDraft, *, since: datetime, until: datetime, now: datetime) -> Result:
    """Put the decisions made from SINCE until UNTIL to the matrix in force at NOW, and to the one with DRAFT."""
    made = Decision.objects.filter(decided_at__gte=since, decided_at__lt=until)
    newest = made.select_related("escalation__ticket__customer", "decided_by").order_by("-decided_at", "-pk")
    decisions = list(newest[:MOST])[::-1]
    result = Result(since, until)
    if len(decisions) == MOST:
        result.since, result.left_out = decisions[0].decided_at, made.count() - MOST
    today = list(DecisionRule.objects.in_force(now))
    accounts = Account(today), Account(_with(draft, today))
    gifts, result.sums_cut = _gifts(decisions, accounts, until=until)
    questions = _questions(decisions, needs_worth=any(account.asks_worth for account in accounts), now=now)
    ends = time.monotonic() + MOST_SECONDS
    for event in _in_order(decisions, gifts):
        if isinstance(event, Gift):
            for account in accounts:
                account.give(event)
        elif time.monotonic() > ends:
            result.left_out += len(decisions) - result.decisions
            break
        else:
            _compare(event, *(account.ask(event.pk, questions[event.pk]) for account in accounts), result=result)
    result.listed.reverse()
    return result


def _with(draft: PolicyDraft, today: Iterable[DecisionRule]) -> list[DecisionRule]:
    """Return the cells of TODAY with DRAFT in place of what it replaces."""
    cells = [cell for cell in today if cell.slug != draft.terms["slug"]]
    if not draft.ends:
        cells.append(DecisionRule(**book.kind(draft.kind).read(draft.terms)))
    return cells


def _gifts(decisions: list[Decision], accounts: Iterable[Account], *, until: datetime) -> tuple[list[Gift], bool]:
    """Return what came into force besides DECISIONS and may count in a sum, and whether there was too much of it."""
    if not decisions:
        return [], False
    begin = decisions[0].decided_at
    to_customers = max(account.customer_window for account in accounts)
    by_people = max(account.agent_window for account in accounts)
    alone = ExpressionWrapper(Q(approval__isnull=True), output_field=BooleanField())
    rows = Decision.objects.filter(decided_at__lt=until, in_force_at__lt=until, amount__gt=0).order_by("-in_force_at")
    rows = rows.values_list(
        "pk", "in_force_at", "escalation__ticket__customer", "decided_by", "currency", "amount", alone
    )
    # Two questions, since each has an index of its own.
    parts = (
        rows.filter(
            in_force_at__gt=begin - to_customers,
            escalation__ticket__customer__in={d.escalation.ticket.customer_id for d in decisions},
        ),
        rows.filter(
            in_force_at__gt=begin - by_people, approval=None, decided_by__in={d.decided_by_id for d in decisions}
        ),
    )
    found = [list(part[: MOST_BEFORE + 1]) for part in parts]
    read = {decision.pk for decision in decisions}
    gifts = {row[0]: Gift(*row) for part in found for row in part[:MOST_BEFORE] if row[0] not in read}
    return list(gifts.values()), any(len(part) > MOST_BEFORE for part in found)


def _in_order(decisions: list[Decision], gifts: list[Gift]) -> Iterator[Decision | Gift]:
    """Yield the decisions as they were asked, and what came into force as it did, in order of time."""
    # Each was given in the end: alone where the matrix in question allows it, else by somebody's signature.
    given = [
        Gift(d.pk, d.in_force_at, d.escalation.ticket.customer_id, d.decided_by_id, d.currency, d.amount, False)
        for d in decisions
        if d.in_force_at and d.amount
    ]
    events = [(gift.at, gift.decision, 1, gift) for gift in [*gifts, *given]]
    events += [(decision.decided_at, decision.pk, 0, decision) for decision in decisions]
    return (event[3] for event in sorted(events, key=lambda event: event[:3]))


def _questions(decisions: list[Decision], *, needs_worth: bool, now: datetime) -> dict[int, Question]:
    """Return what each decision asked, from the facts that it was made on; roles are those that people have now."""
    acts_in: dict[int, set[str]] = {}
    people = User.objects.filter(pk__in={decision.decided_by_id for decision in decisions})
    for person, role in people.values_list("pk", "groups__name"):
        acts_in.setdefault(person, set()).add(role)
    tickets = {decision.escalation_id: decision.escalation.ticket for decision in decisions}
    worths = history.worths(tickets.values(), now=now) if needs_worth else {}
    return {
        decision.pk: Question(
            problem=decision.problem,
            remedy=decision.remedy,
            amount=decision.amount,
            currency=decision.currency or settings.CURRENCY,
            by=decision.decided_by_id,
            roles=frozenset(acts_in[decision.decided_by_id]),
            customer=decision.escalation.ticket.customer_id,
            floor=decision.facts.get("floor", 1),
            products=decision.facts.get("products", ()),
            now=decision.decided_at,
            worth=lambda number=decision.escalation_id: worths[number],
            given=None,
        )
        for decision in decisions
    }


def _compare(decision: Decision, before: Ruling, after: Ruling, *, result: Result) -> None:
    result.decisions += 1
    for tally, verdict in (
        (result.then, decision.verdict), (result.today, before.verdict), (result.drafted, after.verdict),
    ):  # fmt: skip
        tally.add(verdict, decision)
    if before.verdict != after.verdict:
        result.elsewhere += 1
        # The newest are shown, and they come last.
        result.listed = [*result.listed[-MOST_LISTED + 1 :], Elsewhere(decision, before, after)]
