"""What every answer carries, what errors look like, and what the logs keep."""

import json
import logging

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from helpdesk import errors
from helpdesk.logs import JsonFormatter, PlainFormatter, RequestIdFilter
from helpdesk.middleware import NoStoreMiddleware
from tickets.models import User
from tickets.refusals import Conflict


@pytest.fixture
def marta(people) -> User:
    return people.agent


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
    answer = NoStoreMiddleware(lambda request: HttpResponse(headers={"Cache-Control": "max-age=60"}))(
        RequestFactory().get("/")
    )
    assert answer["Cache-Control"] == "max-age=60"


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

    monkeypatch.setattr("helpdesk.portal.submit.responses.promised", lambda *args: refuse(None))
    answer = client.get("/help/")
    assert answer.status_code == 409
    assert "It is &lt;on hold&gt;." in answer.content.decode()


def test_errors_under_the_api_are_problem_documents(client, db):
    answer = errors.server_error(RequestFactory().get("/api/v1/tickets/"))
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 500


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
    marta.set_password("a long enough passphrase")
    marta.save()
    signed_in = client.post(reverse("account_login"), {"login": marta.email, "password": "a long enough passphrase"})
    assert signed_in.status_code == 302
    assert client.get("/help/").status_code == 200
