"""What Celery does besides the clock: sending what the outbox owes, and housekeeping."""

from celery import shared_task

from helpdesk import letters, once, undelivered
from helpdesk.api import idempotency
from helpdesk.notifications import inbox
from helpdesk.webhooks import sending
from policies import readings
from tickets import files, sign_in
from tickets.clock import database_now


@shared_task(name="helpdesk.forget_old_rows")
def forget_old_rows() -> int:
    """Delete what is past its time: answers, forms, links, notifications, calls, looks at articles; return how many."""
    now = database_now()
    files.remove_discarded()
    forms = idempotency.forget_old_answers() + once.forget_old_forms()
    forms += sending.forget_old(now)
    return forms + sign_in.forget_old(now=now) + inbox.forget_old(now) + readings.forget(now)


@shared_task(name="helpdesk.relay_outbox", acks_late=True, reject_on_worker_lost=True)
def relay_outbox() -> int:
    """Send what is owed, a few hundred mails a turn; return how many went out. Overlapping runs share the work."""
    return letters.relay()


@shared_task(name="helpdesk.relay_webhooks", acks_late=True, reject_on_worker_lost=True)
def relay_webhooks() -> int:
    """Tell other systems what happened; return how many calls were taken. Overlapping runs share the work."""
    return sending.relay()


@shared_task(name="helpdesk.tell_undelivered")
def tell_undelivered() -> bool:
    """Let supervisors and administrators know of what was given up in the last hour, once."""
    return undelivered.tell(database_now())
