"""The virtual clock of the demo day: it runs at a rate, stands, and is set forward.

PostgreSQL and Python read the same row: `clock.sql` answers for the one, `install()` for the other. What must follow
real time (sign-ins, rate limits, how long nobody has looked) does not ask either of them.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from helpdesk import health
from tickets import sign_in

RATES = (1, 30, 120)
"""Virtual seconds in a real one."""

_SQL = Path(__file__).with_suffix(".sql")


class Stand(NamedTuple):
    """From REAL_AT on, when it was VIRTUAL_AT, the clock runs at RATE, unless it stands."""

    morning: datetime
    real_at: datetime
    virtual_at: datetime
    rate: int
    running: bool

    def now(self) -> datetime:
        gone = datetime.now(UTC) - self.real_at if self.running else timedelta()
        return self.virtual_at + self.rate * max(gone, timedelta())


_COLUMNS = ", ".join(Stand._fields)
_stand: Stand | None = None


def install() -> None:
    """Let `timezone.now()` tell the virtual time in this process, from the first `read()` on.

    What people are given minutes for, and what watches over the program itself, keeps its real length at the top rate.
    """
    timezone.now = now
    health.SWEEP_TOO_OLD *= max(RATES)
    sign_in.VALID_FOR *= max(RATES)


def now() -> datetime:
    return _stand.now() if _stand else datetime.now(UTC)


def morning() -> datetime:
    """Return when the visitor's day begins."""
    return (_stand or read()).morning


def create(morning: datetime) -> None:
    """Make the clock in this database, as its owner, and let it stand at MORNING. Made again, it stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL.read_text(encoding="utf-8"))
        cursor.execute(
            "INSERT INTO demo.clock (morning, virtual_at) VALUES (%s, %s) ON CONFLICT DO NOTHING", [morning, morning]
        )
        cursor.execute("INSERT INTO demo.day DEFAULT VALUES ON CONFLICT DO NOTHING")
    read()


def is_here() -> bool:
    """Whether this database is a demo."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('demo.clock') IS NOT NULL")
        return cursor.fetchone()[0]


def read() -> Stand:
    """Read the clock, and remember it for `timezone.now()` in this process. Raises where the database is no demo."""
    if not _stand and not is_here():
        raise ImproperlyConfigured(
            "HELPDESK_DEMO is `day`, and this database is not a demo. `make demo` brings its own."
        )
    return _remember(f"SELECT {_COLUMNS} FROM demo.clock")


def change(*, running: bool | None = None, rate: int | None = None) -> Stand:
    """Let the clock run or stand, at RATE virtual seconds in a real one, from where it is now."""
    return _write(
        "virtual_at = virtual_at + CASE WHEN running"
        " THEN rate * greatest(pg_catalog.statement_timestamp() - real_at, interval '0') ELSE interval '0' END,"
        " running = coalesce(%s, running), rate = coalesce(%s, rate)",
        running,
        rate,
    )


def stand_at(instant: datetime) -> Stand:
    """Set the clock forward to INSTANT (never back), and let it stand there."""
    return _write("virtual_at = greatest(virtual_at, %s), running = false", instant)


def _write(changes: str, *values) -> Stand:
    return _remember(
        f"UPDATE demo.clock SET {changes}, real_at = pg_catalog.statement_timestamp() RETURNING {_COLUMNS}", values
    )


def _remember(statement: str, values=()) -> Stand:
    global _stand
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        _stand = Stand(*cursor.fetchone())
    return _stand
