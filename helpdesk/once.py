"""Forms that are sent twice (double click, reload, a slow line) do their work once."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from escalation.case import Held
from helpdesk.models import SentForm

KEPT = timedelta(hours=24)
"""For so long a form that is sent again is recognised."""


def new_token() -> str:
    """Return the random word that a form carries in a hidden field, one per page drawn."""
    return uuid.uuid4().hex


def send_once(token: str, work: Callable[[], str]) -> str:
    """Do WORK, which returns the address to go to next; for a TOKEN seen before, return the first one's address.

    The token commits with the work, so a refused form may be sent again; a second one waits for the first to finish.
    """
    try:
        key = uuid.UUID(token)
    except ValueError:
        key = uuid.uuid4()
    held = None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO helpdesk_sentform (token, location, created_at) VALUES (%s, '', statement_timestamp()) "
                "ON CONFLICT DO NOTHING",
                [key.hex],
            )
            first = cursor.rowcount == 1
        if not first:
            return SentForm.objects.values_list("location", flat=True).get(pk=key)
        try:
            location = work()
            SentForm.objects.filter(pk=key).update(location=location)
        except Held as refusal:  # undone, except that the attempt is on record
            SentForm.objects.filter(pk=key).delete()
            held = refusal
    if held:
        raise held
    return location


def was_sent(token: str) -> bool:
    """Whether the form that carries TOKEN has done its work already."""
    try:
        return SentForm.objects.filter(pk=uuid.UUID(token)).exists()
    except ValueError:
        return False


def forget_old_forms() -> int:
    """Delete the tokens that are past their time; return how many."""
    return SentForm.objects.filter(created_at__lt=Now() - KEPT).delete()[0]
