"""The quarterly audit on the desk, on the page of rights and by REST (P3.3), from both sides."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, moves
from metrics import quarters
from metrics.models import AuditFinding, PolicyAudit
from tests.builders import CAST, open_ticket
from tickets.clock import database_now
from tickets.models import ApiToken

BAD = "<script>x</script>{{ 7 }}"


@pytest.fixture
def now():
    return database_now()


@pytest.fixture
def solved(people, now):
    """Two tickets that were answered and solved just now."""
    for _again in range(2):
        ticket = open_ticket(now=now)
        conversation.reply(ticket.pk, actor=people.legal, body="Here it is", now=now)
        moves.resolve(ticket.pk, actor=people.legal, summary="Sent again.", now=now)


@pytest.fixture
def begun(people, solved, visit, now) -> str:
    """The address of an audit that the manager began."""
    fields = {"policy": "response_times", "quarter": quarters.name(quarters.of(now)), "size": "5"}
    answer = visit(people.manager).post("/desk/audits/", fields)
    assert answer.status_code == 302
    return answer.url


def answers(address: str, client, answer="met", note="Fine") -> None:
    audit = PolicyAudit.objects.get()
    for number in set(audit.findings.values_list("ticket", flat=True)):
        fields = {}
        for row in audit.findings.filter(ticket=number):
            fields |= {f"f{row.pk}-answer": answer, f"f{row.pk}-note": note}
        assert client.post(f"{address}tickets/{number}/", fields).status_code == 302


def published(address: str, client, **fields) -> None:
    answers(address, client, **fields)
    assert client.post(f"{address}close/", {"conclusion": BAD}).status_code == 302


def test_an_audit_from_its_beginning_to_its_publication(people, begun, visit, now):
    client = visit(people.manager)
    page = client.get(begun)
    assertContains(page, "first answer within the time published")
    assertContains(page, "questions left")
    refused = client.post(f"{begun}close/", {"conclusion": "Well"})
    assertContains(refused, "are not answered yet", status_code=409)
    row = AuditFinding.objects.first()
    half = client.post(f"{begun}tickets/{row.ticket_id}/", {f"f{row.pk}-answer": "not_met", f"f{row.pk}-note": "typed"})
    assertContains(half, "typed", status_code=400)
    answers(begun, client, "not_met", BAD)
    assertContains(client.post(f"{begun}close/", {"conclusion": "Well"}), "what is done about it", status_code=409)
    action = {"words": BAD, "owner": people.agent.pk, "due_on": (now + timedelta(days=9)).date().isoformat()}
    assert client.post(f"{begun}actions/", action).status_code == 302
    assertContains(client.post(f"{begun}actions/", action | {"due_on": "2001-01-01"}), "over already", status_code=400)
    assert client.post(f"{begun}close/", {"conclusion": BAD}).status_code == 302
    page = client.get(begun)
    assertNotContains(page, "<script>x")
    assertContains(page, "&lt;script&gt;x&lt;/script&gt;{{ 7 }}")
    assertContains(page, "published")
    assertNotContains(page, "Publish the audit")
    figure = client.get(f"{begun}figures/promises/")
    assertContains(figure, "2 of 2")
    done = visit(people.agent).post(f"/desk/audits/actions/{PolicyAudit.objects.get().actions.get().pk}/done/")
    assert done.status_code == 302


def test_who_reads_and_who_audits(people, begun, visit):
    row = AuditFinding.objects.first()
    for name in CAST:
        client = visit(getattr(people, name))
        for path in ("/desk/audits/", begun, f"{begun}figures/promises/"):
            assert client.get(path).status_code == (403 if name == "stranger" else 200), (name, path)
        audits_it = name in ("manager", "risk", "legal", "admin")
        assert (b"Publish the audit" in client.get(begun).content if name != "stranger" else False) == audits_it, name
        if not audits_it:
            fields = {f"f{row.pk}-answer": "met", f"f{row.pk}-note": ""}
            assert client.post(f"{begun}tickets/{row.ticket_id}/", fields).status_code in (400, 403), name
            answer = client.post(f"{begun}close/", {"conclusion": "Mine"})
            assert answer.status_code in (403, 409), name
            if name != "stranger":
                assertContains(client.post("/desk/audits/", {
                    "policy": "credits", "quarter": quarters.name(PolicyAudit.objects.get().quarter), "size": 5,
                }), "audit", status_code=400)  # fmt: skip
    assert not AuditFinding.objects.exclude(answer="").exists()
    assert PolicyAudit.objects.get().published_at is None
    client = visit(people.manager)
    for path in ("/desk/audits/999/", f"{begun}figures/nothing/", f"{begun}figures/matrix/"):
        assert client.get(path).status_code == 404, path
    assert client.post(f"{begun}tickets/999/", {}).status_code == 404


def test_customers_read_the_result_in_their_language_in_plain_words(people, begun, visit):
    published(begun, visit(people.manager), note="")
    page = Client().get("/help/rights/")
    assertContains(page, "We looked at 2 requests by hand: it was kept in 2.")
    assertNotContains(page, "&lt;script")
    italian = Client(headers={"Accept-Language": "it"}).get("/help/rights/")
    assertContains(italian, "Abbiamo esaminato 2 richieste")


def test_pages_stay_within_few_queries_however_many_tickets_were_drawn(people, begun, visit):
    client = visit(people.manager)
    client.get(begun)
    for path, most in (("/desk/audits/", 24), (begun, 20), ("/help/rights/", 8)):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) <= most, (path, len(queries))


def test_published_audits_by_rest(people, begun, visit, client):
    _row, token = ApiToken.issue(people.agent, name="tests")
    api = Client(headers={"Authorization": f"Bearer {token}"})
    assert api.get("/api/v1/audits/").json()["results"] == []
    published(begun, visit(people.manager), answer="not_applicable")
    listed = api.get("/api/v1/audits/?policy=response_times").json()["results"]
    assert [row["quarter"] for row in listed] == [quarters.name(PolicyAudit.objects.get().quarter)]
    one = api.get(f"/api/v1/audits/{listed[0]['id']}/").json()
    assert one["figures"][0] | {"definition": ""} == {
        "key": "promises", "definition": "", "kept": 2, "of": 2, "percent": 100,
    }  # fmt: skip
    assert one["findings"][0]["answer"] == "not_applicable" and one["restricted"] == 0
    assert api.get("/api/v1/audits/?policy=nonsense").status_code == 400
    assert api.get("/api/v1/audits/999/").status_code == 404
    assert Client().get("/api/v1/audits/").status_code == 401
