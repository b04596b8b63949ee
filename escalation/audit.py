"""The audit trail: how a link is sealed and how a chain is checked.

A link's hash covers its canonical form and the hash before it, so a changed, missing or reordered event is found. The
ticket's `Escalation` keeps the length and the last hash, so a cut tail is found too. This is evidence against everyone
who cannot also rewrite the escalation row and every later link; it does not stop a database superuser.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from escalation.models import AuditEvent, Escalation
from escalation.models.escalation import GENESIS
from tickets.models import Customer, User


@dataclass(frozen=True)
class Actor:
    """Who does something to a ticket."""

    by: str
    person: User | None = None
    customer: Customer | None = None


CLOCK = Actor(AuditEvent.By.CLOCK)
RULE = Actor(AuditEvent.By.RULE)
SYSTEM = Actor(AuditEvent.By.SYSTEM)


def person(user: User) -> Actor:
    return Actor(AuditEvent.By.PERSON, person=user)


def customer(who: Customer) -> Actor:
    return Actor(AuditEvent.By.CUSTOMER, customer=who)


def seal(
    *,
    ticket: int,
    seq: int,
    at: datetime,
    by: str,
    person_id: int | None,
    customer_id: int | None,
    action: str,
    floor_from: int | None,
    floor_to: int | None,
    reason: str,
    data: dict,
    previous_hash: str,
) -> str:
    """Return the SHA-256 (hex) of one link. People are named by id only, so that erasing a name breaks no chain."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    link = [ticket, seq, moment, by, person_id, customer_id, action, floor_from, floor_to, reason, data, previous_hash]
    return hashlib.sha256(
        json.dumps(link, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


@dataclass(frozen=True)
class BrokenLink:
    """The first place where a ticket's chain does not hold."""

    ticket: int
    seq: int
    fault: str


LINK_FIELDS = (
    "ticket_id",
    "seq",
    "at",
    "by",
    "person_id",
    "customer_id",
    "action",
    "floor_from",
    "floor_to",
    "reason",
    "data",
    "previous_hash",
    "hash",
)


def verify(ticket: int | None = None) -> Iterator[BrokenLink]:
    """Yield the first broken link of each ticket whose chain does not hold; nothing when all is well."""
    heads = Escalation.objects.all() if ticket is None else Escalation.objects.filter(pk=ticket)
    expected = {pk: (version, head) for pk, version, head in heads.values_list("pk", "version", "head_hash")}
    events = AuditEvent.objects.all() if ticket is None else AuditEvent.objects.filter(ticket_id=ticket)
    current, seq, previous, broken = None, 0, GENESIS, False
    for row in events.order_by("ticket_id", "seq").values_list(*LINK_FIELDS).iterator(chunk_size=5000):
        number, *_rest = row
        if number != current:
            if current is not None and not broken:
                yield from _check_head(current, seq, previous, expected)
            current, seq, previous, broken = number, 0, GENESIS, False
        if broken:
            continue
        fault = _fault(row, seq, previous)
        if fault:
            broken = True
            expected.pop(number, None)
            yield BrokenLink(number, seq + 1, fault)
            continue
        seq, previous = row[1], row[12]
    if current is not None and not broken:
        yield from _check_head(current, seq, previous, expected)
    for number, (version, _head) in expected.items():
        if version:
            yield BrokenLink(number, 1, f"the ticket should have {version} events and has none")


def _fault(row: tuple, seq: int, previous: str) -> str:
    """Return what is wrong with the event after SEQ, or ''."""
    if row[1] != seq + 1:
        return f"an event is missing: number {row[1]} follows {seq}"
    if row[11] != previous:
        return "it does not name the hash of the event before it"
    sealed = seal(
        ticket=row[0],
        seq=row[1],
        at=row[2],
        by=row[3],
        person_id=row[4],
        customer_id=row[5],
        action=row[6],
        floor_from=row[7],
        floor_to=row[8],
        reason=row[9],
        data=row[10],
        previous_hash=row[11],
    )
    return "" if sealed == row[12] else "its content was changed after it was sealed"


def _check_head(number: int, seq: int, last_hash: str, expected: dict) -> Iterator[BrokenLink]:
    version, head = expected.pop(number, (0, GENESIS))
    if version != seq:
        yield BrokenLink(number, seq + 1, f"the ticket should have {version} events and has {seq}")
    elif head != last_hash:
        yield BrokenLink(number, seq, "the last event is not the one that the ticket remembers")
