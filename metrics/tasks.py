"""The Celery doors to the scorecard, to audits and to foresight."""

from celery import shared_task

from metrics import audit_calendar, foresight, scorecard
from tickets.clock import database_now


@shared_task(name="metrics.publish_scorecard")
def publish_scorecard() -> int:
    """Publish what is due; return how many weeks. Sent by beat every minute; running it twice is dull."""
    return len(scorecard.publish_due())


@shared_task(name="metrics.remind_of_audits")
def remind_of_audits() -> int:
    """Remind of audits that are missing; return how many are. Sent by beat every hour; running it twice is dull."""
    return audit_calendar.remind(database_now())


@shared_task(name="metrics.retrain_foresight")
def retrain_foresight() -> bool:
    """Learn anew when a week has passed; return whether it had. Sent by beat every hour, so that no week is missed."""
    return foresight.retrain_due()


@shared_task(name="metrics.foresee")
def foresee() -> int:
    """Renew the chances of open tickets; return how many changed. Running it twice does no harm."""
    return foresight.foresee()
