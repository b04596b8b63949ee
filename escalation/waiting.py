"""Waiting for the customer: the only thing that stops a floor's clock."""

from datetime import datetime

from django.utils.translation import gettext as _

from escalation import access, audit, reasons, visits
from escalation.case import locked
from escalation.models import Action
from tickets.models import User
from tickets.refusals import Conflict
from tickets.texts import clean_line


def wait(
    number: int,
    *,
    actor: User,
    reason: str = "",
    since: datetime | None = None,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> None:
    """Stop the clock until the customer writes or somebody resumes it; SINCE is when it was asked for, if earlier."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        why = clean_line(reason, field="reason", limit=250) or reasons.WAITING
        pause = visits.pause(case, by=actor, reason=why, since=since)
        earlier = {"since": pause.started_at.isoformat()} if pause.started_at < case.now else {}
        case.record(Action.CLOCK_PAUSED, audit.person(actor), reason=why, data=earlier)


def resume(number: int, *, actor: User, now: datetime | None = None, expected_version: int | None = None) -> None:
    """Let the clock run again without an answer."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if not visits.resume(case):
            raise Conflict(_("The clock is not paused."), code="not_paused")
        case.record(Action.CLOCK_RESUMED, audit.person(actor))
