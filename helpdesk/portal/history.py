"""What became of a ticket so far, on the customer's own scale: read from the record, without anything of the house."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from escalation.models import Action, AuditEvent
from helpdesk.portal.stand import plain_word
from tickets.models import Ticket

_BEGINS = (Action.OPENED, Action.IMPORTED)
_TELLING = (
    *_BEGINS,
    Action.ASSIGNED,
    Action.MESSAGE_SENT,
    Action.CLOCK_PAUSED,
    Action.CLOCK_RESUMED,
    Action.MOVED,
    Action.RESOLVED,
    Action.REOPENED,
    Action.CLOSED,
)


@dataclass
class _Course:
    """What of a ticket's stand shows in the customer's words."""

    floor: int = 1
    assigned: bool = False
    touched: bool = False
    waits: bool = False
    resolved: bool = False
    closed: bool = False

    def take(self, action: str, floor_to: int | None, data: dict) -> None:
        match action:
            case Action.ASSIGNED:
                self.assigned = data.get("to") is not None
            case Action.MESSAGE_SENT:
                self.touched = True
            case Action.CLOCK_PAUSED | Action.CLOCK_RESUMED:
                self.waits = action == Action.CLOCK_PAUSED
            case Action.MOVED | Action.REOPENED:
                self.floor = floor_to or self.floor
                self.touched, self.assigned = True, False
                self.waits = self.resolved = self.closed = False
            case Action.RESOLVED:
                self.resolved, self.waits = True, False
            case Action.CLOSED:
                self.closed = True
            case _:
                self.floor = floor_to or 1

    @property
    def word(self) -> str:
        return plain_word(
            closed=self.closed,
            resolved=self.resolved,
            waits=self.waits,
            floor=self.floor,
            touched=self.touched or self.assigned,
        )


def steps(ticket: Ticket) -> list[tuple[str, datetime]]:
    """Return each word that TICKET stood under with the time from which it did, oldest first, in one query."""
    events = AuditEvent.objects.filter(ticket=ticket, action__in=_TELLING).order_by("seq")
    return list(_told(events.values_list("action", "floor_to", "data", "at")))


def _told(events) -> Iterator[tuple[str, datetime]]:
    course, said = _Course(), ""
    for action, floor_to, data, at in events:
        course.take(action, floor_to, data)
        if course.word != said:
            said = course.word
            yield said, at
