"""What becomes of tickets whose deadline has passed, worked out in memory: where they go, and under which limit.

`escalation.sweep` locks them and looks again, `escalation.climb_sql` writes what is decided here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from escalation import audit, deadlines, reasons
from escalation.models import Action, Approval, AuditEvent, Escalation
from escalation.visits import limit_for
from policies import floors
from policies.models import FloorLimit
from tickets.models import Ticket


class Locked(NamedTuple):
    """A locked visit whose deadline has passed, with the stand of its ticket: plain columns, for speed."""

    pk: int
    floor: int
    due_at: datetime
    ticket: int
    state: str
    version: int
    head_hash: str


class Arrival(NamedTuple):
    """What holds on the next floor: the limit, the deadline under it, and what the record cites of it."""

    limit: FloorLimit
    deadline: deadlines.Deadline
    cited: dict


@dataclass(slots=True)
class Due:
    """What becomes of a locked visit: the ticket's new state and the sealed audit event (its columns, its hash)."""

    visit: Locked
    state: str
    arrival: Arrival | None
    event: dict
    hash: str
    overtaken: list[int]

    @property
    def alarm(self) -> bool:
        return self.arrival is None


def decide(visits: list[Locked], now: datetime) -> list[Due]:
    """Let the state machine move each ticket in memory and seal its audit event."""
    arrivals = _arrivals([visit for visit in visits if visit.floor < 3], now)
    requests: dict[int, list[int]] = {}
    on_floor_2 = [visit.ticket for visit in visits if visit.floor == 2]
    if on_floor_2:
        pending = Approval.objects.filter(
            escalation_id__in=on_floor_2, kind=Approval.Kind.FLOOR_3, state=Approval.State.PENDING
        )
        for number, approval in pending.values_list("escalation_id", "pk"):
            requests.setdefault(number, []).append(approval)
    return [_due(visit, arrivals.get(visit.pk), requests.get(visit.ticket, []), now) for visit in visits]


def _arrivals(visits: list[Locked], now: datetime) -> dict[int, Arrival]:
    """Return for each visit what holds on the next floor; it is looked up and reckoned once for all alike."""
    limits = floors.limits(now)
    about = {}
    if limits.scoped:  # only then does it matter what the tickets are about
        tickets = Ticket.objects.filter(pk__in=[visit.ticket for visit in visits])
        about = {number: of for number, *of in tickets.values_list("pk", "channel_id", "category_id")}
    known, found = {}, {}
    for visit in visits:
        channel, category = about.get(visit.ticket, (None, None))
        alike = visit.floor, channel, category
        if alike not in known:
            limit = limit_for(visit.floor + 1, now, channel=channel, category=category, among=limits)
            known[alike] = Arrival(limit, deadlines.reckon(now, floors.terms_of(limit)), floors.cite(limit))
        found[visit.pk] = known[alike]
    return found


def _due(visit: Locked, arrival: Arrival | None, overtaken: list[int], now: datetime) -> Due:
    escalation = Escalation(ticket_id=visit.ticket, state=visit.state)
    if escalation.floor != visit.floor:
        raise ValueError(f"ticket {visit.ticket} is on {visit.state} but its open visit is on {visit.floor}")
    data = {"how": "clock", "due": visit.due_at.isoformat(timespec="microseconds"), "visit": visit.pk}
    if arrival is None:
        action, floor_to = Action.DEADLINE_PASSED, None
        reason = reasons.UNDECIDED
    else:
        getattr(escalation, f"climb_to_{arrival.limit.floor}")()
        action, floor_to = Action.MOVED, arrival.limit.floor
        reason = reasons.NOT_IN_TIME % {"floor": visit.floor}
        data["policy"] = arrival.cited
        if overtaken:
            data["approvals"] = [{"approval": pk, "kind": "floor_3", "state": "overtaken"} for pk in overtaken]
    event = {
        "ticket": visit.ticket,
        "seq": visit.version + 1,
        "at": now,
        "by": AuditEvent.By.CLOCK.value,
        "person_id": None,
        "customer_id": None,
        "action": action.value,
        "floor_from": visit.floor,
        "floor_to": floor_to,
        "reason": reason,
        "data": data,
        "previous_hash": visit.head_hash,
    }
    return Due(visit, str(escalation.state), arrival, event, audit.seal(**event), overtaken)
