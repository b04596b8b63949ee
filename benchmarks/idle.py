"""What an open tab costs while nobody does anything: requests, queries, bytes and processor time a minute."""

import re
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client

from benchmarks import web
from benchmarks.measure import Figure
from benchmarks.processes import running
from tickets.models import User

TIMES = 200
ASKS = {"seen and touched": 60 / 5, "seen, untouched for two minutes": 60 / 15}
"""Questions a minute of a tab that is on the screen (ux.js); one that is hidden asks nothing."""

# What a browser sends besides its cookie.
HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
    "HX-Current-URL": "http://127.0.0.1/desk/",
    "HX-Request": "true",
    "Referer": "http://127.0.0.1/desk/",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
}


def idle(numbers: list[int]) -> list[Figure]:
    """Measure the tabs that ask: the queue and a ticket. All other pages ask nothing by themselves."""
    client = Client(headers={"HX-Request": "true"}, HTTP_HOST="localhost")
    client.force_login(User.objects.get(email="agent@example.com"))
    figures = [Figure("any other page, or any hidden tab", "0 requests a minute")]
    for name, page in (("the queue", "/desk/"), ("a ticket", f"/desk/tickets/{numbers[4]}/")):
        path = _question(client.get(page).content.decode())
        queries, spent = _asked(lambda path=path: client.get(path))
        sent, received = _bytes(path)
        for state, times in ASKS.items():
            value = f"{times:.0f} requests, {times * queries:.0f} queries, {times * spent:.0f} ms of processor time"
            note = f"{times * sent / 1024:.1f} KB in, {times * received / 1024:.1f} KB out"
            figures.append(Figure(f"{name}, {state}, a minute", value, note=note))
    return figures


def _question(page: str) -> str:
    """Return the address that a page asks for news at; with nothing new it is answered by 204."""
    address = re.search(r'hx-get="([^"]*)" hx-trigger="desk:refresh', page)[1].replace("&amp;", "&")
    return address if address.startswith("/") else f"/desk/{address}"


def _asked(ask: Callable) -> tuple[float, float]:
    """Return how many queries one question takes, and how much processor time in this process, in ms."""
    queries = 0

    def count(execute, *statement):
        nonlocal queries
        queries += 1
        return execute(*statement)

    assert ask().status_code == 204
    begun = time.process_time()
    with connection.execute_wrapper(count):
        for _ in range(TIMES):
            ask()
    return queries / TIMES, (time.process_time() - begun) * 1000 / TIMES


def _bytes(path: str) -> tuple[int, int]:
    """Return the bytes of one question and of its answer over HTTP."""
    port = web.free_port()
    headers = HEADERS | web.session()
    sent = len(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") + sum(
        len(f"{k}: {v}\r\n") for k, v in headers.items()
    )
    with running([part.format(app="helpdesk.wsgi", port=port) for part in web.SERVER]):
        client = web.connect(port)
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        head = sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
        return sent, len("HTTP/1.1 204 No Content\r\n\r\n") + head + len(answer.read())
