"""Tags that pages share: countdown, times, money, Markdown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.formats import get_format

from helpdesk.templatetags import ux
from helpdesk.texts import MARKDOWN_LIMIT


def drawn(text: str, **context) -> str:
    return Template("{% load ux %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("left", "state"),
    [(900, "is-ok"), (301, "is-ok"), (299, "is-warn"), (1, "is-warn"), (0, "is-late"), (-5, "is-late")],
)
def test_countdown_warns_in_the_last_third_of_its_own_window(left, state):
    now = timezone.now()
    html = drawn("{% countdown due 900 %}", due=now + timedelta(seconds=left), now=now)
    assert state in html
    assert 'role="timer"' in html
    assert f'datetime="{(now + timedelta(seconds=left)).isoformat(timespec="seconds")}"' in html


def test_countdown_says_a_time_of_day_without_scripts():
    now = timezone.now().replace(hour=10, minute=0)
    with timezone.override("UTC"), translation.override("en-gb"):
        assert "due 10:15" in drawn("{% countdown due 900 %}", due=now + timedelta(minutes=15), now=now)
        assert "late since 09:45" in drawn("{% countdown due 900 %}", due=now - timedelta(minutes=15), now=now)
        paused = drawn('{% countdown None 900 state="paused" words="paused, waiting for customer" %}')
        assert "paused, waiting for customer" in paused
        assert "is-held" in paused


def test_hours_have_24_and_weeks_begin_on_monday():
    moment = timezone.now().replace(hour=14, minute=5)
    for language in ("en-gb", "it", "pt"):
        with translation.override(language), timezone.override("UTC"):
            assert "14:05" in drawn("{{ at|time }}", at=moment)
            assert get_format("FIRST_DAY_OF_WEEK") == 1


def test_markdown_shows_html_as_text_and_loads_nothing():
    html = ux.markdown("**bold** <img src=x onerror=alert(1)> ![x](http://evil/a.png) [x](javascript:alert(1)) # no")
    assert "<strong>bold</strong>" in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'rel="noopener noreferrer nofollow"' in ux.markdown("http://example.org")


def test_huge_or_deep_texts_are_shown_quickly():
    assert "<script>" not in ux.markdown("<script>" + "x" * MARKDOWN_LIMIT)
    assert ux.markdown("> " * 9000)
    assert ux.markdown("*a " * 6000)


def test_money_and_lengths_of_time_read_as_people_write_them():
    with translation.override("it"):
        assert ux.money(Decimal("1234.5"), "EUR") in ("1.234,50\u00a0EUR", "1234,50\u00a0EUR")
    assert ux.duration(timedelta(seconds=252)) == "4:12"
    assert ux.duration(timedelta(hours=1, minutes=4, seconds=12)) == "1:04:12"
    assert ux.plain_duration(timedelta(hours=24)) == "24 hours"
    assert ux.plain_duration(timedelta(minutes=5)) == "5 minutes"
