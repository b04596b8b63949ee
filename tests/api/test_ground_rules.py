"""What holds at every address: who calls, how bodies are read, how errors look, how often, which version."""

import base64
import json
from datetime import timedelta
from itertools import product

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.api.conftest import WHY, Api, new_ticket, opened
from tickets.models import ApiToken, User

pytestmark = pytest.mark.django_db


def is_problem(answer, status: int) -> bool:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.data) and answer.data["status"] == status
    return True


# --- who calls ---


def test_a_token_is_printed_once_and_only_its_hash_is_kept(house, capsys):
    call_command("create_token", "AGENT@example.com", "--name", "till 4")
    secret = capsys.readouterr().out.strip()
    row = ApiToken.objects.get(name="till 4")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_apitoken t WHERE t::text LIKE %s", [f"%{secret[12:]}%"])
        assert cursor.fetchone() == (0,)
    assert secret.startswith(row.prefix) and len(secret) >= 43
    me = Api(token=secret).get("me/")
    assert me.data["email"] == "agent@example.com" and me.data["token"]["name"] == "till 4"
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_a_token_needs_a_person_who_is_there(house):
    house.people["legal"].is_active = False
    house.people["legal"].save()
    for address in ("nobody@example.com", "legal@example.com"):
        with pytest.raises(CommandError):
            call_command("create_token", address)


@pytest.mark.parametrize("end", ["revoked", "expired", "switched off", "changed", "empty", "other scheme", "two words"])
def test_a_token_that_is_not_in_force_is_401(house, end):
    row = house.agent.user.api_tokens.get()
    header = f"Bearer {house.agent.token}"
    if end == "revoked":
        ApiToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    elif end == "expired":
        ApiToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "switched off":
        type(house.agent.user).objects.filter(pk=house.agent.user.pk).update(is_active=False)
    else:
        header = {
            "changed": header[:-1] + ("a" if header[-1] != "a" else "b"),
            "empty": "Bearer",
            "other scheme": header.replace("Bearer", "Basic"),
            "two words": header + " x",
        }[end]
    answer = house.agent.get("me/", Authorization=header)
    assert is_problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_administrator_withdraws_a_token(house):
    superuser = User.objects.create_superuser("root@example.com")
    browser = Client()
    browser.force_login(superuser)
    address = reverse("admin:tickets_apitoken_changelist")
    row = house.agent.user.api_tokens.get()
    assert house.agent.token not in browser.get(address).content.decode()
    browser.post(address, {"action": "withdraw", "_selected_action": [row.pk]})
    assert is_problem(house.agent.get("me/"), 401)


def test_every_address_wants_to_know_who_calls(house):
    number = opened(house.agent)
    for path in (
        "tickets/",
        f"tickets/{number}/",
        f"tickets/{number}/events/",
        "approvals/",
        "floors/",
        "me/",
        "teams/",
    ):
        assert is_problem(Api().get(path), 401)
    assert is_problem(Api().post("tickets/", new_ticket()), 401)


def test_a_browser_session_works_with_csrf_only(house, settings):
    browser = Api(enforce_csrf_checks=True)
    browser.client.force_login(house.people["agent"])
    assert browser.get("me/").data["email"] == "agent@example.com"
    assert browser.get("me/").data["token"] is None
    assert is_problem(browser.post("tickets/", new_ticket()), 403)
    browser.client.cookies[settings.CSRF_COOKIE_NAME] = "k" * 32
    assert browser.post("tickets/", new_ticket(), X_CSRFToken="k" * 32).status_code == 201


def test_a_person_without_a_role_sees_and_does_nothing(house):
    number = opened(house.agent)
    assert house.stranger.get("tickets/").data["results"] == []
    assert is_problem(house.stranger.get(f"tickets/{number}/"), 404)
    assert is_problem(house.stranger.post("tickets/", new_ticket()), 403)


def test_me_says_roles_and_rights(house):
    me = house.supervisor.get("me/").data
    assert me["roles"] == ["supervisor"] and me["teams"] == ["specialists"]
    assert me["may"]["work_on_floors"] == [1, 2] and "floor_3" in me["may"]["sign"]
    assert house.policy_owner.get("me/").data["may"]["change_floors"] is True


# --- bodies ---


MALFORMED = (
    b"",
    b"{",
    b"nonsense",
    b"[]",
    b'"text"',
    b"null",
    b'{"subject": NaN}',
    b'{"subject": Infinity}',
    b'{"subject": 1e999}',
    b'{"subject": "a", "subject": "b"}',
    b'{"subject": "a\\u0000b"}',
    b'{"a\\u0000b": 1}',
    b'{"subject": "\\ud800"}',
    b'{"subject": "\xff\xfe"}',
    b'\xef\xbb\xbf{"subject": "bom"}',
    b'{"subject": ' + b"9" * 5000 + b"}",
    b"[" * 40 + b"]" * 40,
    b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
)


def test_malformed_json_is_400(house):
    number = opened(house.agent)
    for raw in MALFORMED:
        for path in ("tickets/", f"tickets/{number}/escalate/"):
            assert is_problem(house.agent.call("POST", path, raw=raw), 400), raw[:40]


def test_nul_in_an_address_or_query_is_refused(house):
    assert is_problem(house.agent.get("tickets/?q=%00"), 400)
    assert is_problem(house.agent.get("tickets/?assignee=a%00b"), 400)
    assert house.agent.get("tickets/%00/").status_code == 404


def test_a_huge_body_is_413(house):
    body = json.dumps(new_ticket(body="x" * 6_000_000)).encode()
    assert is_problem(house.agent.call("POST", "tickets/", raw=body), 413)
    assert is_problem(house.agent.post("tickets/", new_ticket(body="x" * 100_001)), 400)


def test_other_media_types_are_415_and_406(house):
    assert is_problem(house.agent.call("POST", "tickets/", raw=b"a=b", content_type="text/plain"), 415)
    assert is_problem(house.agent.get("tickets/", Accept="text/html"), 406)


# --- addresses and methods ---


def test_there_is_a_problem_document_where_nothing_is(house):
    for path in ("nothing/", "tickets/12/nothing/", "tickets/abc/", "tickets/99999999999999999999/", "", "../v1/x"):
        assert is_problem(house.agent.get(path), 404)
    assert "slash" in house.agent.get("tickets").data["detail"]
    assert is_problem(house.agent.get("tickets/999999999999999999/"), 404)
    assert is_problem(Api().post("nothing/"), 404)


def test_wrong_methods_are_405_with_allow(house):
    number = opened(house.agent)
    for method, path in (
        ("DELETE", f"tickets/{number}/"),
        ("PUT", f"tickets/{number}/"),
        ("GET", f"tickets/{number}/escalate/"),
        ("DELETE", f"tickets/{number}/events/"),
        ("PATCH", f"tickets/{number}/events/"),
        ("POST", "floors/"),
        ("OPTIONS", "tickets/"),
    ):
        answer = house.agent.call(method, path)
        assert is_problem(answer, 405) and answer["Allow"]


# --- query parameters ---


NOT_READ = (
    "nonsense=1",
    "fields=password",
    "assignee__password=x",
    "_connector=OR",
    "floor=4",
    "floor=one",
    "floor=1&floor=2",
    "status=lost",
    "risk=rain",
    "held=perhaps",
    "created_after=yesterday",
    "created_after=2026-01-01T00:00:00",
    "due_before=0001-01-01T00:00:00%2B14:00",
    "team=%27%3Bselect%20pg_sleep(5)--",
    "page_size=0",
    "page_size=201",
    "page_size=many",
    "page_size=-1",
    "cursor=x",
    "cursor=eyJhIjoxfQ",
    "cursor=%00",
    "cursor=" + "W1tb" * 2000,
    "ordering=assignee__password",
    "ordering=subject",
    "ordering=-",
    "ordering=--number",
    "ordering=-id;--",
    "ordering=number,created_at",
    "ordering=",
)


def test_unknown_or_unorderable_query_parameters_are_400(house):
    for query in NOT_READ:
        answer = house.agent.get(f"tickets/?{query}")
        assert is_problem(answer, 400), query
        assert answer.data["errors"][0]["field"] == query.partition("=")[0]


def test_parameters_are_checked_at_every_address(house):
    number = opened(house.agent)
    for path in (f"tickets/{number}/", "me/", "floors/", f"tickets/{number}/visits/", "approvals/", "teams/"):
        assert is_problem(house.agent.get(f"{path}?nonsense=1"), 400)
    assert is_problem(house.agent.get(f"tickets/{number}/?page_size=5"), 400)
    assert is_problem(house.agent.get("channels/?ordering=name"), 400)
    assert is_problem(house.agent.post("tickets/?dry_run=1", new_ticket()), 400)


# --- versions ---


def test_an_old_version_is_412_and_changes_nothing(house):
    number = opened(house.agent)
    path = f"tickets/{number}/"
    old = house.agent.get(path)["ETag"]
    assert house.agent.patch(path, {"subject": "Second"}, If_Match=old).status_code == 200
    for method, sub, body in (
        ("PATCH", "", {"subject": "Third"}),
        ("PATCH", "", {"assignee": "agent@example.com"}),
        ("POST", "escalate/", {"justification": WHY}),
        ("POST", "wait/", {}),
        ("POST", "hold/", {"reason": WHY}),
        ("POST", "risks/", {"risk": "fraud", "note": WHY}),
        ("POST", "resolve/", {"summary": WHY}),
        ("POST", "messages/", {"body": "x", "visibility": "public"}),
    ):
        assert is_problem(house.agent.call(method, path + sub, body, If_Match=old), 412)
    assert house.agent.get(path).data["subject"] == "Second"
    assert house.agent.get(path).data["floor"] == 1
    assert is_problem(house.agent.patch(path, {"subject": "x"}, If_Match="nonsense"), 412)
    assert house.agent.patch(path, {"subject": "Third"}, If_Match="*").status_code == 200


def test_who_has_seen_it_gets_304(house):
    path = f"tickets/{opened(house.agent)}/"
    seen = house.agent.get(path)["ETag"]
    again = house.agent.get(path, If_None_Match=f'"0", W/{seen}')
    assert again.status_code == 304 and again.content == b"" and again["ETag"] == seen
    house.agent.post(f"{path}wait/")
    assert house.agent.get(path, If_None_Match=seen).status_code == 200


# --- how often ---


def test_too_many_calls_are_429_with_retry_after(house, settings):
    rates = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"user": "3/hour"}}
    settings.REST_FRAMEWORK = rates
    answers = [house.agent.get("me/") for _turn in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert is_problem(answers[-1], 429) and 1 <= int(answers[-1]["Retry-After"]) <= 3600
    assert house.legal.get("me/").status_code == 200


def test_the_api_works_while_the_cache_is_away(house, monkeypatch, settings):
    class Away:
        def __getattr__(self, name):
            raise ConnectionError("no cache")

    monkeypatch.setattr("helpdesk.api.throttles.cache", Away())
    assert house.agent.get("me/").status_code == 200


# --- lists ---


def test_cursors_walk_a_list_forth_and_back_without_gaps(house):
    numbers = [opened(house.agent) for _turn in range(7)]
    house.agent.post(f"tickets/{numbers[2]}/wait/")
    house.agent.post(f"tickets/{numbers[5]}/resolve/", {"summary": "Done"})
    live = [n for n in numbers if n not in (numbers[2], numbers[5])]
    for ordering, expected in (
        ("", [*live, numbers[2], numbers[5]]),
        ("&ordering=-floor_deadline", [*reversed(live), numbers[2], numbers[5]]),
        ("&ordering=created_at", numbers),
        ("&ordering=-created_at", numbers[::-1]),
        ("&ordering=number", numbers),
        ("&ordering=-number", numbers[::-1]),
    ):
        for size in (1, 2, 3, 7, 50):
            page = house.agent.get(f"tickets/?page_size={size}{ordering}").data
            assert page["previous"] is None
            pages = [page]
            while page["next"]:
                page = house.agent.get(page["next"]).data
                pages.append(page)
            seen = [t["number"] for p in pages for t in p["results"]]
            assert seen == expected, (ordering, size)
            back = [pages[-1]]
            while back[0]["previous"]:
                back.insert(0, house.agent.get(back[0]["previous"]).data)
            assert [t["number"] for p in back for t in p["results"]] == expected, (ordering, size)


def test_equal_keys_do_not_lose_rows(house):
    from tickets.models import Ticket

    numbers = [opened(house.agent) for _turn in range(5)]
    Ticket.objects.update(updated_at=timezone.now())
    for ordering, expected in (("updated_at", numbers), ("-updated_at", numbers)):
        page = house.agent.get(f"tickets/?page_size=2&ordering={ordering}").data
        seen = [t["number"] for t in page["results"]]
        while page["next"]:
            page = house.agent.get(page["next"]).data
            seen += [t["number"] for t in page["results"]]
        assert sorted(seen) == sorted(expected)


def test_a_cursor_of_another_order_is_refused(house):
    for _turn in range(3):
        opened(house.agent)
    page = house.agent.get("tickets/?page_size=1&ordering=number").data
    assert is_problem(house.agent.get(page["next"].replace("ordering=number", "ordering=created_at")), 400)


def test_a_made_up_cursor_never_breaks_a_list(house):
    opened(house.agent)
    values = [None, 1, 1.5, True, "x", "2026-01-01", "2026-01-01T00:00:00Z", [], {}, 2**70, "\x00"]
    keys = [(False, 1), (True, 2**40), (1, 1), (False, "1"), (False, 2**70), (False, None)]
    for ordering, value, (direction, pk) in product(["floor_deadline", "created_at", "-number"], values, keys):
        packed = json.dumps([ordering, direction, value, pk]).encode()
        cursor = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        answer = house.agent.get(f"tickets/?ordering={ordering}&cursor={cursor}")
        assert answer.status_code in (200, 400), packed


def test_fifty_tickets_take_few_queries(house, django_assert_max_num_queries):
    for turn in range(6):
        number = opened(house.agent, tags=["vip", "refund"], order={"reference": str(turn)})
        house.agent.post(f"tickets/{number}/hold/", {"reason": WHY})
        house.agent.post(f"tickets/{number}/risks/", {"risk": "abuse", "note": WHY})
    with django_assert_max_num_queries(8):
        assert len(house.agent.get("tickets/").data["results"]) == 6
    with django_assert_max_num_queries(8):
        house.supervisor.get("approvals/")
    with django_assert_max_num_queries(8):
        house.agent.get(f"tickets/{number}/messages/")
    with django_assert_max_num_queries(8):
        house.agent.get(f"tickets/{number}/events/")


# --- trouble ---


def test_a_body_in_pieces_is_411_rather_than_read_as_empty(house):
    answer = house.agent.call("POST", "tickets/", raw=b"", Transfer_Encoding="chunked")
    assert is_problem(answer, 411)


def test_a_fault_of_ours_is_500_and_leaves_nothing_half_done(house, monkeypatch):
    def break_down(*_args, **_options):
        raise RuntimeError("secret details")

    house.agent.client.raise_request_exception = False
    monkeypatch.setattr("escalation.notices.received", break_down)
    answer = house.agent.post("tickets/", new_ticket(), Idempotency_Key="k")
    assert is_problem(answer, 500) and "secret" not in answer.content.decode()
    monkeypatch.undo()
    assert house.agent.get("tickets/").data["results"] == []
    assert house.agent.post("tickets/", new_ticket(), Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize(
    "state, status", [("55P03", 503), ("40P01", 503), ("40001", 503), ("57014", 503), ("57P01", 503)]
)
def test_a_busy_or_absent_database_is_503_with_retry_after(house, monkeypatch, state, status):
    def busy(*_args, **_options):
        error = OperationalError("busy")
        error.__cause__ = type("Cause", (Exception,), {"pgcode": state})()
        raise error

    number = opened(house.agent)
    monkeypatch.setattr("escalation.moves.locked", busy)
    answer = house.agent.post(f"tickets/{number}/escalate/", {"justification": WHY}, Idempotency_Key="k")
    assert is_problem(answer, status) and answer["Retry-After"]
    monkeypatch.undo()
    again = house.agent.post(f"tickets/{number}/escalate/", {"justification": WHY}, Idempotency_Key="k")
    assert again.status_code == 200


def test_a_constraint_that_refuses_is_409(house, monkeypatch):
    def contradict(*_args, **_options):
        raise IntegrityError("unique")

    number = opened(house.agent)
    monkeypatch.setattr("escalation.moves.locked", contradict)
    assert is_problem(house.agent.post(f"tickets/{number}/escalate/", {"justification": WHY}), 409)


def test_refusals_are_english_unless_another_language_is_asked_for(house):
    assert house.agent.get("tickets/999999/").data["detail"] == "There is no ticket 999999 that you may see."
    asked = house.agent.get("tickets/999999/", accept_language="it")
    assert asked.data["detail"] == "Non c'è un ticket 999999 che lei possa vedere."
