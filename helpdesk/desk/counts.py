"""How many tickets stand in each view of the navigation."""

from django.core.cache import cache
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from escalation import signers
from escalation.access import visible_to
from escalation.models import Hold
from helpdesk.desk.views import snoozed
from tickets.models import Ticket, User

COUNT_CAP = 1000
"""Counts above it are shown as '1000+'."""

FRESH_FOR = 5
"""Seconds for which a person's counts are kept: counting 20,000 open tickets takes about 0.1 s, on every page."""

AT_RISK = Q(
    escalation__visits__due_at__lte=Now()
    + ExpressionWrapper(F("escalation__visits__limit") / 3, output_field=DurationField())
)
"""Late, or in the last third of the floor's own window (P2.5). Needs a queryset joined to the open visit."""


def nav_counts(user: User) -> dict[str, int]:
    """Return the counts for USER by name: open, mine, floor_1 to floor_3, unassigned, risk, mine_at_risk, and so on."""
    key = f"nav-counts:{user.pk}"
    found = cache.get(key)
    if found is None:
        found = _count(user)
        cache.set(key, found, FRESH_FOR)
    return found


def _count(user: User) -> dict[str, int]:
    # Starting from the open visits keeps history, however long, out of the count.
    live = visible_to(user, Ticket.objects.filter(escalation__visits__left_at__isnull=True))
    counts = live.aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(assignee=user) & (~snoozed(user) | AT_RISK)),
        floor_1=Count("pk", filter=Q(escalation__visits__floor=1)),
        floor_2=Count("pk", filter=Q(escalation__visits__floor=2)),
        floor_3=Count("pk", filter=Q(escalation__visits__floor=3)),
        unassigned=Count("pk", filter=Q(assignee__isnull=True, escalation__visits__floor=1)),
        risk=Count("pk", filter=AT_RISK),
        mine_at_risk=Count("pk", filter=AT_RISK & Q(assignee=user)),
        waiting=Count("pk", filter=Q(escalation__visits__due_at__isnull=True)),
    )
    held = Hold.objects.filter(released_at__isnull=True)
    counts["held"] = visible_to(user, Ticket.objects.filter(escalation__holds__in=held)).count()
    counts["approvals"] = len(signers.waiting_for(user))
    return counts
