"""Which addresses answer strangers: a short list, checked against every route there is."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLResolver, get_resolver

OPEN = {
    "help/",
    "help/articles/",
    "help/privacy/",
    "help/response-times/",
    "help/rights/",
    "help/sign-in/",
    "help/sign-in/sent/",
    "account/login/",
    "account/password/reset/",
    "account/password/reset/done/",
    "account/password/reset/key/done/",
    "account/password/reset/key/1-1/",  # says that the link no longer works
    "account/inactive/",
    "livez",
    "readyz",
}
"""Everything else sends strangers to sign in, or does not exist for them."""

OPEN_BY_POST = {"help/articles/suggest/"}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Yield an address for every route, with something in each placeholder."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            route = re.sub(r"\(\?P<\w+>[^()]*\)", "1", route)
            route = re.sub(r"<token:\w+>", "12345.abcde.fghij", route)
            route = re.sub(r"<[^>]+>", "1", route)
            yield re.sub(r"[\^$\\?]|\.\*", "", route)


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_strangers_get_nothing_but_the_public_pages(people, client, method):
    found = sorted(set(routes()))
    assert len(found) > 60
    answered = set()
    for path in found:
        answer = getattr(client, method)(f"/{path}", {} if method in ("get", "post") else None)
        assert answer.status_code < 500 or path == "readyz", path
        if answer.status_code not in (301, 302, 400, 401, 403, 404, 405, 415):
            answered.add(path)
    # A form that is sent empty is shown again; that too is an answer of a public page.
    assert answered <= OPEN | OPEN_BY_POST
    if method == "get":
        assert answered == OPEN
