"""Whoever publishes a draft of the decision matrix sees what it would have meant for decisions of the past."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import F
from pytest_django.asserts import assertContains, assertNotContains

from escalation import decisions
from tests.builders import T0, on_floor, open_ticket
from tests.escalation.test_matrix_trial import decide, draft
from tickets.clock import database_now
from tickets.models import Channel, Ticket


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


def test_kinds_of_policy_that_no_ticket_can_tell_of_have_no_trial(people, visit):
    client = visit(people.policy)
    drafted = client.post("/desk/policies/retention/new/", {"months": "24"})
    assertNotContains(client.get(drafted.url), "Tried on")


def test_drafted_response_times_are_tried_on_past_tickets_and_what_is_out_of_sight_is_counted(people, visit):
    seen, hidden = open_ticket(now=None), on_floor(3, people, now=database_now(), customer_email="z@example.org")
    Ticket.objects.update(created_at=F("created_at") - timedelta(minutes=10))
    client = visit(people.policy)
    drafted = client.post("/desk/policies/response-times/new/", {"first_response": "30 min", "resolution": "24 h"})
    page = visit(people.admin).get(drafted.url)
    assertContains(page, "2 tickets would have fared differently")
    assertContains(page, "answered late → still to be kept")
    assertContains(page, "0 of 2, 0 %", count=2)
    assertContains(page, f"#{seen.pk} ")
    assertNotContains(page, f"#{hidden.pk} ")
    assertContains(page, "1 more are out of your sight")
    past = client.get(drafted.url, {"since": "2020-01-01", "until": "2020-01-31"})
    assertContains(past, "0 tickets that came from")


def test_a_draft_that_makes_no_sense_any_more_says_so_and_can_be_discarded(people, visit):
    client = visit(people.policy)
    drafted = client.post("/desk/policies/response-times/new/", {
        "channel": "chat", "first_response": "30 min", "resolution": "24 h",
    })  # fmt: skip
    Channel.objects.filter(slug="chat").update(slug="talk")
    assertContains(client.get(drafted.url), "There is no channel “chat”.")
    assert client.post(f"{drafted.url}discard/").status_code == 302


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
