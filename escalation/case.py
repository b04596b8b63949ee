"""One ticket under lock: the only place where its stand is changed by people, rules and customers.

    with case.locked(number, now=now) as c:
        ...checks, transitions...
        c.record(Action.MOVED, actor, ...)

The lock is the escalation's row. Whatever is done inside is one transaction: the rows, the audit event and the outbox
commit together or not at all. The clock's batches take the same lock (see `escalation.sweep`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from escalation import audit, reasons
from escalation.models import Action, AuditEvent, Escalation, FloorVisit
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.refusals import Conflict, NotFound, Stale


class Held(Conflict):
    """A hold forbids it, for REASON as it goes on record (`reasons.put`). The attempt itself is put on record."""

    def __init__(self, reason: str, *, number: int, attempted: str, actor: audit.Actor):
        super().__init__(reasons.shown(reason), code="held")
        self.reason = reason
        self.number = number
        self.attempted = attempted
        self.actor = actor


class Merged(Conflict):
    """TICKET lives on in another."""

    def __init__(self, ticket: Ticket):
        numbers = {"number": ticket.pk, "into": ticket.merged_into_id}
        super().__init__(
            _("#%(number)s was merged into #%(into)s; go on there.") % numbers,
            code="merged",
            data={"into": ticket.merged_into_id},
        )
        self.ticket = ticket


class Case:
    """A locked ticket: its escalation, its open visit (none when resolved), and the instant at which we decide."""

    def __init__(self, escalation: Escalation, visit: FloorVisit | None, now: datetime):
        self.escalation = escalation
        self.visit = visit
        # History never runs backwards, even when the server's clock is set back.
        self.now = max(now, visit.entered_at) if visit else now

    @property
    def ticket(self) -> Ticket:
        return self.escalation.ticket

    @property
    def number(self) -> int:
        return self.escalation.pk

    def record(
        self,
        action: Action,
        actor: audit.Actor,
        *,
        floor_from: int | None = None,
        floor_to: int | None = None,
        reason: str = "",
        data: dict | None = None,
        activity: bool = True,
    ) -> AuditEvent:
        """Append one audit event and write the escalation row with it; `activity` renews the ticket's last activity."""
        old = self.escalation
        fields = {
            "seq": old.version + 1,
            "at": self.now,
            "by": actor.by,
            "person_id": actor.person.pk if actor.person else None,
            "customer_id": actor.customer.pk if actor.customer else None,
            "action": Action(action).value,
            "floor_from": floor_from,
            "floor_to": floor_to,
            "reason": reason,
            "data": data or {},
            "previous_hash": old.head_hash,
        }
        event = AuditEvent(
            ticket_id=old.pk,
            hash=audit.seal(ticket=old.pk, **fields),
            **fields,
        )
        written = Escalation.objects.filter(pk=old.pk, version=old.version).update(
            state=old.state,
            resolved_at=old.resolved_at,
            resolved_on_floor=old.resolved_on_floor,
            version=event.seq,
            head_hash=event.hash,
        )
        if not written:
            raise Stale(_("Somebody changed this ticket at the same moment. Look again and repeat."), code="stale")
        event.save(force_insert=True)
        old.version, old.head_hash = event.seq, event.hash
        if activity:
            Ticket.objects.filter(pk=old.pk).update(updated_at=self.now)
            old.ticket.updated_at = self.now
        return event


@contextmanager
def locked(
    number: int, *, now: datetime | None = None, expected_version: int | None = None, ended: bool = False
) -> Iterator[Case]:
    """Lock ticket NUMBER and yield its case; NOW defaults to the database's time after locking.

    EXPECTED_VERSION, when given, must be the ticket's version, else it is Stale (RFC 9110, If-Match). Nothing happens
    any more in a ticket that was merged into another, or erased, unless ENDED ones are asked for.
    """
    with _attempts_on_record(now), transaction.atomic():
        case = _lock(number, now)
        if not ended:
            refuse_ended(case.ticket)
        if expected_version is not None and expected_version != case.escalation.version:
            raise Stale(
                _("This ticket is at version %(version)s, not %(expected)s. Read it again.")
                % {"version": case.escalation.version, "expected": expected_version},
                code="stale",
            )
        yield case


@contextmanager
def locked_together(numbers: Iterable[int], *, now: datetime | None = None) -> Iterator[dict[int, Case]]:
    """Lock several tickets and yield their cases by number, also of those that were merged into another.

    All who lock more than one do it here, lowest number first, so that no two wait for each other.
    """
    with _attempts_on_record(now), transaction.atomic():
        cases = {number: _lock(number, now) for number in sorted(set(numbers))}
        if now is None:  # what happens to them together happens at one instant
            latest = max(case.now for case in cases.values())
            for case in cases.values():
                case.now = latest
        yield cases


@contextmanager
def _attempts_on_record(now: datetime | None) -> Iterator[None]:
    """Put on record what a hold has refused; the attempt's own transaction is gone by then."""
    try:
        yield
    except Held as refusal:
        put_refusal_on_record(refusal.number, refusal, now=now)
        raise


def put_refusal_on_record(number: int, refusal: Held, *, now: datetime | None = None) -> None:
    """Record an attempt that a hold refused, in a transaction of its own: what was attempted was rolled back."""
    with transaction.atomic():
        _lock(number, now).record(
            Action.ACTION_BLOCKED, refusal.actor, reason=refusal.reason, data={"attempted": refusal.attempted}
        )


@contextmanager
def locked_if_free(number: int, *, now: datetime | None = None) -> Iterator[Case | None]:
    """Lock ticket NUMBER as `locked` does, or yield None when somebody else is at it: rules come back later."""
    with transaction.atomic():
        try:
            case = _lock(number, now, skip_locked=True)
        except NotFound:
            case = None
        yield case


def refuse_ended(ticket: Ticket) -> None:
    """Refuse a ticket in which nothing happens any more."""
    if ticket.merged_into_id:
        raise Merged(ticket)
    if ticket.erased_at:
        words = _("The personal data of this ticket was erased; nothing is done with it any more.")
        raise Conflict(words, code="erased")


def _lock(number: int, now: datetime | None, *, skip_locked: bool = False) -> Case:
    try:
        escalation = Escalation.objects.select_for_update(no_key=True, skip_locked=skip_locked).get(pk=number)
    except Escalation.DoesNotExist:
        raise NotFound(_("There is no ticket %(number)s.") % {"number": number}, code="not_found") from None
    # Read after the lock: rows joined to the locking query would be as old as that query, however long it waited.
    escalation.ticket = Ticket.objects.select_related("customer", "channel", "assignee").get(pk=number)
    visit = escalation.visits.filter(left_at__isnull=True).first()
    return Case(escalation, visit, now or database_now())
