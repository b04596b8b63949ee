"""Tickets together with where they stand, in one query however many there are."""

from collections.abc import Sequence
from functools import cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, F, FilteredRelation, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject, Now
from django.utils.translation import gettext as _

from escalation import access, legal_holds
from escalation.models import Approval, ContactStep, FloorVisit, RiskFlag, Snooze, Unhelpful, Watch
from escalation.models.escalation import State
from tickets.models import Category, Channel, Draft, Tag, Team, Ticket, TicketLink, User
from tickets.prepared import prepared
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
        hold_placed_by=Subquery(User.objects.filter(pk=OuterRef("open_hold__placed_by")).values("email")),
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

    It also says, so that a page need not ask in vain: whether it `is_linked` to others, `has_requests` for signatures,
    is kept by a `legal_hold`, `was_not_helped` by a suggestion, had `steps` against its customer, which it `took_in`,
    and whether USER watches it (`is_watched`), snoozes it (`is_snoozed`) or has something unsent (`has_draft`).
    """
    rows = _alone(user.roles, number=number, reader=user.pk)
    if not rows:
        raise NotFound(_("There is no ticket %(number)s that you may see.") % {"number": number}, code="not_found")
    found = rows[0]
    for name, model in _NAMED.items():
        if row := getattr(found, f"{name}_row"):
            fields = [field.attname for field in model._meta.concrete_fields if field.attname in row]
            setattr(found, name, model.from_db(DEFAULT_DB_ALIAS, fields, [row[field] for field in fields]))
    found.is_watched = user.pk in found.watchers
    found.is_snoozed = user.pk in found.sleepers
    found.has_draft = user.pk in found.writers
    return found


_NAMED = {"channel": Channel, "team": Team, "category": Category}
"""What a ticket's page names. As joins, the three would cost the database as much planning as all else."""


def _row(name: str, model: type[Model]) -> Subquery:
    columns = ("id", "slug", "name") + (("team_id",) if model is Channel else ())
    row = JSONObject(**{column: column for column in columns})
    return Subquery(model.objects.filter(pk=OuterRef(name)).order_by().values(row=row))


@prepared
def _alone(roles: frozenset[str], *, number: int, reader: int) -> QuerySet[Ticket]:
    this = {"ticket": OuterRef("pk")}
    asleep = Q(until__isnull=True) | Q(until__gt=Now())
    legal = Q(escalation=OuterRef("pk")) | Q(customer=OuterRef("customer"))
    return (
        access.visible_to(access.reader(roles, reader), standing())
        .filter(pk=number)
        .select_related(None)
        .select_related("escalation", "customer", "assignee__duty")
        .annotate(
            **{f"{name}_row": _row(name, model) for name, model in _NAMED.items()},
            is_linked=Exists(TicketLink.objects.filter(Q(ticket=OuterRef("pk")) | Q(other=OuterRef("pk")))),
            has_requests=Exists(Approval.objects.filter(escalation_id=OuterRef("pk"))),
            legal_hold=Exists(legal_holds.in_force().filter(legal)),
            was_not_helped=Exists(Unhelpful.objects.filter(**this)),
            steps=Exists(ContactStep.objects.filter(customer=OuterRef("customer"))),
            took_in=ArraySubquery(Ticket.objects.filter(merged_into=OuterRef("pk")).order_by("pk").values("pk")),
            watchers=ArraySubquery(Watch.objects.filter(**this).values("user")),
            sleepers=ArraySubquery(Snooze.objects.filter(asleep, **this).values("user")),
            writers=ArraySubquery(Draft.objects.filter(**this).values("author")),
        )
    )


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
