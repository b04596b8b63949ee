"""Pages and the API over real HTTP: one gunicorn with the product, one with bare Django, asked in turns."""

import http.client
import itertools
import json
import re
import socket
import statistics
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from benchmarks.measure import Figure, alternately, milliseconds, spread
from benchmarks.processes import running
from escalation import audit, intake
from escalation.models.escalation import GENESIS
from tickets.models import ApiToken, Channel, User

TIMES = 200
SERVER = "-m gunicorn {app} -b 127.0.0.1:{port} --worker-class gthread --workers 1 --threads 4 --keep-alive 30".split()


def pages(numbers: list[int]) -> list[Figure]:
    """Time the queue, its poll and a ticket's page beside bare views of the same rows."""
    ours, bare = free_port(), free_port()
    servers = [
        [part.format(app="helpdesk.wsgi", port=ours) for part in SERVER],
        [part.format(app="benchmarks.bare", port=bare) for part in SERVER],
    ]
    cookie, bare_cookie = session(), session(backend="django.contrib.auth.backends.ModelBackend")
    with running(servers[0]), running(servers[1], env={"DJANGO_SETTINGS_MODULE": "benchmarks.bare_settings"}):
        product, plain = connect(ours), connect(bare)
        page = _get(product, "/desk/", cookie)()
        figures = [
            _beside(
                "queue page, 50 rows",
                _get(product, "/desk/", cookie),
                _get(plain, "/desk/", bare_cookie),
                aim="<= 1.5 x bare",
            ),
            *_poll(product, page, cookie),
            _beside(
                "ticket page",
                _get(product, f"/desk/tickets/{numbers[4]}/", cookie),
                _get(plain, f"/desk/tickets/{numbers[4]}/", bare_cookie),
            ),
        ]
    return figures


def create(refer: dict) -> list[Figure]:
    """Time creating a ticket: by the API over HTTP, by the verb alone, and by raw SQL for the same rows."""
    port = free_port()
    agent = User.objects.get(email="agent@example.com")
    _row, secret = ApiToken.issue(agent, name="benchmark")
    channel = Channel.objects.select_related("team").get(slug="web")
    count = itertools.count()
    with running([part.format(app="helpdesk.wsgi", port=port) for part in SERVER]):
        client = connect(port)
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

        def by_api() -> None:
            body = {
                "subject": "Where is my parcel",
                "body": "It should have come on Friday, and today is Monday. Can you find out where it is?",
                "channel": "web",
                "customer": {"email": f"api{next(count)}@example.org", "name": "Carla Conti"},
            }
            client.request("POST", "/api/v1/tickets/", body=json.dumps(body), headers=headers)
            _checked(client.getresponse(), 201)

        def by_sql() -> None:
            _insert(refer, f"raw{next(count)}@example.org")

        def by_verb() -> None:
            intake.open_ticket(
                subject="Where is my parcel",
                body="It should have come on Friday, and today is Monday. Can you find out where it is?",
                channel=channel,
                customer_email=f"verb{next(count)}@example.org",
                customer_name="Carla Conti",
                actor=agent,
            )

        ours, raw = alternately(by_api, by_sql, times=TIMES)
        verb = milliseconds(by_verb, times=TIMES)
    return [
        Figure("create by API", spread(ours), beside=f"raw SQL {spread(raw)}", aim="<= 6 ms"),
        Figure("create by the verb, without HTTP", spread(verb), note="intake.open_ticket in this process"),
    ]


def _insert(refer: dict, email: str) -> None:
    """Write the rows of a new ticket by hand: customer, ticket, message, stand, stay, event, letter."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_customer (email, name, language, created_at) VALUES (%s, 'Carla Conti', 'en', now())"
            " ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id",
            [email],
        )
        customer = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO tickets_ticket (subject, channel_id, customer_id, team_id, language, order_reference,"
            " order_currency, order_products, source, source_key, created_at, updated_at)"
            " VALUES ('Where is my parcel', %(channel)s, %(by)s, %(team)s, 'en', '', '', '[]', '', '', now(), now())"
            " RETURNING number, created_at",
            refer | {"by": customer},
        )
        number, now = cursor.fetchone()
        event = {
            "seq": 1,
            "at": now,
            "by": "system",
            "person_id": None,
            "customer_id": None,
            "action": "opened",
            "floor_from": None,
            "floor_to": 1,
            "reason": "",
            "data": {},
            "previous_hash": GENESIS,
        }
        values = refer | {"number": number, "hash": audit.seal(ticket=number, **event)}
        cursor.execute(
            "INSERT INTO tickets_message (ticket_id, visibility, body, created_at)"
            " VALUES (%(number)s, 'public', 'It should have come on Friday.', now());"
            "INSERT INTO escalation_escalation (ticket_id, state, version, head_hash)"
            " VALUES (%(number)s, 'floor_1', 1, %(hash)s);"
            "INSERT INTO escalation_floorvisit"
            ' (escalation_id, floor, entered_at, due_at, "limit", policy_id, how, failures, last_error)'
            " VALUES (%(number)s, 1, now(), now() + interval '365 days', interval '15 minutes', %(policy)s, 'arrival',"
            " 0, '');"
            "INSERT INTO escalation_auditevent (ticket_id, seq, at, by, action, floor_to, reason, data, previous_hash,"
            " hash) VALUES (%(number)s, 1, now(), 'system', 'opened', 1, '', '{}', %(genesis)s, %(hash)s);"
            "INSERT INTO escalation_outboxmessage"
            " (ticket_id, topic, key, payload, created_at, next_attempt_at, attempts, last_error)"
            " VALUES (%(number)s, 'received', 'received:' || %(number)s, '{}', now(), now(), 0, '')",
            values,
        )


def _beside(what: str, ours: Callable[[], bytes], bare: Callable[[], bytes], *, aim: str = "") -> Figure:
    taken, theirs = alternately(ours, bare, times=TIMES)
    ratio = statistics.median(taken) / statistics.median(theirs)
    note = f"{len(ours()) / 1024:.0f} KB; bare {len(bare()) / 1024:.0f} KB"
    return Figure(what, spread(taken), beside=f"bare Django {spread(theirs)}, x {ratio:.1f}", aim=aim, note=note)


def _poll(product: http.client.HTTPConnection, page: bytes, cookie: dict) -> list[Figure]:
    """Time the question that every open queue asks every few seconds, answered by 204."""
    found = re.search(rb'hx-get="([^"]*stamp=[^"]*)"', page)
    if not found:
        return []
    address = found[1].decode().replace("&amp;", "&")
    path = address if address.startswith("/") else f"/desk/{address}"
    ask = _get(product, path, cookie | {"HX-Request": "true"}, expect=204)
    return [Figure("queue poll, nothing new", spread(milliseconds(ask, times=TIMES)), note="204")]


def _get(client: http.client.HTTPConnection, path: str, headers: dict, expect: int = 200) -> Callable[[], bytes]:
    def ask() -> bytes:
        client.request("GET", path, headers=headers)
        return _checked(client.getresponse(), expect)

    return ask


def _checked(response: http.client.HTTPResponse, expect: int) -> bytes:
    body = response.read()
    if response.status != expect:
        raise RuntimeError(f"answered {response.status}, not {expect}: {body[:500]!r}")
    return body


def session(backend: str | None = None) -> dict:
    """Sign the demo's agent in and return the header that says so."""
    client = Client()
    client.force_login(User.objects.get(email="agent@example.com"), backend=backend)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def connect(port: int) -> http.client.HTTPConnection:
    """Connect as soon as the server answers."""
    for _ in range(150):
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            client.connect()
            return client
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
