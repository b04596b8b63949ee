"""Which columns hold words by or about a customer: each model says so itself, and erasure reads it from there."""

from dataclasses import dataclass

from django.db.models import Case, Value, When

ERASED = "[erased]"
"""What stands where words were. The database lets the audit trail change to nothing else (see escalation.redaction)."""


def gone(column: str) -> Case:
    """Return what a text COLUMN becomes: `ERASED`, or nothing where nothing was said."""
    return Case(When(**{column: ""}, then=Value("")), default=Value(ERASED))


@dataclass(frozen=True)
class Personal:
    """What of a model goes with its ticket when that is erased.

    `ticket` is the lookup from a row to its ticket, `blanks` maps columns to what stands there afterwards; without them
    the whole row goes, with its files. `given` are columns that the customer gave us, for a copy of their data.
    """

    ticket: str
    blanks: dict[str, object] | None = None
    given: tuple[str, ...] = ()
