"""A real Chromium against a real server. Any console error or policy violation on any page fails the test."""

import os
import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tickets.models import User

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Playwright's synchronous interface runs an event loop in this thread; the tests' own queries stay synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not os.path.exists(CHROMIUM):
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and browser tests must run here. Install it: apt install chromium")
        pytest.skip("Chromium is not installed, so nothing was tried in a browser: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page: `open_browser(user=None, width=1440, scripts=True, scheme="light")`.

    Relative addresses lead to the live server. What the browser complains about fails the test at its end; a test that
    provokes an answer with an error status lists it in `page.expected`.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        user: User | None = None,
        *,
        width: int = 1440,
        height: int = 900,
        scripts: bool = True,
        scheme: str = "light",
        proven: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme=scheme,
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if user:
            _sign_in(context, user, live_server.url, proven)
        page = context.new_page()
        page.expected = []
        page.on("console", lambda message: _judge(message, page, complaints))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    yield open_page
    found = list(complaints)
    for context in contexts:
        # What a page still sends while it is closed must not reach a database that is being emptied.
        context.set_offline(True)
        context.close()
    assert not found, found


CUT_OFF = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says of a request that was still under way when its page was left; a failed one says sendError, too."""


def _judge(message, page: Page, complaints: list[str]) -> None:
    if message.type == "error" and not any(words in message.text for words in (*page.expected, *CUT_OFF)):
        complaints.append(f"{page.url}: {message.text}")


def _sign_in(context: BrowserContext, user: User, url: str, proven: bool) -> None:
    """Give the browser a session of USER, as the sign-in page would; PROVEN as if it were just now."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if proven:
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": url}])


def assert_accessible(page: Page) -> None:
    """Fail on any finding of axe-core, and on sideways scroll, which axe does not see (WCAG 1.4.10)."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    named = [(rule["id"], [node["target"] for node in rule["nodes"]][:5]) for rule in found]
    assert not named, f"{page.url}: {named}"
    assert_fits(page)


def assert_fits(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1], f"{page.url} scrolls sideways: {width[0]} in {width[1]} px"
