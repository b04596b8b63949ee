"""Customers rate outcomes (P7.1)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from escalation import audit
from escalation.case import locked
from escalation.models import Action, Decision, FloorVisit
from escalation.models.escalation import State
from metrics import causes
from metrics.models import Rating
from tickets.models import Ticket
from tickets.refusals import Conflict, Invalid
from tickets.texts import clean_text

CHANGEABLE = timedelta(days=7)
"""How long after the first answer a customer may change it."""

SATISFIED = 4
"""From this score (of 5) on a customer counts as satisfied."""


def rate(number: int, *, score: int, comment: str = "", now: datetime | None = None) -> Rating:
    """Take the customer's rating of the ticket's present resolution, or change the one there is within 7 days."""
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise Invalid(_("The score is a whole number from 1 to 5."), code="out_of_range", field="score")
    words = clean_text(comment, field="comment", limit=2000)
    with locked(number, now=now) as case:
        if case.escalation.state != State.RESOLVED:
            raise Conflict(_("Only a resolved ticket can be rated."), code="not_resolved")
        visit = _resolution(case.ticket)
        rating = Rating.objects.select_related("ticket__assignee").filter(visit=visit).first()
        before = {}
        if rating is None:
            rating = Rating(ticket=case.ticket, visit=visit, rated_at=case.now)
        elif (rating.score, rating.comment) == (score, words):
            return rating
        elif case.now > rating.rated_at + CHANGEABLE:
            raise Conflict(_("A rating can be changed for 7 days; this one is older."), code="too_late")
        else:
            before, rating.changed_at = {"before": rating.score}, case.now
        rating.score, rating.comment = score, words
        rating.save()
        causes.follow(rating, now=case.now)
        case.record(
            Action.RATED, audit.customer(case.ticket.customer), data={"score": score, "visit": visit.pk} | before
        )
        return rating


def current(ticket: Ticket) -> Rating | None:
    """Return the rating of the ticket's present resolution, or None (also while the ticket is open)."""
    visit = _resolution(ticket) if ticket.escalation.state == State.RESOLVED else None
    return Rating.objects.filter(visit=visit).first() if visit else None


def may_rate(ticket: Ticket, *, now: datetime | None = None) -> bool:
    """Whether the customer may rate the ticket now, or still change the rating."""
    if ticket.escalation.state != State.RESOLVED or ticket.merged_into_id:
        return False
    rating = current(ticket)
    return rating is None or (now or timezone.now()) <= rating.rated_at + CHANGEABLE


def after(decisions: Collection[Decision]) -> dict[int, int]:
    """Return by DECISIONS (their ids) the last score that their tickets were given once they were in force."""
    made = Rating.objects.filter(ticket__in={decision.escalation_id for decision in decisions}).order_by("rated_at")
    scores = list(made.values_list("ticket", "rated_at", "score"))
    return {
        decision.pk: score
        for ticket, rated_at, score in scores
        for decision in decisions
        if decision.escalation_id == ticket and rated_at >= decision.in_force_at
    }


def _resolution(ticket: Ticket) -> FloorVisit:
    return FloorVisit.objects.filter(escalation_id=ticket.pk).order_by("-id").first()
