"""Who signs what, and naming a deputy, on the desk and over REST."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import holds
from escalation.models import Hold
from policies.models import ApprovalRule, Delegation
from tests.api.conftest import Api

DAY = timedelta(days=1)


def test_a_person_names_a_deputy_and_either_ends_it(people, visit):
    today = timezone.localdate()
    client = visit(people.supervisor)
    assertContains(client.get("/desk/deputies/"), "Release of a hold")
    form = {"deputy": people.specialist.pk, "kind": "floor_3", "first": today, "last": today + 7 * DAY}
    assert client.post("/desk/deputies/", form).status_code == 302
    given = Delegation.objects.get()
    assert (given.absent, given.deputy, given.kind) == (people.supervisor, people.specialist, "floor_3")
    assert given.ends_at - given.starts_at == 8 * DAY
    assertContains(visit(people.specialist).get("/desk/deputies/"), "for Supervisor")
    assert visit(people.agent).post(f"/desk/deputies/{given.pk}/end/").status_code == 404
    assert visit(people.specialist).post(f"/desk/deputies/{given.pk}/end/").status_code == 302
    assertNotContains(visit(people.specialist).get("/desk/deputies/"), "for Supervisor")


def test_an_impossible_absence_is_refused_beside_its_field(people, visit):
    today = timezone.localdate()
    form = {"deputy": people.specialist.pk, "kind": "", "first": today, "last": today + 100 * DAY}
    assertContains(visit(people.supervisor).post("/desk/deputies/", form), "within 90 days", status_code=400)
    assert not Delegation.objects.exists()


def test_deputies_and_the_matrix_over_rest(people):
    now = timezone.now()
    times = {"starts_at": now.isoformat(), "ends_at": (now + DAY).isoformat()}
    supervisor, agent, policy = Api(people.supervisor), Api(people.agent), Api(people.policy)
    made = supervisor.post("delegations/", {"deputy": "specialist@example.com"} | times)
    assert made.status_code == 201 and made.data["absent"] == "supervisor@example.com"
    assert agent.get("delegations/").data["results"] == []
    assert agent.post(f"delegations/{made.data['id']}/end/").status_code == 404
    assert supervisor.post(f"delegations/{made.data['id']}/end/").data["ended_at"]
    forged = {"absent": "supervisor@example.com", "deputy": "agent2@example.com"} | times
    assert agent.post("delegations/", forged).status_code == 403
    assert Api(people.admin).post("delegations/", forged).status_code == 201

    row = {"kind": "decision", "amount_from": "500.00", "signed_by": ["executive"], "signatures": 2}
    assert agent.post("approval-rules/", row).status_code == 403
    put = policy.post("approval-rules/", row)
    assert put.status_code == 201 and put.data["version"] == 1
    assert policy.post("approval-rules/", row | {"signatures": 1}).data["version"] == 2
    assert policy.post("approval-rules/", row | {"signatures": 9}).status_code == 400
    kinds = [(r["kind"], r["amount_from"]) for r in agent.get("approval-rules/").data["results"]]
    assert kinds.count(("decision", "500.00")) == 1
    assert ApprovalRule.objects.filter(amount_from=500).count() == 2


@pytest.mark.parametrize(("blocks", "kept"), [([], 5), (["send", "merge"], 2)])
def test_the_form_of_a_hold_says_what_it_forbids(people, visit, brought, blocks, kept):
    ticket = brought(2)
    client = visit(people.specialist)
    form = {"words": "the bank has not answered", "blocks": blocks, "review_on": timezone.localdate() + DAY}
    assert client.post(f"/desk/tickets/{ticket.pk}/do/hold/", form).status_code == 302
    assert len(Hold.objects.get().blocks) == kept
    page = client.get(f"/desk/tickets/{ticket.pk}/")
    assertContains(page, "it forbids to")
    assertContains(page, "looks at it again")
    resolvable = "act-resolve" in page.content.decode()
    assert resolvable == (kept == 2)


def test_a_hold_by_rule_shows_too(people, visit, brought):
    ticket = brought(2)
    holds.place(ticket.pk, actor=people.specialist, reason="placed before owners were kept")
    Hold.objects.update(owner=None, placed_by=None)
    assertContains(visit(people.specialist).get(f"/desk/tickets/{ticket.pk}/"), "On hold by a rule")
