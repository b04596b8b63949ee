"""What every page has: sign-in, safety headers, numbers of requests, error pages, theme, navigation, shared tags."""

import json
import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from helpdesk import errors
from helpdesk.desk.counts import nav_counts
from helpdesk.logs import JsonFormatter, PlainFormatter, RequestIdFilter
from helpdesk.middleware import NoStoreMiddleware
from helpdesk.templatetags import ux
from helpdesk.texts import MARKDOWN_LIMIT
from tests.builders import on_floor, open_ticket
from tickets.models import User
from tickets.refusals import Conflict

PASSWORD = "a long enough passphrase"


@pytest.fixture
def marta(people) -> User:
    people.agent.set_password(PASSWORD)
    people.agent.save()
    return people.agent


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password} | extra)


# --- Sign-in


def test_staff_sign_in_by_address_in_any_case_and_go_to_the_page_they_wanted(marta, client):
    answer = sign_in(client, marta.email.upper(), next="/desk/approvals/")
    assert (answer.status_code, answer.url) == (302, "/desk/approvals/")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(marta, client, target):
    assert "evil" not in sign_in(client, marta.email, next=target).url


def test_wrong_password_and_unknown_address_get_the_same_sentence(marta, client):
    wrong = sign_in(client, marta.email, "not this passphrase").context["form"].errors
    cache.clear()
    unknown = sign_in(client, "nobody@example.com", "not this passphrase").context["form"].errors
    assert wrong == unknown


def test_guessing_passwords_is_slowed_down(marta, client):
    for _ in range(12):
        sign_in(client, marta.email, "not this passphrase")
    answer = sign_in(client, marta.email)
    assert "_auth_user_id" not in client.session
    assert answer.status_code in (200, 429)


def test_account_that_is_switched_off_does_not_sign_in(marta, client):
    User.objects.filter(pk=marta.pk).update(is_active=False)
    sign_in(client, marta.email)
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "password/set/", "social/connections/"])
def test_nobody_signs_up_or_changes_addresses(client, db, path):
    assert client.get(f"/account/{path}").status_code in (302, 404)
    assert client.post(f"/account/{path}").status_code in (302, 404)
    assert User.objects.count() == 0


def test_password_reset_mails_only_people_who_have_an_account(marta, client, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "stranger@example.org"})
    assert not mailoutbox
    client.post(reverse("account_reset_password"), {"email": marta.email})
    assert [mail.to for mail in mailoutbox] == [[marta.email]]
    assert "/account/password/reset/key/" in mailoutbox[0].body


@pytest.mark.parametrize("path", ["/desk/", "/desk/preferences/", "/admin/", "/account/password/change/"])
def test_pages_of_staff_ask_strangers_to_sign_in(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.url.startswith(("/account/login/", "/admin/login/"))


def test_start_page_sends_staff_to_the_desk_and_customers_to_the_help_centre(marta, client):
    assert client.get("/").url == reverse("portal:submit")
    client.force_login(marta)
    assert client.get("/").url == reverse("desk:queue")


def test_raw_admin_refuses_staff_without_the_mark(marta, client):
    client.force_login(marta)
    assert client.get("/admin/", follow=True).status_code == 403


# --- Safety of answers


@pytest.mark.parametrize(
    "path", ["/", "/help/", "/account/login/", "/nothing-here", "/desk/", "/help/my/forged-token/"]
)
def test_every_answer_carries_the_strict_policy_and_stays_out_of_caches(client, people, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"]


def test_only_the_page_of_api_docs_may_use_inline_code(marta, client):
    client.force_login(marta)
    assert "unsafe-inline" in client.get("/api/docs/")["Content-Security-Policy"]


def test_number_of_a_request_is_kept_when_plain_and_replaced_when_not(client, people):
    assert client.get("/help/", headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"
    forged = client.get("/help/", headers={"X-Request-ID": "x<script>\r\nevil: 1"})["X-Request-ID"]
    assert "script" not in forged


def test_fragment_that_needs_sign_in_loads_the_whole_page_instead(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/?view=mine"}
    answer = client.get("/desk/", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/account/login/?next=%2Fdesk%2F%3Fview%3Dmine"
    assert not answer.content


def test_view_that_allows_caching_keeps_its_own_word():
    from django.http import HttpResponse

    answer = NoStoreMiddleware(lambda request: HttpResponse(headers={"Cache-Control": "max-age=60"}))(
        RequestFactory().get("/")
    )
    assert answer["Cache-Control"] == "max-age=60"


# --- Error pages


def test_not_found_page_helps_and_shows_the_number_to_quote(client, db):
    answer = client.get("/nothing-here", headers={"X-Request-ID": "quote-me-please"})
    assert answer.status_code == 404
    assert "quote-me-please" in answer.content.decode()


def test_error_page_needs_no_database(monkeypatch, client):
    # Without the db fixture every query is refused, which is what an outage looks like from here.
    request = RequestFactory().get("/desk/")
    request.id = "number-1"
    answer = errors.server_error(request)
    assert answer.status_code == 500
    assert "number-1" in answer.content.decode()


def test_error_page_without_its_template_is_still_a_sentence(monkeypatch):
    monkeypatch.setattr(errors, "render_to_string", lambda *args: 1 / 0)
    answer = errors.not_found(RequestFactory().get("/<b>"))
    assert answer.status_code == 404
    assert "Not found" in answer.content.decode()


def test_refusal_that_no_view_caught_becomes_its_own_page(monkeypatch, marta, client):
    def refuse(request):
        raise Conflict("It is <on hold>.", code="held")

    monkeypatch.setattr("helpdesk.portal.submit._channel", lambda: refuse(None))
    answer = client.get("/help/")
    assert answer.status_code == 409
    assert "It is &lt;on hold&gt;." in answer.content.decode()


def test_errors_under_the_api_are_problem_documents(client, db):
    answer = errors.server_error(RequestFactory().get("/api/v1/tickets/"))
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 500


# --- Preferences and navigation


def test_theme_and_shortcuts_are_stored_on_the_person_and_drawn_by_the_server(marta, client):
    client.force_login(marta)
    answer = client.post("/desk/preferences/", {"theme": "dark", "shortcuts": "off", "next": "/desk/?view=mine"})
    assert answer.url == "/desk/?view=mine"
    page = client.get("/desk/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-shortcuts="off"' in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_preferences_lead_nowhere_else(marta, client, target):
    client.force_login(marta)
    assert client.post("/desk/preferences/", {"theme": "pink", "next": target}).url == "/desk/"
    marta.refresh_from_db()
    assert marta.theme == "system"


def test_counts_hide_floor_3_from_those_who_may_not_know(people):
    now = timezone.now()
    open_ticket(now=now)
    on_floor(2, people, now=now)
    on_floor(3, people, now=now)
    assert nav_counts(people.agent)["open"] == 2
    assert nav_counts(people.legal)["open"] == 3
    assert nav_counts(people.stranger)["open"] == 0


def test_counts_tell_late_waiting_and_unassigned_apart(people):
    now = timezone.now()
    open_ticket(now=now)
    open_ticket(now=now - timedelta(minutes=11))
    open_ticket(now=now - timedelta(hours=1))
    counts = nav_counts(people.agent)
    assert (counts["open"], counts["risk"], counts["unassigned"], counts["mine"]) == (3, 2, 3, 0)


def test_times_are_shown_in_the_zone_of_the_reader(marta, client):
    User.objects.filter(pk=marta.pk).update(time_zone="America/New_York")
    client.force_login(marta)
    assert client.get("/desk/").status_code == 200
    User.objects.filter(pk=marta.pk).update(time_zone="Mars/Olympus")
    assert client.get("/desk/").status_code == 200


# --- Tags


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
    assert f'data-due="{(now + timedelta(seconds=left)).timestamp():.0f}"' in html


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
            from django.utils.formats import get_format

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
    from decimal import Decimal

    with translation.override("it"):
        assert ux.money(Decimal("1234.5"), "EUR") in ("1.234,50\u00a0EUR", "1234,50\u00a0EUR")
    assert ux.duration(timedelta(seconds=252)) == "4:12"
    assert ux.duration(timedelta(hours=1, minutes=4, seconds=12)) == "1:04:12"
    assert ux.plain_duration(timedelta(hours=24)) == "24 hours"
    assert ux.plain_duration(timedelta(minutes=5)) == "5 minutes"


# --- Logs and cache


def test_log_lines_cannot_be_forged():
    record = logging.LogRecord("x", logging.INFO, "", 0, "user %s", ("a\nERROR root fake\x1b[31m",), None)
    RequestIdFilter().filter(record)
    assert PlainFormatter().format(record).count("\n") == 0
    assert json.loads(JsonFormatter().format(record))["message"].startswith("user a")
    assert "\n" not in JsonFormatter().format(record)


def test_pages_work_while_redis_is_away(marta, client, settings):
    settings.CACHES = {
        "default": {"BACKEND": "helpdesk.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert cache.get("x", "nothing") == "nothing"
    assert cache.add("x", 1) and cache.incr("x") == 1
    assert cache.get_many(["x"]) == {} and cache.set_many({"x": 1}) == ["x"]
    assert not cache.touch("x") and not cache.delete("x") and "x" not in cache
    assert sign_in(client, marta.email).status_code == 302
    assert client.get("/help/").status_code == 200
