"""What a customer's earlier tickets tell the rules: how many, how often abusive, worth how much."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef

from escalation.models import RiskFlag
from policies.risks import Risk
from tickets.models import Ticket

STRIKES_COUNT_FOR = timedelta(days=365)
"""How long a flag for abusive language counts as a strike."""

MOST = 1000
"""So many of a customer's newest tickets are looked at."""


def of_customer(ticket: Ticket, *, now: datetime) -> dict[str, object]:
    """Return the history of TICKET's customer before NOW, in one query.

    `strikes` are tickets flagged for abusive language in the last twelve months, this one among them; `lifetime_value`
    sums the orders that the earlier tickets were about, in the shop's currency, each order once.
    """
    abusive = RiskFlag.objects.filter(
        escalation_id=OuterRef("pk"), risk=Risk.ABUSE, flagged_at__gt=now - STRIKES_COUNT_FOR, flagged_at__lte=now
    )
    tickets = Ticket.objects.filter(customer_id=ticket.customer_id, created_at__lte=now, merged_into__isnull=True)
    rows = list(
        tickets.order_by("-pk")
        .annotate(strike=Exists(abusive))
        .values_list("pk", "strike", "created_at", "order_reference", "order_value", "order_currency")[:MOST]
    )
    past = [row for row in rows if row[0] != ticket.pk and row[2] <= ticket.created_at]
    return {
        "earlier_tickets": len(past),
        "strikes": sum(row[1] for row in rows),
        "lifetime_value": _worth(ticket, [(row[0], *row[3:]) for row in past]),
    }


def worths(tickets: Collection[Ticket], *, now: datetime) -> dict[int, Decimal]:
    """Return for each of many tickets the `lifetime_value` of its customer when it was opened, in one query."""
    orders: dict[int, list[tuple]] = {}
    rows = Ticket.objects.filter(
        customer_id__in={ticket.customer_id for ticket in tickets}, merged_into__isnull=True, created_at__lte=now,
        order_currency=settings.CURRENCY,
    )  # fmt: skip
    for customer, created_at, *order in rows.values_list(
        "customer_id", "created_at", "pk", "order_reference", "order_value", "order_currency"
    ):
        orders.setdefault(customer, []).append((created_at, order))
    return {
        ticket.pk: _worth(
            ticket,
            [o for at, o in orders.get(ticket.customer_id, ()) if at <= ticket.created_at and o[0] != ticket.pk],
        )
        for ticket in tickets
    }


def _worth(ticket: Ticket, orders: Iterable[Sequence]) -> Decimal:
    """Add up ORDERS (ticket, reference, value, currency), each once, without the one that TICKET itself is about."""
    values: dict[object, Decimal] = {}
    for number, reference, value, currency in orders:
        if currency == settings.CURRENCY and reference != (ticket.order_reference or None):
            values[reference or number] = max(value, values.get(reference or number, Decimal(0)))
    return sum(values.values(), start=Decimal(0))
