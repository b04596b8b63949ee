"""The cast that plays every test, and tickets brought to a floor by the real verbs."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.contrib.auth.models import Group

import metrics.starter
import policies.starter
import tickets.starter
from escalation import approvals, intake, moves
from escalation.models import Escalation, FloorVisit
from tickets import roles
from tickets.models import Channel, Team, Ticket, User

T0 = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
"""A Monday morning on which most stories begin."""

CAST = {
    "agent": (roles.AGENT, "first-line"),
    "agent2": (roles.AGENT, "first-line"),
    "specialist": (roles.SPECIALIST, "specialists"),
    "specialist2": (roles.SPECIALIST, "specialists"),
    "supervisor": (roles.SUPERVISOR, "specialists"),
    "supervisor2": (roles.SUPERVISOR, "specialists"),
    "risk": (roles.HEAD_OF_RISK, "risk-legal"),
    "legal": (roles.LEGAL, "risk-legal"),
    "executive": (roles.EXECUTIVE, None),
    "manager": (roles.MANAGER, None),
    "policy": (roles.POLICY_OWNER, None),
    "admin": (roles.ADMIN, None),
    "stranger": (None, None),
}
"""One person per role, two where four eyes need a second, and a stranger who has an account but no role."""


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def cast() -> SimpleNamespace:
    """Load the starter content and hire everybody; T0 lies after the policies came into force."""
    tickets.starter.load()
    policies.starter.load()
    metrics.starter.load()
    in_the_past = ("ApprovalRule", "FloorLimit", "DecisionRule", "ResponseTime", "Right", "Trigger")
    for model in (getattr(policies.starter, name) for name in in_the_past):
        model.objects.update(valid_from=T0 - timedelta(days=365))
    return SimpleNamespace(**{name: hire(name, role, team) for name, (role, team) in CAST.items()})


def hire(name: str, role: str | None, team: str | None = None) -> User:
    # What they send goes out at once; stories about taking it back say so.
    user = User.objects.create_user(f"{name}@example.com", name=name.capitalize(), undo_seconds=0)
    if role:
        user.groups.add(Group.objects.get(name=role))
    if team:
        Team.objects.get(slug=team).members.add(user)
    return user


def open_ticket(*, now: datetime | None = T0, channel: str = "web", **fields) -> Ticket:
    """Open a plain ticket that no trigger notices, unless FIELDS say otherwise."""
    fields = {
        "subject": "Where is my parcel",
        "body": "Good morning, my parcel should have come on Friday.",
        "customer_email": "carla@example.org",
        "customer_name": "Carla Conti",
    } | fields
    return intake.open_ticket(channel=Channel.objects.get(slug=channel), now=now, **fields)


def on_floor(floor: int, people: SimpleNamespace, *, now: datetime = T0, **fields) -> Ticket:
    """Open a ticket and bring it to FLOOR as people do it: an agent moves it up, the supervisor signs for Floor 3."""
    ticket = open_ticket(now=now, **fields)
    if floor >= 2:
        moves.escalate(ticket.pk, actor=people.agent, justification="needs a specialist's eyes", now=now)
    if floor >= 3:
        asked = moves.escalate(ticket.pk, actor=people.specialist, justification="a legal question", now=now)
        approvals.approve(asked.pk, actor=people.supervisor, note="Risk and Legal must see this", now=now)
    return ticket


def stand(ticket: Ticket) -> Escalation:
    """Read where the ticket stands now."""
    return Escalation.objects.get(pk=ticket.pk)


def visit(ticket: Ticket) -> FloorVisit:
    """Read the ticket's open visit."""
    return FloorVisit.objects.get(escalation_id=ticket.pk, left_at__isnull=True)
