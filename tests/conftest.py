"""What all tests share."""

import pytest
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations

from tests import builders

_sql_flush = DatabaseOperations.sql_flush


def _flush_audit_too(self, style, tables, **options) -> list[str]:
    """Empty the tables after a test that commits; the audit trail's own guard stands aside for that moment only."""
    statements = _sql_flush(self, style, tables, **options)
    if not statements:
        return statements
    switch = "ALTER TABLE escalation_auditevent {} TRIGGER auditevent_append_only;"
    return [switch.format("DISABLE"), *statements, switch.format("ENABLE")]


DatabaseOperations.sql_flush = _flush_audit_too


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
    return builders.cast()


@pytest.fixture(autouse=True)
def no_leftovers():
    """Throttles and counters of one test must not slow the next."""
    cache.clear()
