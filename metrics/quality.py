"""Reviews of how a ticket was handled (P8, QA quality score)."""

from datetime import datetime

from django.utils.translation import gettext as _

from escalation import access
from metrics.models import QaReview
from tickets import roles
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Invalid, NotAllowed
from tickets.texts import clean_text

REVIEWERS = (roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL, roles.MANAGER, roles.ADMIN)
"""Roles that review work and see single scores."""


def may_review(person: User) -> bool:
    return person.has_role(*REVIEWERS)


def review(
    number: int, *, reviewer: User, reviewed: User, score: int, note: str = "", now: datetime | None = None
) -> QaReview:
    """Score REVIEWED's work on ticket NUMBER from 0 to 100; nobody reviews themselves, or a ticket they may not see."""
    if not may_review(reviewer):
        raise NotAllowed(_("Work is reviewed by supervisors, Risk, Legal and managers."), code="role")
    ticket = access.get_ticket(reviewer, number)
    if reviewed == reviewer:
        raise NotAllowed(_("Somebody else must review your own work."), code="four_eyes")
    if isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 100:
        raise Invalid(_("The score is a whole number from 0 to 100."), code="out_of_range", field="score")
    return QaReview.objects.create(
        ticket=ticket,
        reviewer=reviewer,
        reviewed=reviewed,
        score=score,
        note=clean_text(note, field="note", limit=5000),
        reviewed_at=now or database_now(),
    )
