"""Checking every audit chain."""

import time

from benchmarks.measure import Figure
from escalation import audit
from escalation.models import AuditEvent


def verify(size: int, *, raw: set[int]) -> list[Figure]:
    """Check all chains once; only those of RAW, which a raw statement has written to, may be found broken."""
    events = AuditEvent.objects.count()
    begun = time.perf_counter()
    broken = [link for link in audit.verify() if link.ticket not in raw]
    taken = time.perf_counter() - begun
    assert not broken, broken[:3]
    return [Figure(f"verify {events:,} audit events, {size:,} tickets", f"{taken:.1f} s")]
