"""Where no demo was asked for, nothing of it is there: no bar, no address, no clock, no query more."""

import importlib

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from helpdesk.demo import clock, morning
from helpdesk.demo import urls as demo_urls


def test_nothing_of_the_demo_is_in_the_settings():
    assert settings.DEMO_DAY is False
    used = [*settings.MIDDLEWARE, *settings.TEMPLATES[0]["OPTIONS"]["context_processors"], settings.ROOT_URLCONF]
    assert not [name for name in used if "demo" in name]
    assert "search_path" not in settings.DATABASES["default"]["OPTIONS"]["options"]


@pytest.mark.parametrize("pattern", demo_urls.demo, ids=lambda pattern: pattern.name)
def test_addresses_of_the_demo_are_not_found(people, client, pattern):
    client.force_login(people.admin)
    assert client.get(f"/demo/{pattern.pattern}").status_code == 404
    assert client.post(f"/demo/{pattern.pattern}").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse(f"demo:{pattern.name}")


def test_pages_have_no_bar(people, client):
    client.force_login(people.agent)
    for page in ("/desk/", "/help/", "/account/login/"):
        text = client.get(page, follow=True).content.decode()
        assert "demo" not in text.lower()


def test_time_is_real(db):
    assert timezone.now.__module__ == "django.utils.timezone"
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp() = pg_catalog.statement_timestamp()")
        assert cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'demo%'")
        assert cursor.fetchone()[0] == 0


def test_program_of_the_day_refuses(db):
    with pytest.raises(CommandError, match="no demo"):
        call_command("play_day")


def test_database_with_anything_else_in_it_is_never_taken_for_a_demo(people, monkeypatch):
    monkeypatch.setattr(clock, "_stand", None)
    assert morning.is_fresh() is False
    with pytest.raises(ImproperlyConfigured, match="something else"):
        morning.prepare("")
    with pytest.raises(ImproperlyConfigured, match="not a demo"):
        clock.read()
    people.agent.refresh_from_db()


@pytest.mark.parametrize("word", ["yes", "Day", "2"])
def test_nonsense_is_refused_at_the_start(monkeypatch, word):
    monkeypatch.setenv("HELPDESK_DEMO", word)
    spec = importlib.util.find_spec("helpdesk.settings")
    with pytest.raises(Exception, match="HELPDESK_DEMO"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
