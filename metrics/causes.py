"""Bad ratings end in a cause and a preventive action, so that they do not come back (P7.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from escalation import access, outbox
from escalation.models import Action, AuditEvent
from metrics.models import Cause, Rating
from tickets import roles
from tickets.models import Ticket, User
from tickets.refusals import Conflict, NotAllowed, NotFound
from tickets.texts import clean_text

BAD = 2
"""Up to this score (of 5) an experience was bad."""

DUE_IN = timedelta(days=7)

LEADERS = {roles.SUPERVISOR, roles.HEAD_OF_RISK, roles.LEGAL, roles.MANAGER}
"""Who may answer for a cause besides its owner."""


def follow(rating: Rating, *, now: datetime) -> None:
    """Open a task for a bad RATING and tell its owner; withdraw an open one when the rating became better.

    Call it in the rating's transaction.
    """
    if rating.score > BAD:
        Cause.objects.filter(rating=rating, closed_at=None, withdrawn_at=None).update(withdrawn_at=now)
        return
    task, new = Cause.objects.get_or_create(
        rating=rating,
        defaults={"owner": _answerable(rating.ticket), "opened_at": now, "due_at": now + DUE_IN},
    )
    if new:
        outbox.promise(
            ticket=rating.ticket_id,
            topic="cause_wanted",
            key=f"cause:{task.pk}",
            payload={"cause": task.pk},
            now=now,
        )
    elif task.withdrawn_at:
        Cause.objects.filter(pk=task.pk).update(withdrawn_at=None, due_at=now + DUE_IN)


def visible_to(user: User) -> QuerySet[Cause]:
    """Return the tasks about tickets that USER may see."""
    seen = access.visible_to(user)
    return Cause.objects.filter(rating__ticket__in=seen).select_related("rating__ticket", "owner", "closed_by")


def listed(user: User, *, closed: bool = False) -> QuerySet[Cause]:
    """Return the tasks that USER may see: open ones, first due first, or those that are closed, newest first."""
    tasks = visible_to(user).filter(withdrawn_at=None)
    if closed:
        return tasks.filter(closed_at__isnull=False).order_by("-closed_at", "-id")
    return tasks.filter(closed_at=None).order_by("due_at", "id")


def get(user: User, pk: int) -> Cause:
    """Return a task that USER may see, or NotFound."""
    found = visible_to(user).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such task that you may see."), code="not_found")
    return found


def may_answer(user: User, task: Cause) -> bool:
    """Whether USER, who sees the task, may fill it in: its owner and those who lead."""
    return task.owner_id == user.pk or user.has_role(*LEADERS)


def take(pk: int, *, actor: User) -> Cause:
    """Make ACTOR the owner of an open task."""
    with _locked(pk, actor) as task:
        Cause.objects.filter(pk=task.pk).update(owner=actor)
        task.owner = actor
        return task


def fill_in(pk: int, *, actor: User, cause: str, action: str, close: bool, now: datetime) -> Cause:
    """Write down what caused it and what prevents it; CLOSE ends the task, for which both are needed."""
    with _locked(pk, actor) as task:
        task.cause = clean_text(cause, field="cause", limit=4000, required=close)
        task.action = clean_text(action, field="action", limit=4000, required=close)
        if close:
            task.closed_at, task.closed_by = now, actor
        task.save(update_fields=["cause", "action", "closed_at", "closed_by"])
        return task


def in_week(starts_at: datetime, ends_at: datetime) -> dict[str, int]:
    """Return how many tasks were opened between two instants, and how many of these are closed by now."""
    opened = Cause.objects.filter(opened_at__gte=starts_at, opened_at__lt=ends_at, withdrawn_at=None)
    return {"opened": opened.count(), "closed": opened.filter(closed_at__isnull=False).count()}


@contextmanager
def _locked(pk: int, actor: User) -> Iterator[Cause]:
    """Yield the open task under its row lock, once it is clear that ACTOR may answer for it."""
    with transaction.atomic():
        Cause.objects.select_for_update().filter(pk=pk).first()
        task = get(actor, pk)
        if not may_answer(actor, task):
            raise NotAllowed(_("A cause is answered for by its owner and by those who lead."), code="role")
        if not task.is_open:
            raise Conflict(_("This task is closed already."), code="closed")
        yield task


def _answerable(ticket: Ticket) -> User | None:
    """Return who has the ticket, else who resolved it; nobody when they have left."""
    if ticket.assignee and ticket.assignee.is_active:
        return ticket.assignee
    resolved = AuditEvent.objects.filter(ticket=ticket, action=Action.RESOLVED, person__is_active=True)
    last = resolved.select_related("person").order_by("-seq").first()
    return last.person if last else None
