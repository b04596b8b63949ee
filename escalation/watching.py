"""Watching a ticket: who watches hears of what others, rules and the clock do to it, while they may see it."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from escalation import access, notices
from escalation.models import Action, AuditEvent, Escalation, Watch
from tickets.clock import database_now
from tickets.models import User

WORTH_TELLING = {
    Action.ASSIGNED,
    Action.MESSAGE_RECEIVED,
    Action.MESSAGE_SENT,
    Action.NOTE_ADDED,
    Action.MOVED,
    Action.DEADLINE_PASSED,
    Action.HOLD_PLACED,
    Action.HOLD_RELEASED,
    Action.DECIDED,
    Action.RESOLVED,
    Action.REOPENED,
    Action.CLOSED,
}
"""What watchers are told of."""

AT_ONCE = 200
NAMED = 3
"""Kinds of change that one notice names."""


def watch(number: int, *, actor: User) -> None:
    """ACTOR hears of the ticket's changes from now on; watching twice is watching."""
    access.get_ticket(actor, number)
    begin(number, actor)


def unwatch(number: int, *, actor: User) -> None:
    """ACTOR hears no more of the ticket's changes."""
    Watch.objects.filter(ticket=number, user=actor).delete()


def begin(number: int, user: User) -> None:
    """Let USER, who sees the ticket, watch it."""
    told = Escalation.objects.values_list("version", flat=True).get(pk=number)
    Watch.objects.bulk_create([Watch(ticket_id=number, user=user, told=told)], ignore_conflicts=True)


def tell(as_of: datetime | None = None) -> int:
    """Promise to tell watchers what has changed since they were last told; return how many notices. Safe to repeat."""
    now = as_of or database_now()
    behind = Watch.objects.filter(ticket__escalation__version__gt=F("told")).order_by("pk")
    return sum(_tell(pk, now) for pk in behind.values_list("pk", flat=True)[:AT_ONCE])


def _tell(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        watch = Watch.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if watch is None:
            return False
        events = AuditEvent.objects.filter(ticket=watch.ticket_id, seq__gt=watch.told).order_by("seq")
        events = list(events.values_list("seq", "action", "person_id"))
        if not events:
            return False
        Watch.objects.filter(pk=pk).update(told=events[-1][0])
        news = [action for _seq, action, person in events if action in WORTH_TELLING and person != watch.user_id]
        if news:
            kinds = list(dict.fromkeys(news))[:NAMED]
            notices.changed(watch.ticket_id, person=watch.user_id, kinds=kinds, seq=events[-1][0], now=now)
        return bool(news)
