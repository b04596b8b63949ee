"""What followed a change of a policy (P3.5): watched from its day through 90 days, beside the 90 days before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from escalation.access import visible_to
from metrics import catalogue, sources
from metrics.catalogue import MEAN, SHARE, Metric
from metrics.fridays import Span
from metrics.models import Figure
from metrics.sources import Rows
from policies.models import DecisionRule, Policy
from tickets.models import Category, User

WATCHED_FOR = timedelta(days=90)
"""How long a change is watched (P3.5)."""

FEW = 10
"""With fewer cases on either side a difference says little."""

HANDLING = Metric(
    "handling_time",
    _("Handling time"),
    Figure.Unit.HOURS,
    MEAN,
    _("Hours from the arrival of a ticket to its resolution, without the time in which we waited for the customer."),
    _("Mean over the tickets that were resolved in this time."),
    _("Imported tickets: their dates have no time of day."),
    sources.handling_times,
)
LEFT = Metric(
    "customers_left",
    _("Customers who left"),
    Figure.Unit.PERCENT,
    SHARE,
    _("Share of resolved tickets whose customer then asked us to erase their data: the part of churn that we can see."),
    _("Resolved tickets erased at the customer's wish / tickets resolved in this time."),
    _("Imported tickets. Customers who stay away without a word: only the shop's own sales know of them."),
    sources.followed_by_erasure,
)
METRICS = (catalogue.get("first_contact_resolution"), HANDLING, LEFT, catalogue.get("satisfaction"))
LESS_IS_BETTER = {HANDLING.key, LEFT.key}


@dataclass(frozen=True)
class Measured:
    """A figure over one time, from `n` cases; `value` is None without any."""

    n: int
    value: Decimal | None


@dataclass(frozen=True)
class Effect:
    """One figure before a change and since."""

    metric: Metric
    before: Measured
    after: Measured

    @property
    def change(self) -> Decimal | None:
        """How much more it is than before, in its own unit; None where either side has no cases."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def better(self) -> bool | None:
        """Whether it went the right way; None where it did not move, or too few cases were seen to say so."""
        if not self.change or self.is_small:
            return None
        return (self.change < 0) == (self.metric.key in LESS_IS_BETTER)

    @property
    def is_small(self) -> bool:
        return min(self.before.n, self.after.n) < FEW


@dataclass(frozen=True)
class Watch:
    """The times that are compared, and `scope`: the tickets that the policy is about, as columns; empty for all."""

    before: Span
    after: Span | None
    until: datetime
    scope: dict[str, object]

    @property
    def day(self) -> int:
        """So many whole days have been watched."""
        return (self.after.end - self.after.start).days if self.after else 0


def watch(policy: Policy, now: datetime) -> Watch:
    """Return what is compared for POLICY at NOW; nothing is watched of a version that has not begun."""
    start, until = policy.valid_from, policy.valid_from + WATCHED_FOR
    if policy.valid_until is not None:
        until = min(until, policy.valid_until)
    end = min(now, until)
    after = Span(start, end) if end > start else None
    return Watch(Span(start - WATCHED_FOR, start), after, until, _scope(policy))


def of(watched: Watch) -> list[Effect]:
    """Return the figures of WATCHED in the order in which the protocol names them; two queries for each."""
    return [
        Effect(
            metric, _measured(metric, watched.before, watched.scope), _measured(metric, watched.after, watched.scope)
        )
        for metric in METRICS
    ]


def behind(watched: Watch, key: str, *, before: bool, reader: User) -> tuple[list[tuple[int, Decimal]], int]:
    """Return the tickets behind a figure that READER may see, with what each adds, newest first; and how many others.

    At most 200 of them.
    """
    metric = next((metric for metric in METRICS if metric.key == key), None)
    span = watched.before if before else watched.after
    if metric is None or span is None:
        return [], 0
    rows = _rows(metric, span, watched.scope)
    ticket = rows.number.removesuffix("number")
    seen = rows.queryset.filter(**{f"{ticket}number__in": visible_to(reader).order_by().values("number")})
    listed = list(seen.order_by(f"-{rows.number}", "-pk").values_list(rows.number, "amount")[:200])
    return listed, rows.queryset.count() - seen.count()


def _measured(metric: Metric, span: Span | None, scope: dict[str, object]) -> Measured:
    if span is None:
        return Measured(0, None)
    found = _rows(metric, span, scope).queryset.aggregate(rows=Count("*"), total=Sum("amount"))
    if not found["rows"]:
        return Measured(0, None)
    return Measured(found["rows"], found["total"] / found["rows"] * (100 if metric.how == SHARE else 1))


def _rows(metric: Metric, span: Span, scope: dict[str, object]) -> Rows:
    rows = metric.source(span)
    ticket = rows.number.removesuffix("number")
    return Rows(rows.queryset.filter(**{f"{ticket}{name}": value for name, value in scope.items()}), rows.number, "")


def _scope(policy: Policy) -> dict[str, object]:
    """Return which tickets POLICY is about: those of its channel and category, or of its problem's category."""
    scope = {
        name: getattr(policy, name)
        for name in ("channel", "category")
        if getattr(policy, f"{name}_id", None) is not None
    }
    if isinstance(policy, DecisionRule):
        scope |= {"category": Category.objects.filter(slug=policy.problem.replace("_", "-")).first()}
    return {name: row for name, row in scope.items() if row is not None}
