"""The targets and owners of P8 to begin with, and those that P1.3 and P2 name for the figures beside them."""

from decimal import Decimal

from escalation import reasons
from metrics.models import Target

HIGHER, LOWER = Target.Better.HIGHER, Target.Better.LOWER

TARGETS = {
    "morale": (85, HIGHER, False, "People Ops"),
    "satisfaction": (90, HIGHER, False, "Support Ops"),
    "first_response_time": (8, LOWER, True, "Ops"),
    "resolution_time": (24, LOWER, True, "Helpdesk"),
    "backlog": (50, LOWER, True, "Operations"),
    "qa_score": (92, HIGHER, False, "QA Lead"),
    "turnover": (8, LOWER, False, "People Ops"),
    "sla_adherence": (95, HIGHER, False, "Operations"),
    "resolved_within_24h": (80, HIGHER, False, "Operations"),
    "guided_by_script": (60, HIGHER, False, "Support Ops"),
    "floor_1_closed": (75, HIGHER, False, "Helpdesk"),
    "floor_2_rate": (25, LOWER, False, "Helpdesk"),
    "specialist_assignment_time": (10, LOWER, False, "Operations"),
    "floor_3_decision_time": (60, LOWER, False, "Risk and Legal"),
    "floor_3_completion": (None, HIGHER, False, "Risk and Legal"),
    "first_contact_resolution": (None, HIGHER, False, "Support Ops"),
    "told_of_review": (100, HIGHER, False, "Support Ops"),
}
"""Figure: target in its unit (none where the protocol has none), which way is good, must it be beaten, owner."""


def load() -> None:
    """Put in force the targets that are missing; one that people have changed stays theirs."""
    known = set(Target.objects.values_list("key", flat=True))
    Target.objects.bulk_create(
        Target(
            key=key,
            value=None if value is None else Decimal(value),
            better=better,
            strict=strict,
            owner_role=owner,
            reason=reasons.put(reasons.TARGET_OF_PROTOCOL),
        )
        for key, (value, better, strict, owner) in TARGETS.items()
        if key not in known
    )
