"""What people are told, and when: each function promises one outbox message in the transaction of its cause.

The words are written when the message is sent (`escalation.letters`), so that they say what is true by then.
"""

from datetime import datetime

from escalation import outbox, telling


def received(number: int, *, copy: bool = False, now: datetime) -> None:
    """The customer gets the number and the personal link; with COPY also what they wrote."""
    payload = {"copy": True} if copy else {}
    outbox.promise(ticket=number, topic="received", key=f"received:{number}", payload=payload, now=now)


def answered(number: int, *, message: int, now: datetime) -> None:
    """The customer gets our answer."""
    outbox.promise(ticket=number, topic="answered", key=f"answered:{message}", payload={"message": message}, now=now)


def arrived(number: int, *, floor: int, seq: int, now: datetime) -> None:
    """Floor 2: the customer hears that a specialist has it. Floor 3: Risk and Legal are notified (P2)."""
    outbox.promise(ticket=number, topic=f"floor_{floor}", key=f"floor_{floor}:{number}:{seq}", now=now)


def signature_wanted(number: int, *, approval: int, now: datetime) -> None:
    """Those who may sign hear that a signature is asked for."""
    outbox.promise(
        ticket=number,
        topic="signature_wanted",
        key=f"signature:{approval}",
        payload={"approval": approval},
        now=now,
    )


def under_review(number: int, *, approval: int, now: datetime) -> None:
    """The customer hears within minutes that somebody else looks at it (P4.3)."""
    outbox.promise(ticket=number, topic=telling.TOPIC, key=telling.key(approval), now=now)


def resolved(number: int, *, seq: int, now: datetime) -> None:
    """The customer hears that the case is answered, and how to rate it or reopen it."""
    outbox.promise(ticket=number, topic="resolved", key=f"resolved:{number}:{seq}", now=now)


def warned(number: int, *, rule: str, warning: str, now: datetime) -> None:
    """Supervisors hear, once a ticket and rule, what a rule wants them to look at."""
    outbox.promise(ticket=number, topic="warned", key=f"warned:{number}:{rule}", payload={"warning": warning}, now=now)


def unassigned(number: int, *, visit: int, now: datetime) -> None:
    """Supervisors hear, once a stay, that nobody could be given this ticket."""
    outbox.promise(ticket=number, topic="unassigned", key=f"unassigned:{visit}", now=now)


def taken_back(number: int, *, visit: int, why: str, now: datetime) -> None:
    """Supervisors hear, once a stay, that its owner let this ticket lie; WHY is `offline` or `idle`."""
    outbox.promise(ticket=number, topic="taken_back", key=f"taken_back:{visit}", payload={"why": why}, now=now)


def taken_from(number: int, *, visit: int, person: int, now: datetime) -> None:
    """Who had this ticket hears that it was taken back."""
    key = f"taken_from:{visit}:{person}"
    outbox.promise(ticket=number, topic="taken_from", key=key, payload={"person": person}, now=now)


def assigned(number: int, *, person: int, seq: int, now: datetime) -> None:
    """Who is given a ticket by a rule or by somebody else hears of it."""
    key = f"assigned:{number}:{seq}"
    outbox.promise(ticket=number, topic="assigned", key=key, payload={"person": person}, now=now)


def customer_wrote(number: int, *, message: int, now: datetime) -> None:
    """Who has the ticket hears that its customer wrote."""
    outbox.promise(ticket=number, topic="customer_wrote", key=f"customer_wrote:{message}", now=now)


def decided(number: int, *, approval: int, state: str, now: datetime) -> None:
    """Who asked for a signature hears what became of it; STATE is one of `Approval.State`."""
    payload = {"approval": approval, "state": state}
    outbox.promise(ticket=number, topic="decided", key=f"decided:{approval}:{state}", payload=payload, now=now)


def answer_late(number: int, *, now: datetime) -> None:
    """The customer hears, once, that the first answer takes longer than promised."""
    outbox.promise(ticket=number, topic="answer_late", key=f"answer_late:{number}", now=now)


def sign_in(link: int, *, now: datetime) -> None:
    """Whoever holds the address of this wish gets a one-time link, if a customer has that address."""
    outbox.promise(ticket=None, topic="sign_in", key=f"sign_in:{link}", payload={"link": link}, now=now)


def not_sent(number: int, *, draft: int, now: datetime) -> None:
    """The writer hears that an answer came back instead of going out, or that what was to follow it was refused.

    About their own words, whether or not they may still see the ticket.
    """
    payload = {"draft": draft, "number": number}
    key = f"not_sent:{draft}:{now.timestamp():.0f}"
    outbox.promise(ticket=None, topic="not_sent", key=key, payload=payload, now=now)


def changed(number: int, *, person: int, kinds: list[str], seq: int, now: datetime) -> None:
    """Who watches this ticket hears what others did to it; KINDS are actions of the audit trail."""
    payload, key = {"person": person, "kinds": kinds}, f"watched:{number}:{person}:{seq}"
    outbox.promise(ticket=number, topic="watched_change", key=key, payload=payload, now=now)


def mentioned(number: int, *, message: int, person: int, now: datetime) -> None:
    """Who is named in a note hears of it."""
    payload = {"message": message, "person": person}
    outbox.promise(ticket=number, topic="mention", key=f"mention:{message}:{person}", payload=payload, now=now)
