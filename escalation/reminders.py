"""Reminding people of what they owe: signatures, justifications, letters and notices, holds and policies to look at.

Everything follows from rows and the time, and each reminder is promised to the outbox under a key of its own: running
this twice, or late, mails nobody twice.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from escalation import legal_holds, outbox, telling
from escalation.models import Approval, ExternalNotification, Hold
from policies import reviews
from tickets.clock import database_now

SIGNATURE_AFTER = timedelta(minutes=5)
"""When those who may sign are reminded; the supervisor has the 10 minutes of Floor 2 (P2)."""

NEXT_IN_LINE_AFTER = timedelta(minutes=15)
"""When a silent signer's next in line hears of it."""

OWED_EVERY = timedelta(hours=24)
"""How often an owed justification is asked for again, the first time an hour after the clock moved the ticket."""

NOTICE_BEFORE = timedelta(hours=24)
"""How long before its deadline a notice to an authority that has not gone out is asked for."""

REVIEW_EVERY = timedelta(days=7)
"""How often a policy (P3.3) or a legal hold is to be looked at again, once its day of review has come."""


def remind(now: datetime | None = None) -> int:
    """Promise every reminder that is due and return how many rows were looked at."""
    instant = now or database_now()
    kinds = (_signatures, _justifications, _untold, _notices, _holds, _legal_holds, _policies)
    return sum(kind(instant) for kind in kinds)


def _signatures(now: datetime) -> int:
    waiting = Approval.objects.filter(state=Approval.State.PENDING, requested_at__lte=now - SIGNATURE_AFTER)
    for approval in waiting:
        _owe("signature_reminder", approval.escalation_id, f"{approval.pk}", {"approval": approval.pk}, now)
        if approval.requested_at <= now - NEXT_IN_LINE_AFTER:
            _owe("next_in_line", approval.escalation_id, f"{approval.pk}", {"approval": approval.pk}, now)
    return len(waiting)


def _justifications(now: datetime) -> int:
    owed = Approval.objects.filter(
        state=Approval.State.OVERTAKEN, decided_at__isnull=True, requested_at__lte=now - timedelta(hours=1)
    )
    for approval in owed:
        times = (now - approval.requested_at) // OWED_EVERY
        _owe("justification_owed", approval.escalation_id, f"{approval.pk}:{times}", {"approval": approval.pk}, now)
    return len(owed)


def _untold(now: datetime) -> int:
    late = telling.missed(now)
    for letter in late:
        payload = {"approval": telling.approval_of(letter), "letter": letter.pk}
        _owe("customer_untold", letter.ticket_id, f"{letter.pk}", payload, now)
    return len(late)


def _notices(now: datetime) -> int:
    open_notices = ExternalNotification.objects.filter(sent_at__isnull=True, due_at__lte=now + NOTICE_BEFORE)
    open_notices = open_notices.filter(Q(approved_at__isnull=False) | Q(approval__state=Approval.State.PENDING))
    for notice in open_notices:
        late = notice.due_at <= now
        key = f"{notice.pk}:{'late' if late else 'soon'}"
        _owe("notice_due", notice.escalation_id, key, {"notice": notice.pk}, now)
    return len(open_notices)


def _holds(now: datetime) -> int:
    due = Hold.objects.filter(released_at__isnull=True, review_on__lte=now.date())
    for hold in due:
        _owe("hold_review", hold.escalation_id, f"{hold.pk}", {"hold": hold.pk}, now)
    return len(due)


def _legal_holds(now: datetime) -> int:
    due = legal_holds.in_force().filter(review_on__lte=now.date())
    for hold in due:
        weeks = (now.date() - hold.review_on) // REVIEW_EVERY
        payload = {"hold": hold.pk, "customer": hold.customer_id}
        _owe("legal_hold_review", hold.escalation_id, f"{hold.pk}:{weeks}", payload, now)
    return len(due)


def _policies(now: datetime) -> int:
    due = reviews.overdue(now)
    for kind, policy in due:
        weeks = (now.date() - policy.review_on) // REVIEW_EVERY
        # A version that stays comes up again on another day.
        cause = f"{kind.slug}:{policy.pk}:{policy.review_on}:{weeks}"
        _owe("policy_review", None, cause, {"kind": kind.slug, "policy": policy.pk}, now)
    return len(due)


def _owe(topic: str, ticket: int | None, cause: str, payload: dict, now: datetime) -> None:
    outbox.promise(ticket=ticket, topic=topic, key=f"{topic}:{cause}", payload=payload, now=now)
