"""The policy book on the desk: read by all staff, drafted by owners, published by another."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from policies import book
from policies.models import ApprovalRule, PolicyDraft
from tests.builders import CAST

ROW = {"kind": "decision", "floor": "2", "amount_from": "500.00", "roles": ["executive"], "signatures": "2"}


def draft_of(client, **changes):
    return client.post("/desk/policies/approval-matrix/new/", ROW | changes)


def test_a_row_of_the_approval_matrix_is_drafted_compared_and_published_by_another(people, visit):
    client = visit(people.policy)
    answer = draft_of(client, why="Large sums", review_on="2031-02-28")
    draft = PolicyDraft.objects.get()
    assert answer.url == f"/desk/policies/drafts/{draft.pk}/"
    page = client.get(answer.url)
    assertContains(page, "somebody else must publish it")
    assertContains(page, "500.00")
    assertContains(page, 'value="2031-02-28"')
    fields = {"revision": draft.revision}
    assertContains(client.post(f"{answer.url}publish/", fields), "somebody else must publish", status_code=409)
    client = visit(people.admin)
    assert client.post(f"{answer.url}publish/", fields).status_code == 302
    row = ApprovalRule.objects.get(amount_from=500)
    assert (row.roles, row.signatures, row.published_by) == (["executive"], 2, people.admin)
    assertContains(client.get(f"/desk/policies/approval-matrix/{row.pk}/"), "published by Admin")
    changed = client.post(f"/desk/policies/approval-matrix/new/?from={row.pk}", ROW | {"signatures": "1"})
    assertContains(client.get(changed.url), "changed:")
    assert client.post(f"{changed.url}discard/").status_code == 302
    assert not PolicyDraft.objects.exists()


def test_a_refused_draft_keeps_what_was_typed(people, visit):
    client = visit(people.policy)
    answer = draft_of(client, signatures="9", why="Because of x")
    assertContains(answer, "Because of x", status_code=400)
    assertContains(answer, "Between one and five", status_code=400)
    promise = {"first_response": "half an hour", "resolution": "24 h"}
    assertContains(client.post("/desk/policies/response-times/new/", promise), "Write a number", status_code=400)


def test_a_draft_that_exists_is_gone_on_with(people, visit):
    draft_of(visit(people.policy))
    assert draft_of(visit(people.admin)).url == f"/desk/policies/drafts/{PolicyDraft.objects.get().pk}/"


def test_who_reads_and_who_writes(people, visit):
    draft_of(visit(people.policy))
    draft = PolicyDraft.objects.get().pk
    row = ApprovalRule.objects.first().pk
    for name in CAST:
        client = visit(getattr(people, name))
        reads, writes = name != "stranger", name in ("policy", "admin")
        for path in ("", "approval-matrix/", f"approval-matrix/{row}/"):
            assert client.get(f"/desk/policies/{path}").status_code == (200 if reads else 403), (name, path)
        for path in ("approval-matrix/new/", f"drafts/{draft}/"):
            assert client.get(f"/desk/policies/{path}").status_code == (200 if writes else 403), (name, path)
        if not writes:
            for path in (f"drafts/{draft}/publish/", f"drafts/{draft}/discard/", f"approval-matrix/{row}/end/"):
                assert client.post(f"/desk/policies/{path}").status_code == 403, (name, path)
    client = visit(people.policy)
    for path in ("nonsense/", "approval-matrix/999999/", "drafts/999999/", "approval-matrix/new/?from=x"):
        assert client.get(f"/desk/policies/{path}").status_code == 404, path


@pytest.mark.parametrize("slug", book.KINDS)
def test_each_kind_has_its_pages_within_few_queries(people, visit, slug):
    client = visit(people.policy)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/desk/policies/{slug}/").status_code == 200
    assert len(queries) <= 12
    policy = book.KINDS[slug].current().first()
    if policy:
        assertContains(client.get(f"/desk/policies/{slug}/{policy.pk}/"), "in force")
        assertContains(client.get(f"/desk/policies/{slug}/new/?from={policy.pk}"), "Save the draft")
    assertNotContains(visit(people.agent).get(f"/desk/policies/{slug}/"), "Draft a new one")
