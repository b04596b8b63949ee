"""Housekeeping that beat calls."""

from celery import shared_task

from helpdesk import once
from helpdesk.api import idempotency


@shared_task(name="helpdesk.forget_old_rows")
def forget_old_rows() -> int:
    """Delete answers to repeated POSTs and forms that are past their 24 hours; return how many."""
    return idempotency.forget_old_answers() + once.forget_old_forms()
