"""Demo content: a jewelry and home shop on a busy day, told through the product's own verbs.

`open.toml` holds what is in motion now, `history.toml` what the figures of the last weeks count; `stage.py` plays both
with the clock running in between; `feedback.py` adds what people said, and publishes the past Fridays;
`audited.py` publishes a first audit.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from escalation import apologies
from escalation.models import OutboxMessage
from helpdesk.demo import audited, feedback, history, people, stage
from policies.models import (
    ApprovalRule,
    DecisionRule,
    FloorLimit,
    ResponseTime,
    Right,
    Script,
    Trigger,
    Wording,
)
from tickets.models import Ticket, User
from tickets.refusals import Conflict

IN_FORCE_FOR = timedelta(days=120)
"""How long before now the starter policies came into force, so that they hold in all of the demo's past."""


def is_empty() -> bool:
    """Whether the database has neither people nor tickets; only then may demo content be made."""
    return not User.objects.exists() and not Ticket.objects.exists()


def may_join(administrator: User) -> bool:
    """Whether ADMINISTRATOR is alone in a house without tickets: then the demo's people may move in for a trial."""
    theirs = [f"{local}@example.com" for local in people.STAFF]
    alone = not User.objects.exclude(pk=administrator.pk).exists() and administrator.email not in theirs
    return alone and not Ticket.objects.exists()


@transaction.atomic
def join(administrator: User, *, password: str, now: datetime) -> list[User]:
    """Make the demo content in the house of its first ADMINISTRATOR; of two clicks the second is refused."""
    list(Group.objects.select_for_update())
    if not may_join(administrator):
        raise Conflict(
            _("There are people or tickets already; demo content comes first or not at all."), code="not_empty"
        )
    return fill(password=password, now=now)


@transaction.atomic
def fill(*, password: str, now: datetime, in_motion: bool = True) -> list[User]:
    """Make the demo content as of NOW and return its people, who all sign in with PASSWORD. Nobody is mailed.

    Without IN_MOTION there are only the cases of the last weeks, all of them over.
    """
    for policy in (ApprovalRule, FloorLimit, DecisionRule, ResponseTime, Right, Script, Trigger, Wording):
        policy.objects.update(valid_from=now - IN_FORCE_FOR)
    staff = people.hire(password=password, now=now)
    people.make_macros(staff["admin"])
    people.own_policies(staff["policy"], now)
    stage.Stage(staff, now).play(history.stories(now) + (stage.stories() if in_motion else []))
    feedback.give(staff, now)
    audited.publish(staff, now)
    while apologies.tell_late(now):
        pass  # what was late in the demo's past is nothing to write about now
    # The demo's customers do not exist: letters to them are marked as gone before anything can send them.
    OutboxMessage.objects.filter(sent_at__isnull=True).update(sent_at=F("created_at"))
    return list(staff.values())
