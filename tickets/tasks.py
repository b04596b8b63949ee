"""The Celery door to the background work of search."""

from celery import shared_task

from tickets import vocabulary


@shared_task(name="tickets.tend_search")
def tend_search() -> None:
    """Make passages of older texts and learn new words. Sent by beat every minute; broken off, it goes on next time."""
    vocabulary.catch_up(seconds=20)
    vocabulary.learn(seconds=20)
