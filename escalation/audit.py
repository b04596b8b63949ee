"""The audit trail: how a link is sealed and how a chain is checked.

A link's hash covers its canonical form and the hash before it, so a changed, missing or reordered event is found. The
ticket's `Escalation` keeps the length and the last hash, so a cut tail is found too. This is evidence against everyone
who cannot also rewrite the escalation row and every later link; it does not stop a database superuser.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import QuerySet

from escalation.models import Action, AuditEvent, Escalation
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


def seal_of(event: AuditEvent) -> str:
    """Return the SHA-256 (hex) of an event as it stands."""
    return _sealed([getattr(event, name) for name in LINK_FIELDS])


def _sealed(row: Sequence) -> str:
    """Return the seal of a row of `LINK_FIELDS`."""
    names = ("ticket", *LINK_FIELDS[1:-1])
    return seal(**dict(zip(names, row, strict=False)))


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
    """Yield the first broken link of each ticket whose chain does not hold; nothing when all is well.

    An event whose words were erased holds when it fits the seal that a later `erased` event of its chain keeps for it.
    """
    heads = Escalation.objects.all() if ticket is None else Escalation.objects.filter(pk=ticket)
    expected = {pk: (version, head) for pk, version, head in heads.values_list("pk", "version", "head_hash")}
    events = AuditEvent.objects.all() if ticket is None else AuditEvent.objects.filter(ticket_id=ticket)
    redacted = _redacted(events)
    current, seq, previous, broken = None, 0, GENESIS, False
    for row in events.order_by("ticket_id", "seq").values_list(*LINK_FIELDS).iterator(chunk_size=5000):
        number, *_rest = row
        if number != current:
            if current is not None and not broken:
                yield from _check_head(current, seq, previous, expected)
            current, seq, previous, broken = number, 0, GENESIS, False
        if broken:
            continue
        fault = _fault(row, seq, previous, redacted)
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


def _redacted(events: QuerySet[AuditEvent]) -> dict[tuple[int, int], str]:
    """Return the seals of events whose words were erased, by ticket and number."""
    erased = events.filter(action=Action.ERASED).values_list("ticket_id", "data__redacted")
    return {(number, int(seq)): seal for number, seals in erased for seq, seal in (seals or {}).items()}


def _fault(row: tuple, seq: int, previous: str, redacted: dict[tuple[int, int], str]) -> str:
    """Return what is wrong with the event after SEQ, or ''."""
    if row[1] != seq + 1:
        return f"an event is missing: number {row[1]} follows {seq}"
    if row[11] != previous:
        return "it does not name the hash of the event before it"
    if _sealed(row) in (row[12], redacted.get((row[0], row[1]))):
        return ""
    return "its content was changed after it was sealed"


def _check_head(number: int, seq: int, last_hash: str, expected: dict) -> Iterator[BrokenLink]:
    version, head = expected.pop(number, (0, GENESIS))
    if version != seq:
        yield BrokenLink(number, seq + 1, f"the ticket should have {version} events and has {seq}")
    elif head != last_hash:
        yield BrokenLink(number, seq, "the last event is not the one that the ticket remembers")
