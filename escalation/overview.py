"""Tickets together with where they stand, in one query however many there are."""

from collections.abc import Sequence
from functools import cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from escalation import access, legal_holds
from escalation.models import Approval, FloorVisit, RiskFlag, Snooze, Watch
from escalation.models.escalation import State
from tickets.models import Tag, Ticket, TicketLink, User
from tickets.refusals import NotFound

OPEN, PENDING, RESOLVED, CLOSED = "open", "pending", "resolved", "closed"
STATUSES = (OPEN, PENDING, RESOLVED, CLOSED)
CLOCKS = ("running", "paused", "stopped")


def tickets(user: User) -> QuerySet[Ticket]:
    """Return the tickets USER may see, each with its open stay, risks, tags, hold and what is owed."""
    return access.visible_to(user, standing())


def standing() -> QuerySet[Ticket]:
    """Return all tickets with where they stand."""
    # A fresh copy each time: a queryset keeps the rows it has read.
    return _built().all()


@cache
def _built() -> QuerySet[Ticket]:
    # Putting it together takes half as long as the query itself, so it is done once.
    return with_stand(Ticket.objects.all())


def with_stand(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Add to TICKETS where each stands."""
    last_visit = FloorVisit.objects.filter(escalation_id=OuterRef("pk")).order_by("-entered_at", "-id")
    flags = RiskFlag.objects.filter(escalation_id=OuterRef("pk")).order_by("flagged_at", "id")
    owed = Approval.objects.filter(
        escalation_id=OuterRef("pk"), state=Approval.State.OVERTAKEN, decided_at__isnull=True
    )
    tags = Ticket.tags.through.objects.filter(ticket_id=OuterRef("pk")).order_by("tag__slug")
    return tickets.select_related("escalation", "customer", "channel", "team", "assignee", "category").annotate(
        stay=FilteredRelation("escalation__visits", condition=Q(escalation__visits__left_at__isnull=True)),
        open_hold=FilteredRelation("escalation__holds", condition=Q(escalation__holds__released_at__isnull=True)),
        # Filter and order by these names: a condition on `stay__…` itself joins the visits a second time, and the
        # database then cannot walk the deadlines in order.
        stay_id=F("stay__pk"),
        stay_floor=F("stay__floor"),
        stay_limit=F("stay__limit"),
        hold_id=F("open_hold__pk"),
        floor_deadline=F("stay__due_at"),
        floor_entered_at=Coalesce(F("stay__entered_at"), Subquery(last_visit.values("entered_at")[:1])),
        hold_reason=F("open_hold__reason"),
        hold_placed_at=F("open_hold__placed_at"),
        hold_placed_by=F("open_hold__placed_by__email"),
        risks=ArraySubquery(flags.values("risk")),
        tag_slugs=ArraySubquery(tags.values("tag__slug")),
        justification_owed=Exists(owed),
    )


def of_new(ticket: Ticket, visit: FloorVisit, *, risks: Sequence[str], tags: Sequence[Tag]) -> Ticket:
    """Say on TICKET itself where it stands when it has just been opened: what a query would only read back."""
    ticket.stay_id, ticket.stay_floor, ticket.stay_limit = visit.pk, visit.floor, visit.limit
    ticket.floor_deadline, ticket.floor_entered_at = visit.due_at, visit.entered_at
    ticket.hold_id = ticket.hold_reason = ticket.hold_placed_at = ticket.hold_placed_by = None
    ticket.risks = list(risks)
    ticket.tag_slugs = sorted(tag.slug for tag in tags)
    ticket.justification_owed = False
    return ticket


def ticket(user: User, number: int) -> Ticket:
    """Return one such ticket, or NotFound: whether it exists is not told to those who may not know.

    It also says whether it `is_linked` to others, `has_requests` for signatures, is kept by a `legal_hold`, and
    `is_watched` or `is_snoozed` by USER, so that a page need not ask.
    """
    links = TicketLink.objects.filter(Q(ticket=OuterRef("pk")) | Q(other=OuterRef("pk")))
    watches = Watch.objects.filter(ticket=OuterRef("pk"), user=user)
    asleep = Snooze.objects.filter(Q(until__isnull=True) | Q(until__gt=Now()), ticket=OuterRef("pk"), user=user)
    found = tickets(user).annotate(is_linked=Exists(links), is_watched=Exists(watches), is_snoozed=Exists(asleep))
    found = found.annotate(has_requests=Exists(Approval.objects.filter(escalation_id=OuterRef("pk"))))
    legal = legal_holds.in_force().filter(Q(escalation=OuterRef("pk")) | Q(customer=OuterRef("customer")))
    found = found.annotate(legal_hold=Exists(legal)).select_related("assignee__duty").filter(pk=number).first()
    if found is None:
        raise NotFound(_("There is no ticket %(number)s that you may see.") % {"number": number}, code="not_found")
    return found


def clock(ticket: Ticket) -> str:
    """Return `running`, `paused` (waiting for the customer) or `stopped` (resolved)."""
    if ticket.stay_id is None:
        return "stopped"
    return "running" if ticket.floor_deadline else "paused"


def status(ticket: Ticket) -> str:
    """Return open, pending (waiting for the customer), resolved, or closed for good."""
    if ticket.closed_at:
        return CLOSED
    if ticket.escalation.state == State.RESOLVED:
        return RESOLVED
    return OPEN if ticket.floor_deadline else PENDING


def having_status(tickets: QuerySet[Ticket], wanted: str) -> QuerySet[Ticket]:
    """Narrow what `tickets` returned to one status."""
    if wanted == CLOSED:
        return tickets.filter(closed_at__isnull=False)
    tickets = tickets.filter(closed_at__isnull=True)
    if wanted == RESOLVED:
        return tickets.filter(escalation__state=State.RESOLVED)
    return tickets.filter(stay_id__isnull=False, floor_deadline__isnull=wanted == PENDING)


def on_floor(tickets: QuerySet[Ticket], floor: int) -> QuerySet[Ticket]:
    """Narrow to tickets that are on FLOOR, or were resolved there."""
    return tickets.filter(Q(escalation__state=f"floor_{floor}") | Q(escalation__resolved_on_floor=floor))
