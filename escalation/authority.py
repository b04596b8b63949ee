"""Who may decide what: the decision matrix asked about one case (P4.1, P4.2).

    ruling = authority.verdict(ticket, actor=..., problem=..., remedy=..., amount=..., currency=..., now=...)

It says allowed, needs somebody else, or no rule, with the cell that says so and why in words. Asking changes nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Func, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Length, Lower, StrIndex
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation import history
from escalation.models import Decision, Verdict
from policies.folding import fold
from policies.models import DecisionRule
from policies.remedies import Problem, Remedy
from tickets import roles
from tickets.models import Ticket, User


@dataclass(frozen=True)
class Ruling:
    """What the matrix says about one case, why, and under which cell; `cell` is None when there is none."""

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

    `worth` returns what the customer has bought so far, `given` what was given before (as `authority.given`). Both are
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
    given: Callable[..., dict[str, Decimal]]


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
        given=given,
    )
    return judge(question, _near(question, DecisionRule.objects.in_force(now).filter(problem=problem, remedy=remedy)))


def judge(question: Question, cells: Iterable[DecisionRule]) -> Ruling:
    """Return what CELLS, which hold for the problem and the remedy of QUESTION, say to it."""
    named = {"remedy": Remedy(question.remedy).label, "problem": Problem(question.problem).label}
    fitting = _fitting(question, cells)
    if not fitting:
        words = _("The matrix has no rule for “%(remedy)s” for “%(problem)s” on Floor %(floor)s.")
        return Ruling(Verdict.NO_RULE, words % (named | {"floor": question.floor}))
    foremost = max(cell.demands for cell in fitting)
    cells = [cell for cell in fitting if cell.demands == foremost]
    theirs = [cell for cell in cells if not question.roles.isdisjoint(cell.roles)]
    if not theirs:
        allowed = [str(roles.LABELS[role]) for role in roles.ALL if any(role in cell.roles for cell in cells)]
        why = _("“%(remedy)s” for “%(problem)s” is decided alone by: %(roles)s.")
        return Ruling(Verdict.NEEDS, why % (named | {"roles": ", ".join(allowed)}), cells[0])
    # A cell in another currency than what is asked has the least to say.
    theirs.sort(key=lambda cell: (cell.currency not in ("", question.currency), -(cell.up_to or 0)))
    against = ""
    for cell in theirs:
        reason = _against(cell, question)
        if not reason:
            return Ruling(Verdict.ALLOWED, _allowed(cell), cell)
        against = against or reason
    return Ruling(Verdict.NEEDS, against, theirs[0])


def given(*, since: datetime, customer: int | None = None, by: int | None = None) -> dict[str, Decimal]:
    """Return what one customer was given, or what one person gave alone, after SINCE: a sum for each currency."""
    made = Decision.objects.filter(in_force_at__gt=since, amount__gt=0)
    if customer is not None:
        made = made.filter(escalation__ticket__customer=customer)
    if by is not None:
        made = made.filter(decided_by=by, approval__isnull=True)
    return dict(made.order_by().values_list("currency").annotate(total=Sum("amount")))


def _near(question: Question, cells: QuerySet[DecisionRule]) -> QuerySet[DecisionRule]:
    """Leave out the cells for goods that are surely others, so that a cell for each of thousands costs nothing.

    The database knows a name without accents only; what it cannot tell is left to `_fitting`.
    """
    goods = fold(" | ".join(question.products))
    told = cells.alias(
        place=StrIndex(Value(goods), Lower("product")),
        octets=Func("product", function="octet_length", output_field=IntegerField()),
    )
    return told.filter(Q(place__gt=0) | ~Q(octets=Length("product")))


def _fitting(question: Question, cells: Iterable[DecisionRule]) -> list[DecisionRule]:
    """Return those of CELLS whose conditions the case meets."""
    here = (3,) if question.floor == 3 else (question.floor, None)
    cells = [cell for cell in cells if cell.floor in here]
    goods = fold(" | ".join(question.products)) if any(cell.product for cell in cells) else ""
    cells = [cell for cell in cells if cell.goods in goods]
    if any(cell.worth_from is not None for cell in cells):
        worth = question.worth()
        cells = [cell for cell in cells if cell.worth_from is None or cell.worth_from <= worth]
    return cells


def _against(cell: DecisionRule, question: Question) -> str:
    """Return what stands against deciding it alone under CELL, in words, or ''."""
    amount, currency = question.amount, question.currency
    if cell.up_to is None:
        return _("This remedy costs nothing by the matrix; an amount needs a review.") if amount else ""
    if amount is None:
        return _("Name what it costs: the limit is %(limit)s.") % {"limit": _money(cell.up_to, cell.currency)}
    if currency != cell.currency:
        return _("The limit is in %(limit)s and this is in %(currency)s.") % {
            "limit": cell.currency, "currency": currency,
        }  # fmt: skip
    customer = {"customer": question.customer}
    limits = [(cell.up_to, cell.window, customer, _for_customer())]
    if cell.customer_up_to is not None:
        limits.append((cell.customer_up_to, cell.customer_window, customer, _for_customer()))
    if cell.agent_up_to is not None:
        words = _("You may give alone up to %(limit)s within %(time)s; %(given)s were given.")
        limits.append((cell.agent_up_to, cell.agent_window, {"by": question.by}, words))
    for limit, window, whose, words in limits:
        sums = question.given(since=question.now - window, **whose) if amount <= limit else {}
        before, time = sums.pop(currency, Decimal(0)), _time(window)
        if amount + before > limit:
            return words % {"limit": _money(limit, currency), "time": time, "given": _money(before, currency)}
        if "customer" in whose and sums:
            others = ", ".join(_money(other, code) for code, other in sorted(sums.items()))
            return _("Within %(time)s the customer was also given %(given)s; two currencies are not added up.") % {
                "time": time, "given": others,
            }  # fmt: skip
    return ""


def _for_customer() -> str:
    return _("One customer gets up to %(limit)s within %(time)s; %(given)s were given before.")


def _allowed(cell: DecisionRule) -> str:
    if cell.up_to is None:
        return _("You may decide this alone.")
    return _("You may decide this alone: up to %(limit)s for one customer within %(time)s.") % {
        "limit": _money(cell.up_to, cell.currency), "time": _time(cell.window),
    }  # fmt: skip


def _money(amount: Decimal, currency: str) -> str:
    return f"{number_format(amount, 2, use_l10n=True, force_grouping=True)} {currency}"


def _time(window: timedelta) -> str:
    hours = int(window.total_seconds() // 3600)
    if hours and hours <= 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    if hours:
        return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    return _("%(n)s minutes") % {"n": int(window.total_seconds() // 60)}
