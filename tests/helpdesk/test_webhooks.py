"""Webhooks: what other systems are told, signed, and that an address leads nowhere it should not."""

import hmac
import json
import socket
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from time import monotonic, sleep

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, sweep
from helpdesk import letters, undelivered
from helpdesk.models import HookDelivery, Webhook
from helpdesk.notifications import inbox
from helpdesk.webhooks import hooks, sending, transport
from tests.api.conftest import Api
from tests.builders import minutes, open_ticket
from tests.builders import visit as stay
from tickets.models import ApiToken, HouseChange, Ticket, User
from tickets.refusals import Conflict, Invalid, NotAllowed

URL = "https://erp.example.com/hooks?a=1"


@pytest.fixture
def calls(monkeypatch):
    """What would have been called, as (url, headers, body); `calls.fails` says with which words it fails."""

    class Calls(list):
        fails = ""

    made = Calls()

    def post(url, body, headers):
        made.append((url, headers, json.loads(body)))
        if made.fails:
            raise transport.CallFailed(made.fails)
        return 204

    monkeypatch.setattr(transport, "post", post)
    return made


@pytest.fixture
def hook(people) -> Webhook:
    return hooks.make(actor=people.admin, name="ERP", url=URL, events=["moved", "message_received"])


def test_each_chosen_event_is_told_once_without_a_word_that_anybody_wrote(people, hook, calls):
    ticket = open_ticket(now=None)
    sweep.sweep(as_of=stay(ticket).due_at + minutes(1))
    conversation.customer_message(ticket.pk, body="Where is my ring?")
    conversation.note(ticket.pk, actor=people.agent, body="Not told of")
    assert (sending.relay(), sending.relay()) == (2, 0)
    assert {body["type"] for _url, _headers, body in calls} == {"ticket.moved", "ticket.message_received"}
    moved = next(body for _url, _headers, body in calls if body["type"] == "ticket.moved")
    assert (moved["floor_from"], moved["floor_to"], moved["ticket"], moved["actor"]) == (1, 2, ticket.pk, "clock")
    assert "ring" not in json.dumps([body for _url, _headers, body in calls])
    assert HookDelivery.objects.filter(answer="HTTP 204").count() == 2


def test_calls_are_signed_as_standard_webhooks_says_and_with_both_secrets_for_a_day(people, hook, calls):
    hooks.try_out(hook.pk, actor=people.admin)
    former = hooks.secret_of(hook)
    made = hooks.new_secret(hook.pk, actor=people.admin, now=timezone.now())
    sending.relay()
    _url, headers, body = calls[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + json.dumps(body).encode()
    for secret in (former, made):
        key = b64decode(secret.removeprefix("whsec_"))
        assert "v1," + b64encode(hmac.digest(key, signed, sha256)).decode() in headers["webhook-signature"].split()
    owed = HookDelivery.objects.get()
    later = sending.headers(owed, b"{}", timezone.now() + timedelta(days=2))
    assert len(later["webhook-signature"].split()) == 1 and later["webhook-id"] == headers["webhook-id"]


def test_what_is_out_of_its_keepers_sight_is_not_told(people, hook, calls):
    ticket = open_ticket(now=None)
    conversation.customer_message(ticket.pk, body="Hello?")
    sending._read_trail(hook.pk)
    for _floor in (2, 3):
        sweep.sweep(as_of=stay(ticket).due_at + minutes(1))
    sending.relay()
    assert not [body for _url, _headers, body in calls if body["type"] == "ticket.message_received"]
    assert HookDelivery.objects.filter(withdrawn__contains="out of its reader").exists()


def test_a_failing_side_is_tried_again_and_left_alone_meanwhile(people, hook, calls):
    other = hooks.make(actor=people.admin, name="Other", url="https://other.example.com/")
    for _time in range(3):
        hooks.try_out(hook.pk, actor=people.admin)
    hooks.try_out(other.pk, actor=people.admin)
    calls.fails = "HTTP 500 <b>broken</b>"
    assert sending.relay() == 0
    assert [url for url, _headers, _body in calls].count(URL) == 1, "one failure is enough for a turn"
    failed = HookDelivery.objects.get(webhook=hook, attempts=1)
    assert "HTTP 500" in failed.last_error
    calls.fails = ""
    HookDelivery.objects.update(next_attempt_at=timezone.now())
    assert sending.relay() == 4


def test_what_is_withdrawn_or_more_than_one_turn_takes_keeps_nothing_waiting(people, hook, calls, monkeypatch):
    ticket = open_ticket(now=None)
    conversation.customer_message(ticket.pk, body="Hello?")
    sending._read_trail(hook.pk)
    monkeypatch.setattr(sending, "visible_to", lambda _keeper: Ticket.objects.none())
    for _time in range(4):
        hooks.try_out(hook.pk, actor=people.admin)
    assert sending.relay(limit=3) == 2, "the first was withdrawn"
    monkeypatch.setattr(sending, "TURN", 0)
    assert [sending.relay() for _time in range(3)] == [1, 1, 0]


def test_one_that_is_switched_off_hears_nothing_and_nothing_afterwards_of_that_time(people, hook, calls):
    hooks.change(hook.pk, actor=people.admin, is_on=False)
    ticket = open_ticket(now=None)
    conversation.customer_message(ticket.pk, body="Hello?")
    sending.relay()
    hooks.change(hook.pk, actor=people.admin, is_on=True)
    sending.relay()
    assert not calls


def test_whoever_changes_the_address_keeps_it_and_everything_is_on_record(people, hook):
    second = User.objects.create_user("second@example.com")
    second.groups.add(*people.admin.groups.all())
    hooks.change(hook.pk, actor=second, name="ERP 2")
    assert Webhook.objects.get().keeper == people.admin
    hooks.change(hook.pk, actor=second, url="https://elsewhere.example.com/")
    assert Webhook.objects.get().keeper == second
    record = HouseChange.objects.filter(about__startswith="webhook").order_by("pk")
    assert [change.action for change in record] == ["made", "changed", "changed"]
    with pytest.raises(NotAllowed):
        hooks.make(actor=people.legal, name="Mine", url=URL)
    with pytest.raises(Conflict):
        hooks.make(actor=people.admin, name="ERP 2", url=URL)


@pytest.mark.parametrize(
    "url",
    [
        "http://erp.example.com/", "ftp://erp.example.com/", "https://", "https://a:b@erp.example.com/", "//x", "erp",
        "https://erp.example.com:0/", "https://erp.example.com:99999/", "https://x/\\y", "https://x/ y",
        "https://x/\r\nHost: y", "https://erp.example.com/#x", "https://[::1", "javascript:alert(1)",
        "https://x/" + "a" * 600,
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_in_words(people, url):
    with pytest.raises(Invalid):
        hooks.make(actor=people.admin, name="ERP", url=url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::", "::",
    ],
)  # fmt: skip
def test_no_call_leads_into_a_private_network(monkeypatch, address):
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", (address, 443))]
    monkeypatch.setattr(transport.socket, "getaddrinfo", lambda *_args, **_more: found)
    monkeypatch.setattr(transport.socket, "create_connection", lambda *_args, **_more: pytest.fail("it was called"))
    with pytest.raises(transport.CallFailed, match="private network"):
        transport.post("https://erp.example.com/", b"{}", {})


def test_a_host_of_the_house_may_be_called_when_the_settings_name_it(settings, listener):
    settings.WEBHOOK_HOSTS = [f"127.0.0.1:{listener.port}"]
    address = f"http://127.0.0.1:{listener.port}/in"
    assert transport.post(transport.checked(address), b'{"type": "trial"}', {"webhook-id": "call_1"}) == 204
    assert listener.heard == [("/in", b'{"type": "trial"}', "call_1")]
    with pytest.raises(transport.CallFailed, match="HTTP 302"):
        transport.post(address + "/elsewhere", b"{}", {})


def test_administrators_hear_of_calls_that_were_given_up_and_see_whose_keeper_left(people, hook, client):
    call = hooks.try_out(hook.pk, actor=people.admin)
    now = timezone.now()
    assert not undelivered.tell(now)
    HookDelivery.objects.filter(pk=call.pk).update(parked_at=now)
    assert undelivered.tell(now)
    letters.relay()
    told = inbox.listed(people.admin).get(topic="webhook_given_up")
    assert told.recipient == people.admin and not inbox.listed(people.supervisor).exists()
    second = User.objects.create_user("second@example.com")
    second.groups.add(*people.admin.groups.all())
    User.objects.filter(pk=people.admin.pk).update(is_active=False)
    client.force_login(second)
    assertContains(client.get("/desk/house/webhooks/"), "nothing is told")


def test_a_side_that_answers_a_byte_at_a_time_is_cut_off(settings, monkeypatch):
    monkeypatch.setattr(transport, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:
        port = server.getsockname()[1]
        settings.WEBHOOK_HOSTS = [f"127.0.0.1:{port}"]

        def dribble() -> None:
            line, _address = server.accept()
            with line, suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Wait: a while longer\r\n" * 5:
                    line.send(bytes([byte]))
                    sleep(0.05)

        threads.submit(dribble)
        began = monotonic()
        with suppress(transport.CallFailed):
            transport.post(f"http://127.0.0.1:{port}/", b"{}", {})
        assert monotonic() - began < 1.5


@pytest.fixture
def listener():
    """A server on this machine that takes calls."""
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.heard.append((self.path, body, self.headers["webhook-id"]))
            self.send_response(302 if "elsewhere" in self.path else 204)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.port, server.heard = server.server_address[1], []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_the_pages_make_one_show_its_calls_and_send_again(people, client, calls):
    people.admin.set_password("a long enough passphrase")
    people.admin.save()
    client.force_login(people.admin)
    assertContains(
        client.post("/desk/house/webhooks/new/", {"name": "X", "url": "nonsense"}), "https://", status_code=400
    )
    made = client.post("/desk/house/webhooks/new/", {"name": "ERP", "url": URL, "events": ["moved"], "is_on": "on"})
    hook = Webhook.objects.get()
    assert made.url == f"/desk/house/webhooks/{hook.pk}/"
    do = f"{made.url}do/"
    assert client.post(do, {"do": "try"}).status_code == 302
    calls.fails = "HTTP 500 no"
    sending.relay()
    assertContains(client.get(made.url), "1 try failed")
    HookDelivery.objects.update(parked_at=timezone.now())
    assertContains(client.get("/desk/house/webhooks/"), "1 given up")
    assertContains(client.get("/desk/house/health/"), "1 call of a webhook was given up")
    assert client.post(do, {"do": f"again:{HookDelivery.objects.get().pk}"}).status_code == 302
    calls.fails = ""
    assert sending.relay() == 1
    assertContains(client.get(made.url), "HTTP 204")
    assert client.post(do, {"do": "secret"}).status_code == 302, "the password is asked for first"
    assertNotContains(client.get(made.url), "whsec_")
    client.post(do, {"do": "delete", "typed": "no"})
    assert Webhook.objects.exists()
    client.post(do, {"do": "delete", "typed": "ERP"})
    assert not Webhook.objects.exists()


def test_one_that_is_made_switched_off_was_never_on(people, client):
    client.force_login(people.admin)
    client.post("/desk/house/webhooks/new/", {"name": "ERP", "url": URL})
    assert not Webhook.objects.get().is_on
    assert HouseChange.objects.filter(about="webhook ERP").count() == 1


@pytest.mark.parametrize("path", ["", "new/", "1/"])
def test_nobody_else_sees_them(people, client, path):
    for person in (people.agent, people.supervisor, people.legal, people.manager, people.policy):
        client.force_login(person)
        assert client.get(f"/desk/house/webhooks/{path}").status_code == 403
        assert Api(person).get("webhooks/").status_code == 403
        assert Api(person).post("webhooks/", {"name": "x", "url": URL}).status_code == 403


def test_rest_makes_changes_and_tries_them(people, calls):
    api = Api(people.admin)
    made = api.post("webhooks/", {"name": "ERP", "url": URL, "events": ["moved"]})
    assert made.status_code == 201 and made.data["secret"].startswith("whsec_")
    here = f"webhooks/{made.data['id']}/"
    assert "secret" not in api.get(here).data
    assert api.patch(here, {"url": "http://127.0.0.1/"}).status_code == 400
    assert api.patch(here, {"events": []}).data["events"] == []
    assert api.post(here + "secret/").data["secret"] != made.data["secret"]
    unproven = Api(people.admin, token=ApiToken.issue(people.admin, name="reads")[1])
    assert unproven.post(here + "secret/").data["code"] == "step_up"
    call = api.post(here + "trial/")
    assert (call.status_code, call.data["event"]) == (201, None)
    sending.relay()
    listed = api.get(here + "deliveries/").data["results"]
    assert [row["answer"] for row in listed] == ["HTTP 204"]
    assert api.post(f"{here}deliveries/{call.data['id']}/again/").status_code == 200
    assert api.post(f"{here}deliveries/999/again/").status_code == 404
    assert api.get("webhooks/999/").status_code == 404
    assert sending.relay() == 1
