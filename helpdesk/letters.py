"""What the outbox owes, worded when it is sent, so that it says what is true by then.

What customers read is in `helpdesk.customer_letters`. Staff are told by `helpdesk.notifications`: a sentence and a link
to a page, never one that signs anything, and nothing that a customer wrote.
"""

from collections.abc import Callable

from django.utils import translation

from escalation import outbox
from escalation.models import OutboxMessage
from helpdesk import customer_letters
from helpdesk.notifications.announce import announce
from helpdesk.notifications.delivery import deliver
from helpdesk.notifications.events import TOPICS
from tickets.models import Ticket

LETTERS: dict[str, Callable[[Ticket, OutboxMessage], None]] = {
    "received": customer_letters.received,
    "answered": customer_letters.answered,
    "floor_2": customer_letters.moved_on,
    "floor_3": customer_letters.moved_on,
    "specialist": customer_letters.with_specialist,
    "answer_late": customer_letters.answer_late,
    "resolved": customer_letters.resolved,
    "under_review": customer_letters.under_review,
}
"""Topics that customers hear of."""

WITHOUT_TICKET: dict[str, Callable[[OutboxMessage], None]] = {"sign_in": customer_letters.sign_in}
"""Topics that customers hear of and that are about no ticket."""


def send(owed: OutboxMessage) -> None:
    """Write to the customer and tell staff, as the topic asks; nothing is sent when the reason has gone by now."""
    if owed.topic not in LETTERS | WITHOUT_TICKET | TOPICS:
        raise LookupError(f"Nobody is told of '{owed.topic}'.")
    if owed.ticket_id:
        people = Ticket.objects.select_related("customer", "channel", "escalation", "assignee")
        owed.ticket = people.get(pk=owed.ticket_id)
    if owed.topic in WITHOUT_TICKET:
        WITHOUT_TICKET[owed.topic](owed)
    if owed.topic in LETTERS:
        with translation.override(customer_letters.language_of(owed.ticket)):
            LETTERS[owed.topic](owed.ticket, owed)
    if owed.topic in TOPICS:
        announce(owed)


def relay(*, limit: int = 300) -> int:
    """Carry out what the outbox owes, then send what staff are told by e-mail and chat; return how many rows.

    Overlapping runs share the work.
    """
    return outbox.relay(send, limit=limit) + deliver(limit=limit)
