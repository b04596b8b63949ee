"""Letters of the demo day: kept in its database and shown on a page, never handed to a mail server."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection


class Letter(NamedTuple):
    pk: int
    at: datetime
    recipients: list[str]
    subject: str
    body: str
    html: str


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [
            (message.recipients(), message.subject, message.body, _html(message))
            for message in email_messages
            if message.recipients()
        ]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO demo.mail (recipients, subject, body, html) VALUES (%s, %s, %s, %s)", rows)
        return len(rows)


def letters(*, to: str = "", before: int | None = None, limit: int) -> list[Letter]:
    """Return the newest letters, those TO an address that contains this, and older than the one with id BEFORE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, at, recipients, subject, body, html FROM demo.mail"
            " WHERE (%(before)s IS NULL OR id < %(before)s)"
            " AND (%(to)s = '' OR strpos(lower(array_to_string(recipients, ' ')), lower(%(to)s)) > 0)"
            " ORDER BY id DESC LIMIT %(limit)s",
            {"to": to, "before": before, "limit": limit},
        )
        return [Letter(*row) for row in cursor.fetchall()]


def _html(message: EmailMessage) -> str:
    return next((body for body, kind in getattr(message, "alternatives", []) if kind == "text/html"), "")
