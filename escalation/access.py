"""Who sees which ticket, and who may do what on which floor: one table for pages, API, search, export and mail."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from escalation.models import Approval, Escalation, FloorVisit
from escalation.models.escalation import State
from tickets import roles
from tickets.models import Ticket, User
from tickets.refusals import NotAllowed, NotFound

WORKERS = {
    1: {roles.AGENT, roles.SPECIALIST, roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL},
    2: {roles.SPECIALIST, roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL},
    3: {roles.HEAD_OF_RISK, roles.LEGAL},
}
"""Roles that work on tickets of a floor. On Floor 3 the person assigned and the supervisor who sent it do so too."""

FLOOR_3_READERS = {roles.HEAD_OF_RISK, roles.LEGAL, roles.EXECUTIVE}

_RESTRICTED = Q(escalation__state=State.FLOOR_3) | Q(escalation__state=State.RESOLVED, escalation__resolved_on_floor=3)


def visible_to(user: User, tickets: QuerySet[Ticket] | None = None) -> QuerySet[Ticket]:
    """Return the tickets that USER may know of.

    Staff with a role see Floors 1 and 2. What is, or was resolved, on Floor 3 is seen by Risk, Legal, executives, the
    supervisor who sent it (or still owes a justification for it) and the person assigned.
    """
    tickets = Ticket.objects.all() if tickets is None else tickets
    if not user.is_authenticated or not user.roles:
        return tickets.none()
    if user.has_role(*FLOOR_3_READERS):
        return tickets
    allowed = ~_RESTRICTED | Q(assignee=user.pk)
    if user.has_role(roles.SUPERVISOR):
        allowed |= Q(_sent_by(user))
    return tickets.filter(allowed)


def reader(roles: frozenset[str], pk) -> User:
    """Return whoever acts in ROLES, PK being a placeholder: for queries that are prepared for all of them."""
    anybody = User(pk=pk)
    anybody.roles = roles
    return anybody


def _sent_by(user: User) -> Q:
    of_this_ticket = {"escalation_id": OuterRef("pk")}
    signed = Approval.objects.filter(**of_this_ticket, kind=Approval.Kind.FLOOR_3).filter(
        Q(decided_by=user.pk)
        | Q(signatures__signer=user.pk)
        | Q(requested_by=user.pk)
        | Q(state=Approval.State.OVERTAKEN, decided_at__isnull=True)
    )
    moved = FloorVisit.objects.filter(**of_this_ticket, floor=3, by=user.pk)
    return Q(Exists(signed)) | Q(Exists(moved))


def visible_requests(user: User) -> QuerySet[Approval]:
    """Return the requests for a signature about tickets that USER may see."""
    return Approval.objects.filter(escalation__ticket__in=visible_to(user))


def can_see(user: User, number: int) -> bool:
    return visible_to(user).filter(pk=number).exists()


def get_ticket(user: User, number: int) -> Ticket:
    """Return the ticket for a page or a call, or NotFound: whether it exists is not told to those who may not know."""
    ticket = (
        visible_to(user)
        .select_related("escalation", "customer", "channel", "team", "assignee", "category")
        .filter(pk=number)
        .first()
    )
    if ticket is None:
        raise NotFound(_("There is no ticket %(number)s that you may see.") % {"number": number}, code="not_found")
    return ticket


def works_on(user: User, escalation: Escalation) -> bool:
    """Whether USER may act on the ticket where it stands (or where it was resolved)."""
    floor = escalation.sensitive_floor
    if user.has_role(*WORKERS[floor]):
        return True
    if floor != 3 or not user.has_role(*WORKERS[1]):
        return False
    return can_see(user, escalation.pk)


def require_worker(user: User, escalation: Escalation) -> None:
    """Refuse people who do not work on the ticket's floor; those who may not see it are told that it does not exist."""
    if not works_on(user, escalation):
        _refuse(
            user,
            escalation,
            _("Floor %(floor)s is worked by: %(roles)s.")
            % {"floor": escalation.sensitive_floor, "roles": _named(WORKERS[escalation.sensitive_floor])},
        )


def require_returner(user: User, escalation: Escalation) -> None:
    """Down again is decided by the floor's own roles: on Floor 3 that is Risk and Legal, not whoever is assigned."""
    allowed = WORKERS[escalation.sensitive_floor]
    if not user.has_role(*allowed):
        _refuse(
            user,
            escalation,
            _("From Floor %(floor)s a ticket is sent down by: %(roles)s.")
            % {"floor": escalation.sensitive_floor, "roles": _named(allowed)},
        )


def require_note_taker(user: User, escalation: Escalation) -> None:
    """Everybody who works on some floor and sees the ticket may add an internal note: context is shared (P2)."""
    if not user.has_role(*WORKERS[1]):
        _refuse(user, escalation, _("Notes are written by people who work on tickets."))
    elif not can_see(user, escalation.pk):
        _refuse(user, escalation, "")


def _refuse(user: User, escalation: Escalation, detail: str) -> None:
    if not can_see(user, escalation.pk):
        raise NotFound(
            _("There is no ticket %(number)s that you may see.") % {"number": escalation.pk}, code="not_found"
        )
    raise NotAllowed(detail, code="role")


def _named(allowed: set[str]) -> str:
    return ", ".join(str(roles.LABELS[role]) for role in roles.ALL if role in allowed)
