"""Whoever publishes a draft of the decision matrix sees what it would have meant for decisions of the past."""

from decimal import Decimal

from pytest_django.asserts import assertContains, assertNotContains

from escalation import decisions
from policies.models import PolicyDraft
from tests.builders import T0, on_floor, open_ticket
from tests.escalation.test_matrix_trial import decide, draft


def test_the_second_person_sees_the_trial_before_they_publish(people, visit):
    ticket = open_ticket(now=None)
    decisions.decide(ticket.pk, actor=people.agent, problem="damage", remedy="refund", rationale="It came broken.",
                     amount=Decimal("60.50"))  # fmt: skip
    path = f"/desk/policies/drafts/{draft(people, up_to='50.00').pk}/"
    for name in ("policy", "admin"):
        page = visit(getattr(people, name)).get(path)
        assertContains(page, "1 decision would have fared differently")
        assertContains(page, "60.50\u00a0EUR")
        assertContains(page, f"#{ticket.pk}</a>")
        assertContains(page, "Signed by: Floor 2 supervisor, Head of Risk, Legal.")
    for name in ("agent", "manager", "risk", "stranger"):
        assert visit(getattr(people, name)).get(path).status_code == 403
    past = visit(people.admin).get(path, {"since": "2020-01-01", "until": "2020-01-31"})
    assertContains(past, "0 decisions from")
    assertContains(past, 'value="2020-01-31"')
    for since, until in (("2020-01-31", "2020-01-01"), ("2019-01-01", "2020-12-31"), ("x", "2020-01-01")):
        page = visit(people.admin).get(path, {"since": since, "until": until})
        assertContains(page, 'role="alert"')
        assertContains(page, "60.50")


def test_other_kinds_of_policy_have_no_trial(people, visit):
    visit(people.policy).post(
        "/desk/policies/response-times/new/", {"first_response": "9 min", "resolution": "24 h", "channel": "web"}
    )
    assertNotContains(visit(people.policy).get(f"/desk/policies/drafts/{PolicyDraft.objects.get().pk}/"), "Tried on")


def test_what_is_on_floor_3_is_counted_and_not_shown(people, visit):
    ticket = on_floor(3, people, customer_email="z@example.org")
    decide(people, "5", ticket=ticket, who="risk", at=2)
    plan = draft(people, "vault", roles=["head_of_risk"], floor=3, up_to="50.00", currency="EUR")
    page = visit(people.admin).get(
        f"/desk/policies/drafts/{plan.pk}/", {"since": f"{T0:%Y-%m-%d}", "until": f"{T0:%Y-%m-%d}"}
    )
    assertContains(page, "1 decision would have fared differently")
    assertContains(page, "1 more are out of your sight")
    assertNotContains(page, f"#{ticket.pk}</a>")
