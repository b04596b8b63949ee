"""The demo's database: made once, up to nine in the morning, kept as a copy, and begun again from that copy."""

import hashlib
import secrets
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from helpdesk import preparation
from helpdesk.demo import clock, content, day
from metrics import foresight, pulse
from tickets import vocabulary
from tickets.models import User

HERE = Path(__file__).parent
MADE_OF = (HERE, settings.BASE_DIR / "policies" / "starter_book")
"""What the morning is made of, beside the migrations: when any of it changes, it is made anew."""


def prepare(app_role: str) -> None:
    """Make the morning, or begin it again when it is there already, as the owner of the database.

    Raises ImproperlyConfigured where the database holds anything and is no demo.
    """
    if is_fresh():
        clock.read()
        day.begin_again()
        return
    clear()
    with connection.cursor() as cursor:
        # A making that is cut short must be known for a demo too. New tables go into the first schema of the path.
        cursor.execute("CREATE SCHEMA demo_morning; SET search_path = public")
        call_command("migrate", interactive=False, verbosity=0)
        if app_role and app_role != connection.settings_dict["USER"]:
            preparation.grant(connection, app_role)
        cursor.execute("SET search_path = demo, pg_catalog, public")
    make()


def is_fresh() -> bool:
    """Whether the database holds the morning as this version of the program makes it, on the last Tuesday."""
    if not clock.is_here():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT made_of FROM demo.clock")
        return cursor.fetchone() == (_fingerprint(),)


def clear() -> None:
    """Empty a demo's database. Raises where the database holds anything and is no demo."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regnamespace('demo_morning') IS NULL"
            " AND EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')"
        )
        if cursor.fetchone()[0]:
            raise ImproperlyConfigured("This database holds something else than a demo, so no demo is made in it.")
        cursor.execute("DROP SCHEMA IF EXISTS demo, demo_morning CASCADE; DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def make() -> None:
    """Fill an empty, migrated database: the last weeks, and the day until nine; then keep that as the morning."""
    begins = day.tuesday(datetime.now(UTC))
    clock.create(begins)
    call_command("starter")
    content.fill(password=secrets.token_urlsafe(24), now=begins, in_motion=False)
    # The time to take an answer back would stand still with the clock.
    User.objects.update(undo_seconds=0)
    # The colleagues who do not sign in have answered the pulse already; with these there are enough to show it.
    for local, score in (("agent", 75), ("agent2", 100), ("supervisor", 75)):
        pulse.answer(User.objects.get(email=f"{local}@example.com"), score=score, now=begins)
    vocabulary.catch_up(seconds=60)
    vocabulary.learn(seconds=60)
    foresight.retrain_due()
    opens = day.at(day.OPENS, begins)
    day.forward_to(opens)
    with connection.cursor() as cursor:
        cursor.execute("SELECT demo.keep_morning()")
        cursor.execute("UPDATE demo.clock SET morning = %s, made_of = %s", [opens, _fingerprint()])


def _fingerprint() -> str:
    digest = hashlib.sha256(day.tuesday(datetime.now(UTC)).isoformat().encode())
    for file in sorted(file for folder in MADE_OF for file in folder.iterdir() if file.is_file()):
        digest.update(file.read_bytes())
    digest.update(repr(sorted(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)).encode())
    return digest.hexdigest()
