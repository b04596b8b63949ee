"""Who may decide what: the decision matrix asked about one case (P4.1, P4.2).

    ruling = authority.verdict(ticket, actor=..., problem=..., remedy=..., amount=..., currency=..., now=...)

It says allowed, needs somebody else, or no rule, with the cell that says so and why in words. Asking changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from escalation import given, history, reasons
from escalation.given import Within
from escalation.models import Verdict
from policies.folding import fold
from policies.models import DecisionRule
from policies.remedies import Problem, Remedy
from tickets import roles
from tickets.models import Ticket, User

# The cells in force, without those for goods that are surely others: a cell for each of thousands costs nothing.
# The database knows a name without accents only; what it cannot tell is left to `_fitting`.
_CELLS = """
SELECT * FROM policies_decisionrule
WHERE problem = %(problem)s AND remedy = %(remedy)s AND valid_from <= %(now)s
    AND (valid_until IS NULL OR valid_until > %(now)s)
    AND (product = '' OR strpos(%(goods)s, lower(product)) > 0 OR octet_length(product) <> length(product))
"""


@dataclass(frozen=True)
class Ruling:
    """What the matrix says about one case, why, and under which cell; `cell` is None when there is none.

    `why` is as it goes on record: show it by `reasons.shown`.
    """

    verdict: Verdict
    why: str
    cell: DecisionRule | None = None

    @property
    def allowed(self) -> bool:
        return self.verdict == Verdict.ALLOWED

    @property
    def wants_amount(self) -> bool:
        """Whether the cell has a limit, so that a cost must be named before it can answer."""
        return bool(self.cell and self.cell.up_to is not None)

    def cite(self) -> dict:
        """Return what the audit trail keeps of it."""
        cited = {"verdict": str(self.verdict), "why": self.why}
        return cited | ({"rule": {"slug": self.cell.slug, "version": self.cell.version}} if self.cell else {})


@dataclass(frozen=True)
class Question:
    """What one case asks of the matrix: whether the person BY, who acts in ROLES, may give AMOUNT alone.

    `worth` returns what the customer has bought so far, `given` what was given before (as `given.before`). Both are
    asked only where a cell depends on them.
    """

    problem: str
    remedy: str
    amount: Decimal | None
    currency: str
    by: int
    roles: frozenset[str]
    customer: int
    floor: int
    products: Sequence[str]
    now: datetime
    worth: Callable[[], Decimal]
    given: Callable[..., Mapping[Within, Mapping[str, Decimal]]]

    @property
    def goods(self) -> str:
        """The names of the goods as cells compare them."""
        return fold(" | ".join(self.products))


def verdict(
    ticket: Ticket,
    *,
    actor: User,
    problem: str,
    remedy: str,
    amount: Decimal | None = None,
    currency: str = "",
    now: datetime,
) -> Ruling:
    """Return whether ACTOR may give REMEDY for PROBLEM alone where TICKET stands; AMOUNT is in CURRENCY (ISO 4217)."""
    question = Question(
        problem=problem,
        remedy=remedy,
        amount=amount,
        currency=currency or settings.CURRENCY,
        by=actor.pk,
        roles=actor.roles,
        customer=ticket.customer_id,
        floor=ticket.escalation.sensitive_floor,
        products=ticket.order_products,
        now=now,
        worth=lambda: history.of_customer(ticket, now=now)["lifetime_value"],
        given=given.before,
    )
    asked = {"problem": problem, "remedy": remedy, "now": now, "goods": question.goods}
    return judge(question, DecisionRule.objects.raw(_CELLS, asked))


def judge(question: Question, cells: Iterable[DecisionRule]) -> Ruling:
    """Return what CELLS, which hold for the problem and the remedy of QUESTION, say to it."""
    named = {"remedy": Remedy(question.remedy).label, "problem": Problem(question.problem).label}
    fitting = _fitting(question, cells)
    if not fitting:
        return Ruling(Verdict.NO_RULE, reasons.put(reasons.NO_RULE, **named, floor=question.floor))
    foremost = max(cell.demands for cell in fitting)
    cells = [cell for cell in fitting if cell.demands == foremost]
    theirs = [cell for cell in cells if not question.roles.isdisjoint(cell.roles)]
    if not theirs:
        allowed = [roles.LABELS[role] for role in roles.ALL if any(role in cell.roles for cell in cells)]
        return Ruling(Verdict.NEEDS, reasons.put(reasons.OTHER_ROLES, **named, roles=allowed), cells[0])
    # A cell in another currency than what is asked has the least to say.
    theirs.sort(key=lambda cell: (cell.currency not in ("", question.currency), -(cell.up_to or 0)))
    at_once = [_at_once(cell, question) for cell in theirs]
    asked = {limit.within for cell, no in zip(theirs, at_once, strict=True) if not no for limit in _limits(cell)}
    whose = {"customer": question.customer, "by": question.by, "now": question.now}
    sums = question.given(asked, **whose) if asked else {}
    against = [no or _beyond(cell, question, sums) for cell, no in zip(theirs, at_once, strict=True)]
    for cell, no in zip(theirs, against, strict=True):
        if not no:
            return Ruling(Verdict.ALLOWED, _allowed(cell), cell)
    return Ruling(Verdict.NEEDS, against[0], theirs[0])


@dataclass(frozen=True)
class _Limit:
    """How much may be given within a time, and what is said when it is more."""

    up_to: Decimal
    within: Within
    words: str


def _limits(cell: DecisionRule) -> list[_Limit]:
    """Return what CELL bounds; nothing where the remedy costs nothing."""
    if cell.up_to is None:
        return []
    limits = [_Limit(cell.up_to, Within(cell.window), reasons.FOR_CUSTOMER)]
    if cell.customer_up_to is not None:
        limits.append(_Limit(cell.customer_up_to, Within(cell.customer_window), reasons.FOR_CUSTOMER))
    if cell.agent_up_to is not None:
        limits.append(_Limit(cell.agent_up_to, Within(cell.agent_window, alone=True), reasons.FOR_PERSON))
    return limits


def _fitting(question: Question, cells: Iterable[DecisionRule]) -> list[DecisionRule]:
    """Return those of CELLS whose conditions the case meets."""
    here = (3,) if question.floor == 3 else (question.floor, None)
    cells = [cell for cell in cells if cell.floor in here]
    goods = question.goods if any(cell.product for cell in cells) else ""
    cells = [cell for cell in cells if cell.goods in goods]
    if any(cell.worth_from is not None for cell in cells):
        worth = question.worth()
        cells = [cell for cell in cells if cell.worth_from is None or cell.worth_from <= worth]
    return cells


def _at_once(cell: DecisionRule, question: Question) -> str:
    """Return what stands against deciding it alone under CELL, whatever was given before, in words, or ''."""
    amount, currency = question.amount, question.currency
    if cell.up_to is None:
        return reasons.put(reasons.COSTS_NOTHING) if amount else ""
    if amount is None:
        return reasons.put(reasons.NAME_THE_COST, limit=reasons.money(cell.up_to, cell.currency))
    if currency != cell.currency:
        return reasons.put(reasons.OTHER_CURRENCY, limit=cell.currency, currency=currency)
    return ""


def _beyond(cell: DecisionRule, question: Question, sums: Mapping[Within, Mapping[str, Decimal]]) -> str:
    """Return what stands against deciding it alone under CELL after what was given before, in words, or ''."""
    for limit in _limits(cell):
        before = sums[limit.within].get(question.currency, Decimal(0))
        if question.amount + before > limit.up_to:
            most, had = reasons.money(limit.up_to, question.currency), reasons.money(before, question.currency)
            return reasons.put(limit.words, limit=most, time=limit.within.window, given=had)
        others = {code: given for code, given in sums[limit.within].items() if code != question.currency}
        if others and not limit.within.alone:
            told = [reasons.money(given, code) for code, given in sorted(others.items())]
            return reasons.put(reasons.TWO_CURRENCIES, time=limit.within.window, given=told)
    return ""


def _allowed(cell: DecisionRule) -> str:
    if cell.up_to is None:
        return reasons.put(reasons.ALONE)
    return reasons.put(reasons.ALONE_UP_TO, limit=reasons.money(cell.up_to, cell.currency), time=cell.window)
