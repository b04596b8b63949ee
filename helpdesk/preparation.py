"""Brings a database up to date before the programs start: tables, rights of the running app, starter policies."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

GRANTS = Path(__file__).with_name("grants.sql")


def prepare(*, demo: bool = False) -> None:
    """Migrate, grant and load what is missing, as the owner of the tables; DEMO also fills an empty database.

    Where the demo day is played, its morning is made instead, or begun again when it is there already.

    The owner's address is MIGRATIONS_DATABASE_URL; without it the app's own role owns the tables and needs no grants.
    Running it again changes nothing; while nobody administers the house, it prints where the first one is made.
    """
    app_url = _address("DATABASE_URL")
    owner_url = _address("MIGRATIONS_DATABASE_URL") or app_url
    if owner_url:
        os.environ["DATABASE_URL"] = owner_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        # The limits that keep a web request short would cut a long migration; waiting for a lock stays bounded.
        cursor.execute(
            "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10s'"
        )
    app_role = unquote(urlsplit(app_url).username or "")
    if settings.DEMO_DAY:
        from helpdesk.demo import morning

        morning.prepare(app_role)
        return
    call_command("migrate", interactive=False, verbosity=0)
    if app_role and app_role != connection.settings_dict["USER"]:
        grant(connection, app_role)
    call_command("starter")
    if demo:
        call_command("demo", if_empty=True)
    from helpdesk import first_run

    if page := first_run.address():
        print(f"Nobody administers this helpdesk yet. Make the first administrator here:\n  {page}")


def grant(connection, app_role: str) -> None:
    """Give APP_ROLE its rights on the tables that exist now (grants.sql)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('helpdesk.app_role', %s, false)", [app_role])
        cursor.execute(GRANTS.read_text())


def _address(name: str) -> str:
    path = os.environ.get(f"{name}_FILE", "")
    return Path(path).read_text().strip() if path else os.environ.get(name, "")
