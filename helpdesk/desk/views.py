"""The built-in views of the queue: which tickets each shows, in which order, and why it may be empty."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalation import access, signers
from escalation.models import Approval, Snooze
from escalation.models.escalation import State
from helpdesk.desk.paging import Order
from metrics.foresight import WARN
from tickets import roles
from tickets.models import Ticket, User

BY_DEADLINE = Order("floor_deadline", optional=True)
BY_RESOLUTION = Order("escalation__resolved_at", descending=True)
BY_ACTIVITY = Order("updated_at", descending=True)
BY_CHANCE = Order("chance", descending=True, number=True)
"""Those most likely to miss their deadline or to move up first; needs `with_chance`."""

_LIVE = Q(stay_id__isnull=False)
_AT_RISK = Q(floor_deadline__lte=Now() + ExpressionWrapper(F("stay_limit") / 3, output_field=DurationField()))


_OVERTAKEN = Approval.objects.filter(state=Approval.State.OVERTAKEN)


def midnight() -> datetime:
    """Return when the reader's day began."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def snoozed(user: User) -> Q:
    """What USER has put off for now."""
    asleep = Snooze.objects.filter(user=user, ticket=OuterRef("pk"))
    return Q(Exists(asleep.filter(Q(until__isnull=True) | Q(until__gt=Now()))))


@dataclass(frozen=True)
class View:
    """One view: its name, what belongs in it for a person, and the words for when nothing does."""

    name: str
    belongs: Callable[[User], Q]
    empty: str
    advice: str = ""
    order: Order = BY_DEADLINE


VIEWS = {
    "": View(_("All open"), lambda user: _LIVE, _("No open tickets"), _("Everything that came in is resolved.")),
    "mine": View(
        _("Mine"),
        lambda user: _LIVE & Q(assignee=user) & (~snoozed(user) | _AT_RISK),
        _("Nothing is assigned to you"),
        _("“Next ticket” gives you the most urgent one that nobody has."),
    ),
    "floor": View(
        _("My floor"),
        lambda user: Q(stay_floor__in=home_floors(user)),
        _("Your floor is empty"),
        _("Tickets come here by rule, by the clock, or when somebody sends them."),
    ),
    "unassigned": View(
        _("Floor 1, unassigned"),
        lambda user: Q(stay_floor=1, assignee__isnull=True),
        _("Nobody waits on Floor 1 without an owner"),
    ),
    "risk": View(
        _("Late or nearly"),
        lambda user: _LIVE & _AT_RISK,
        _("Every clock has more than a third of its time left"),
        _("Tickets appear here when the last third of their time on a floor begins."),
    ),
    "foresight": View(
        _("At risk"),
        lambda user: _LIVE & Q(forecast__chance__gte=WARN, forecast__visit=F("stay_id")),
        _("No open ticket is likelier than not to miss its deadline"),
        _("Counted from past tickets of the same kind; with little history nothing is foretold."),
        order=BY_CHANCE,
    ),
    "waiting": View(
        _("Waiting for customer"),
        lambda user: _LIVE & Q(floor_deadline__isnull=True),
        _("No ticket waits for a customer"),
        _("“Send and wait” puts a ticket here and stops its clock until the customer writes."),
    ),
    "snoozed": View(
        _("Snoozed"),
        lambda user: _LIVE & snoozed(user),
        _("You have put nothing off"),
        _("Snoozing keeps a ticket out of “Mine” for a while; it stops no clock."),
    ),
    "held": View(
        _("On hold"),
        lambda user: Q(hold_id__isnull=False),
        _("No hold is in force"),
        _("A hold forbids resolving; it never stops a clock."),
    ),
    "owed": View(
        _("Sign-off owed"),
        lambda user: Q(pk__in=[request.escalation_id for request in signers.waiting_for(user, _OVERTAKEN)]),
        _("You owe no justification"),
        _("Tickets that the clock moved past a request come here until somebody who could have signed it says why."),
    ),
    "today": View(
        _("Closed today"),
        lambda user: Q(escalation__resolved_at__gte=midnight()),
        _("Nothing was resolved today"),
        order=BY_RESOLUTION,
    ),
    "closed": View(
        pgettext_lazy("tickets", "Resolved"),
        lambda user: Q(escalation__state=State.RESOLVED),
        _("Nothing is resolved yet"),
        order=BY_RESOLUTION,
    ),
    "all": View(_("All tickets"), lambda user: Q(), _("No ticket at all yet"), order=BY_ACTIVITY),
}


def home_floors(user: User) -> set[int]:
    """Return the floors that are USER's own: 3 for Risk and Legal, 2 for specialists and supervisors, 1 for agents."""
    homes = {1: {roles.AGENT}, 2: {roles.SPECIALIST, roles.SUPERVISOR}, 3: access.WORKERS[3]}
    return {floor for floor, allowed in homes.items() if user.has_role(*allowed)}


def with_chance(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Add to what `overview.tickets` returned the chance in thousandths that foresight gives, 0 where it gives none."""
    here = When(forecast__visit=F("stay_id"), then=F("forecast__chance"))
    return tickets.annotate(chance=Case(here, default=Value(0)))


def in_view(tickets: QuerySet[Ticket], view: View, user: User) -> QuerySet[Ticket]:
    """Narrow what `overview.tickets` returned to one view."""
    return tickets.filter(view.belongs(user))
