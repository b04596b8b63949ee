"""Checking every audit chain."""

import time

from benchmarks.measure import Figure
from escalation import audit
from escalation.models import AuditEvent


def verify(size: int) -> list[Figure]:
    """Check all chains once."""
    events = AuditEvent.objects.count()
    begun = time.perf_counter()
    broken = list(audit.verify())
    taken = time.perf_counter() - begun
    assert not broken, broken[:3]
    return [Figure(f"verify {events:,} audit events, {size:,} tickets", f"{taken:.1f} s")]
