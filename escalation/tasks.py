"""The Celery door to the clock."""

from celery import shared_task

from escalation.sweep import sweep


@shared_task(name="escalation.sweep", acks_late=False, soft_time_limit=20, time_limit=30)
def sweep_task() -> None:
    """Climb what is due. Sent by beat every second; overlapping runs share the work."""
    sweep(door="celery")
