"""That customers hear within minutes when somebody else must decide their case (P4.3): due, done, or missed."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from escalation.models import Approval, OutboxMessage

WITHIN = timedelta(minutes=5)
"""How soon the letter about a review has left, counted from the decision that asks for it."""

TOPIC = "under_review"


def key(approval: int | str) -> str:
    """Return under which key the letter about a review is owed."""
    return f"{TOPIC}:{approval}"


def approval_of(letter: OutboxMessage) -> int:
    """Return which review a letter is about; its key stays when its ticket's data are erased."""
    return int(letter.key.removeprefix(key("")))


def with_told(approvals: QuerySet[Approval]) -> QuerySet[Approval]:
    """Add to APPROVALS `told_at`: when the letter about the review left, None while it has not."""
    letters = OutboxMessage.objects.filter(key=Concat(Value(key("")), Cast(OuterRef("pk"), TextField())))
    return approvals.annotate(told_at=Subquery(letters.values("sent_at")[:1]))


def due(approval: Approval) -> datetime:
    return approval.requested_at + WITHIN


def missed(now: datetime) -> list[OutboxMessage]:
    """Return the letters about a review that should have left by NOW and have not."""
    late = OutboxMessage.objects.filter(OutboxMessage.OPEN, topic=TOPIC, created_at__lte=now - WITHIN)
    return list(late.order_by("created_at")[:200])
