"""What a customer's earlier tickets tell the rules: how many, how often abusive, worth how much."""

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
    orders: dict[object, Decimal] = {}
    earlier = 0
    for number, _strike, created_at, reference, value, currency in rows:
        if number == ticket.pk or created_at > ticket.created_at:
            continue
        earlier += 1
        if currency == settings.CURRENCY and reference != (ticket.order_reference or None):
            orders[reference or number] = max(value, orders.get(reference or number, Decimal(0)))
    return {
        "earlier_tickets": earlier,
        "strikes": sum(strike for _number, strike, *_rest in rows),
        "lifetime_value": sum(orders.values(), start=Decimal(0)),
    }
