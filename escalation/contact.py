"""What the ladder against abuse means for a conversation (P5.4); its steps are taken in `escalation.contact_steps`."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from escalation.case import Case
from escalation.models import ContactStep
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict

ANSWERS_ALL_THE_SAME = (roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL)
"""Who still writes to a customer with whom contact has ended: rights and running cases must be answered."""


def in_force(customer: int, now: datetime) -> ContactStep | None:
    """Return the highest step that holds against CUSTOMER (primary key) at NOW, or None."""
    holding = ContactStep.objects.filter(customer=customer, in_force_at__lte=now, lifted_at__isnull=True)
    holding = holding.filter(Q(until__isnull=True) | Q(until__gt=now))
    return holding.order_by("-step", "-asked_at").first()


def forbid(case: Case, actor: User) -> None:
    """Refuse an answer by ACTOR when contact with the customer has ended."""
    step = in_force(case.ticket.customer_id, case.now)
    if step and step.step == ContactStep.Step.ENDED and not actor.has_role(*ANSWERS_ALL_THE_SAME):
        raise Conflict(
            _("Contact with this customer has ended until %(day)s. A supervisor, Risk or Legal may still answer.")
            % {"day": f"{timezone.localtime(step.until):%d.%m.%Y}"},
            code="contact_ended",
        )
