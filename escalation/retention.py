"""Erasing what is older than we promised to keep it: some each night, on record, never what must be kept."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from escalation import audit, erasure, legal_holds, privacy, reasons
from escalation.models import Blocked, Hold
from policies.models import Retention
from tickets.clock import database_now
from tickets.models import Customer, Ticket
from tickets.refusals import Refusal

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""So many tickets are erased in one night's run; the rest waits for the next."""


@dataclass(frozen=True)
class Count:
    """What one rule would erase now: PAST its time, of these KEPT by a hold."""

    rule: Retention
    past: int
    kept: int


def run(*, now: datetime | None = None, limit: int = AT_ONCE) -> int:
    """Erase up to LIMIT tickets whose time is over, oldest first, and the names of customers who have none left."""
    instant = now or database_now()
    erased = 0
    for rule, tickets in _past(instant):
        ground = reasons.RETENTION % {"months": rule.months, "version": rule.version}
        for number, customer in list(_free(tickets).values_list("pk", "customer")[: limit - erased]):
            try:
                erased += erasure.erase(number, by=audit.SYSTEM, ground=ground, now=now)
                _forget_if_last(customer, now)
            except Refusal as refusal:  # it was taken up again, or held, since it was chosen
                logger.info("Ticket %s is kept: %s", number, refusal)
    return erased


def counts(*, now: datetime | None = None) -> list[Count]:
    """Return what a run would find, rule by rule, without changing anything."""
    return [
        Count(rule, past=tickets.count(), kept=tickets.count() - _free(tickets).count())
        for rule, tickets in _past(now or database_now())
    ]


def _past(now: datetime) -> Iterator[tuple[Retention, QuerySet[Ticket]]]:
    """Yield each rule in force with the tickets that are past its time and not erased yet."""
    rules = list(Retention.objects.in_force(now).select_related("category"))
    others = Q(category=None) | ~Q(category__in=[rule.category_id for rule in rules if rule.category_id])
    for rule in rules:
        category = Q(category=rule.category_id) if rule.category_id else others
        yield rule, _resolved_before(_months_before(now, rule.months)).filter(category)


def _resolved_before(limit: datetime) -> QuerySet[Ticket]:
    # A merged ticket is part of the one that it went into, and is kept as long as that one.
    when = Coalesce("merged_into__escalation__resolved_at", "escalation__resolved_at")
    done = Ticket.objects.filter(erased_at__isnull=True, escalation__resolved_at__lt=limit)
    done = done.exclude(merged_into__isnull=False, merged_into__escalation__resolved_at__isnull=True)
    return (
        done.annotate(done_at=ExpressionWrapper(when, output_field=DateTimeField()))
        .filter(done_at__lt=Value(limit))
        .order_by("done_at", "pk")
    )


def _free(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Leave out what a hold or a legal hold keeps."""
    legal = legal_holds.in_force().filter(Q(escalation=OuterRef("pk")) | Q(customer=OuterRef("customer")))
    held = Hold.objects.filter(escalation=OuterRef("pk"), released_at__isnull=True, blocks__contains=[Blocked.ERASE])
    return tickets.exclude(Exists(legal)).exclude(Exists(held))


def _forget_if_last(customer: int, now: datetime | None) -> None:
    if not Ticket.objects.filter(customer=customer, erased_at=None).exists():
        privacy.forget(Customer.objects.get(pk=customer), now=now)


def _months_before(now: datetime, months: int) -> datetime:
    """Return the same day of the month, MONTHS earlier; the last day where that month is shorter."""
    total = now.year * 12 + now.month - 1 - months
    year, month = divmod(total, 12)
    day = now.day
    while True:
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            day -= 1
