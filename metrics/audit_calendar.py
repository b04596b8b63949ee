"""Which audits are published, which are missing, and the reminder of those (P3.3)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from escalation import outbox
from metrics import quarters
from metrics.models import AuditFinding, PolicyAudit
from policies.models import Right
from tickets.models import Ticket

REMIND_EVERY = timedelta(days=7)
"""How often auditors are asked for what is missing, from the end of the quarter on."""


def published() -> QuerySet[PolicyAudit]:
    """Return the newest published edition of each quarter and policy, newest quarter first."""
    newest = PolicyAudit.objects.filter(published_at__isnull=False)
    newest = newest.order_by("quarter", "policy", "-edition").distinct("quarter", "policy")
    return PolicyAudit.objects.filter(pk__in=newest.values("pk")).select_related("published_by")


@dataclass(frozen=True)
class Looked:
    """What an audit found about one right by hand: kept in so many of so many tickets to which it applied."""

    audit: PolicyAudit
    kept: int
    of: int


def looked_at() -> dict[tuple[str, str], Looked]:
    """Return what the last published audit of each policy found, by right and policy."""
    newest: dict[str, PolicyAudit] = {}
    for audit in published().order_by("quarter"):
        newest[audit.policy] = audit
    asked = AuditFinding.objects.filter(audit__in=newest.values()).exclude(answer=AuditFinding.Answer.NOT_APPLICABLE)
    kept = Count("pk", filter=Q(answer=AuditFinding.Answer.MET))
    rows = asked.order_by().values_list("right__right", "audit__policy").annotate(kept=kept, of=Count("pk"))
    return {(right, policy): Looked(newest[policy], met, of) for right, policy, met, of in rows}


def missing(quarter: date) -> list[str]:
    """Return the policies whose audit is not published for all of QUARTER, which is over.

    Nothing is missing of a time in which this helpdesk did not work yet.
    """
    end = quarters.span(quarter).end
    began = Ticket.objects.filter(source="").aggregate(first=Min("created_at"))["first"]
    if began is None or began >= end:
        return []
    there = PolicyAudit.objects.filter(quarter=quarter, ends_at=end, published_at__isnull=False)
    known = set(there.values_list("policy", flat=True))
    return [policy for policy in Right.Against.values if policy not in known]


def remind(now: datetime) -> int:
    """Promise the week's reminder of audits that are missing for the last quarter; return how many are."""
    quarter = quarters.before(quarters.of(now))
    policies = missing(quarter)
    if policies:
        weeks = (now - quarters.span(quarter).end) // REMIND_EVERY
        payload = {"quarter": quarters.name(quarter)}
        outbox.promise(
            ticket=None, topic="audit_due", key=f"audit_due:{payload['quarter']}:{weeks}", payload=payload, now=now
        )
    return len(policies)
