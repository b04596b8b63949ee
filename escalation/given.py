"""What was given before: to one customer, and by one person alone (P4.1, P4.2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

# One statement for all of them: each is a walk along an index, and what costs is asking.
_GIVEN = """
SELECT false, since.n, given.* FROM unnest(%(customer_since)s::timestamptz[]) WITH ORDINALITY since (at, n)
CROSS JOIN LATERAL (
    SELECT d.currency, sum(d.amount) FROM escalation_decision d JOIN tickets_ticket t ON t.number = d.escalation_id
    WHERE t.customer_id = %(customer)s AND d.in_force_at > since.at AND d.amount > 0 GROUP BY d.currency
) given
UNION ALL
SELECT true, since.n, given.* FROM unnest(%(alone_since)s::timestamptz[]) WITH ORDINALITY since (at, n)
CROSS JOIN LATERAL (
    SELECT d.currency, sum(d.amount) FROM escalation_decision d
    WHERE d.decided_by_id = %(by)s AND d.approval_id IS NULL AND d.in_force_at > since.at AND d.amount > 0
    GROUP BY d.currency
) given
"""


@dataclass(frozen=True)
class Within:
    """A time over which is summed what one customer was given, by whomever; or what one person gave ALONE."""

    window: timedelta
    alone: bool = False


def before(sums: Collection[Within], *, customer: int, by: int, now: datetime) -> dict[Within, dict[str, Decimal]]:
    """Return for each of SUMS up to NOW what CUSTOMER was given, or what the person BY gave, for each currency."""
    whose = {alone: [within for within in sums if within.alone == alone] for alone in (False, True)}
    values = {
        "customer": customer,
        "by": by,
        "customer_since": [now - within.window for within in whose[False]],
        "alone_since": [now - within.window for within in whose[True]],
    }
    found: dict[Within, dict[str, Decimal]] = {within: {} for within in sums}
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, values)
        for alone, place, currency, amount in cursor.fetchall():
            found[whose[alone][place - 1]][currency] = amount
    return found
