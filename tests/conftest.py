"""What all tests share."""

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from tests import snapshot

_sql_flush = DatabaseOperations.sql_flush
_GUARDED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgtype & 32 <> 0  -- 32: fires on TRUNCATE
"""


def _flush_guarded_tables_too(self, style, tables, **options) -> list[str]:
    """Empty the tables after a test that commits; the guards of what never changes stand aside for that moment only."""
    statements = _sql_flush(self, style, tables, **options)
    if not statements:
        return statements
    with self.connection.cursor() as cursor:
        cursor.execute(_GUARDED)
        guarded = [table for (table,) in cursor.fetchall()]
    switch = "ALTER TABLE {} {} TRIGGER USER;"
    return [
        *(switch.format(table, "DISABLE") for table in guarded),
        *statements,
        *(switch.format(table, "ENABLE") for table in guarded),
    ]


DatabaseOperations.sql_flush = _flush_guarded_tables_too


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """Serve static files under their own names: tests do not run collectstatic."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def people(db):
    """Everybody who plays a part, with the starter policies in force."""
    return snapshot.people()


@pytest.fixture(autouse=True)
def no_leftovers():
    """Throttles, counters and the language of one test must not reach the next."""
    cache.clear()
    translation.deactivate()


@pytest.fixture(autouse=True)
def _one_transaction_may_take_its_time(request, monkeypatch):
    """The sweep has the server end a transaction that stands still: a test that is one would be ended with it."""
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    if not commits:
        monkeypatch.setattr("escalation.sweep._guard_session", lambda: None)
