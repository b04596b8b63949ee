"""The Celery doors to the clock and to the rounds beside it."""

from celery import shared_task

from escalation import retention
from escalation.reminders import remind
from escalation.rounds import HANDS, WORDS, make_round
from escalation.sweep import sweep


@shared_task(name="escalation.sweep", acks_late=False, soft_time_limit=20, time_limit=30)
def sweep_task() -> None:
    """Climb what is due. Sent by beat every second; overlapping runs share the work."""
    sweep(door="celery")


@shared_task(name="escalation.route", acks_late=False, soft_time_limit=20, time_limit=30)
def route_task() -> None:
    """Give out tickets and take back what lies. Sent by beat every two seconds; overlapping runs share the work."""
    make_round(HANDS)


@shared_task(name="escalation.tell", acks_late=False, soft_time_limit=20, time_limit=30)
def tell_task() -> None:
    """Tell supervisors and customers of what is late. Sent by beat every ten seconds."""
    make_round(WORDS)


@shared_task(name="escalation.remind")
def remind_task() -> int:
    """Promise the reminders that are due. Sent by beat every minute; running it twice mails nobody twice."""
    return remind()


@shared_task(name="escalation.retention", soft_time_limit=600, time_limit=660)
def retention_task() -> int:
    """Erase what is past its retention. Sent by beat every night; running it twice erases nothing twice."""
    return retention.run()
