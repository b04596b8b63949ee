"""Who has a ticket on its floor."""

from datetime import datetime

from django.db.models import Case as Switch
from django.db.models import Count, Exists, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from escalation import access, audit, notices
from escalation.case import Case, locked
from escalation.models import Action, Escalation, FloorVisit
from escalation.models.escalation import State
from tickets.clock import database_now
from tickets.models import Duty, Ticket, User
from tickets.refusals import Conflict, Invalid
from tickets.sorting import BY_NAME


def assign(
    number: int,
    *,
    actor: User,
    assignee: User | None,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> None:
    """Give the ticket to ASSIGNEE, or back to the queue when that is None."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.visit is None:
            raise Conflict(_("This ticket is resolved; reopen it before assigning it."), code="resolved")
        if assignee and not may_have(assignee, case.visit.floor):
            raise Invalid(
                _("%(name)s does not work on Floor %(floor)s; choose somebody who does.")
                % {"name": assignee, "floor": case.visit.floor},
                code="wrong_role",
                field="assignee",
            )
        if case.ticket.assignee_id != (assignee.pk if assignee else None):
            hand(case, assignee, actor=audit.person(actor))


def hand(case: Case, assignee: User | None, *, actor: audit.Actor, reason: str = "", data: dict | None = None) -> None:
    """Give a locked live ticket to ASSIGNEE, or back to the queue when that is None, and record who did it."""
    before = case.ticket.assignee_id
    Ticket.objects.filter(pk=case.number).update(assignee=assignee)
    case.ticket.assignee = assignee
    if assignee and case.visit.assigned_at is None:
        FloorVisit.objects.filter(pk=case.visit.pk).update(assigned_at=case.now)
        case.visit.assigned_at = case.now
    cited = {"from": before, "to": assignee.pk if assignee else None}
    event = case.record(Action.ASSIGNED, actor, reason=reason, data=cited | (data or {}))
    if assignee and assignee != actor.person:
        notices.assigned(case.number, person=assignee.pk, seq=event.seq, now=case.now)


def take_next(*, actor: User, now: datetime | None = None) -> int | None:
    """Give ACTOR the most urgent unassigned ticket of the floors they work on; return its number, or None.

    Two people who press at once get two tickets: one that is locked is passed over.
    """
    floors = [floor for floor, allowed in access.WORKERS.items() if actor.has_role(*allowed)]
    open_visits = (
        FloorVisit.objects.filter(left_at__isnull=True, due_at__isnull=False, floor__in=floors)
        .filter(escalation__ticket__assignee__isnull=True)
        .filter(escalation__ticket__in=access.visible_to(actor))
        .order_by("due_at", "id")
    )
    for number in open_visits.values_list("escalation_id", flat=True)[:20]:
        with locked(number, now=now) as case:
            still_free = case.visit and case.visit.floor in floors and case.ticket.assignee_id is None
            if still_free and access.works_on(actor, case.escalation):
                assign(number, actor=actor, assignee=actor, now=case.now)
                return number
    return None


def may_have(user: User, floor: int) -> bool:
    """Whether USER may have a ticket on FLOOR; to Floor 3 Risk and Legal may call in anyone who works on tickets."""
    return user.has_role(*(access.WORKERS[1] if floor == 3 else access.WORKERS[floor]))


def candidates(escalation: Escalation, now: datetime | None = None):
    """Return the active people who may be given this ticket: those on duty (NOW) first, who has least of them first.

    Each has `is_here` and `open_tickets` (those whose clock runs).
    """
    if escalation.state == State.RESOLVED:
        return User.objects.none()
    allowed = access.WORKERS[1] if escalation.floor == 3 else access.WORKERS[escalation.floor]
    running = FloorVisit.objects.filter(left_at__isnull=True, due_at__isnull=False)
    running = running.filter(escalation__ticket__assignee=OuterRef("pk")).order_by()
    count = running.values("escalation__ticket__assignee").values(count=Count("pk"))
    here = Duty.objects.present(now or database_now()).filter(user=OuterRef("pk"))
    people = User.objects.filter(is_active=True, pk__in=User.objects.filter(groups__name__in=allowed).values("pk"))
    people = people.annotate(is_here=Exists(here), open_tickets=Coalesce(Subquery(count), 0))
    # Load orders those on duty only; the others stay in the order of their names.
    load = Switch(When(is_here=True, then="open_tickets"), default=0)
    return people.only("name", "email").order_by("-is_here", load, *BY_NAME)
