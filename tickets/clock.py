"""The only clock that decides."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return the database's time (unlike `now()` it moves within a transaction)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]
