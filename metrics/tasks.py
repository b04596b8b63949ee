"""The Celery door to the scorecard."""

from celery import shared_task

from metrics import scorecard


@shared_task(name="metrics.publish_scorecard")
def publish_scorecard() -> int:
    """Publish what is due; return how many weeks. Sent by beat every minute; running it twice is dull."""
    return len(scorecard.publish_due())
