"""That customers hear within minutes when somebody else must decide their case (P4.3): due, done, or missed.

How soon is promised with the response times of the channel; what was in force when the review was asked for holds.
"""

from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from escalation.models import Approval, OutboxMessage
from policies import responses

TOPIC = "under_review"


def key(approval: int | str) -> str:
    """Return under which key the letter about a review is owed."""
    return f"{TOPIC}:{approval}"


def approval_of(letter: OutboxMessage) -> int:
    """Return which review a letter is about; its key stays when its ticket's data are erased."""
    return int(letter.key.removeprefix(key("")))


def with_told(approvals: QuerySet[Approval]) -> QuerySet[Approval]:
    """Add to APPROVALS when the customer was told of the review, and until when that was promised.

    `told_at` is when the letter left, None while it has not; `told_due` lies `told_within` after the request, as the
    response times with the primary key `told_policy` promise.
    """
    letters = OutboxMessage.objects.filter(key=Concat(Value(key("")), Cast(OuterRef("pk"), TextField())))
    channel, at = "escalation__ticket__channel_id", "requested_at"
    return approvals.annotate(
        told_at=Subquery(letters.values("sent_at")[:1]),
        told_within=responses.of_rows(channel, at, "review_told"),
        told_due=F("requested_at") + F("told_within"),
        told_policy=responses.of_rows(channel, at, "pk"),
    )


def missed(now: datetime) -> list[OutboxMessage]:
    """Return the letters about a review that should have left by NOW and have not."""
    owed = OutboxMessage.objects.filter(OutboxMessage.OPEN, topic=TOPIC, created_at__lte=now)
    within = responses.of_rows("ticket__channel_id", "created_at", "review_told")
    return list(owed.annotate(due=F("created_at") + within).filter(due__lte=now).order_by("created_at")[:200])
