"""A trial says what a draft would have done to last week's tickets, and does nothing."""

from datetime import timedelta

from escalation import conversation, trial
from escalation.models import AuditEvent, OutboxMessage, RiskFlag
from policies import drafts
from policies.models import TriggerDraft
from tests.builders import T0, minutes, open_ticket
from tickets.models import Tag, Team

NOW = T0 + timedelta(days=6)


def draft(people, **fields) -> TriggerDraft:
    terms = {"name": "Refunds", "position": 200, "floor": 2} | fields
    return drafts.begin(actor=people.policy, slug=fields.pop("slug", "refunds"), terms=terms, now=NOW)


def test_it_counts_who_would_have_gone_elsewhere_and_the_load_per_floor(people):
    open_ticket(body="A refund, please.", now=T0 - timedelta(days=3))  # before last week
    moved = open_ticket(body="A refund, please.")
    open_ticket(body="My lawyer wants a refund.")  # goes higher anyway
    later = open_ticket(body="Hello.")
    conversation.customer_message(later.pk, body="Then a refund.", now=T0 + minutes(5))
    open_ticket(body="Hello.")
    found = trial.run(draft(people, phrases={"en": ["refund"]}), now=NOW)
    assert (found.tickets, found.messages, found.fired, found.left_out) == (4, 5, 3, 0)
    assert [(line.number, line.before, line.after, line.words) for line in found.listed] == [
        (later.pk, 1, 2, ["refund"]),
        (moved.pk, 1, 2, ["refund"]),
    ]
    assert found.load == {"1": [3, 1], "2": [0, 2], "3": [1, 1]}


def test_it_changes_nothing(people):
    Tag.objects.get_or_create(slug="refund", defaults={"name": "Refund"})
    team = Team.objects.get(slug="risk-legal")
    open_ticket(body="A refund, please.")
    before = [model.objects.count() for model in (AuditEvent, OutboxMessage, RiskFlag)]
    plan = draft(
        people, phrases={"en": ["refund"]}, hold=True, tags=["refund"], team=team, warning="Look", risk="fraud"
    )
    found = trial.run(plan, now=NOW)
    assert found.listed[0].effects == ["hold", "risk fraud", "tag refund", "team risk-legal", "warning"]
    assert [model.objects.count() for model in (AuditEvent, OutboxMessage, RiskFlag)] == before


def test_a_changed_rule_stands_in_for_the_one_in_force_and_a_withdrawal_for_nothing(people):
    lawyer = open_ticket(body="My lawyer will write.")
    court = open_ticket(body="The tribunal will decide.")
    changed = draft(people, slug="legal-risk", phrases={"en": ["tribunal"]}, floor=3, risk="legal")
    assert {(line.number, line.before, line.after) for line in trial.run(changed, now=NOW).listed} == {
        (lawyer.pk, 3, 1),
        (court.pk, 1, 3),
    }
    changed.delete()
    ended = drafts.begin(actor=people.policy, slug="legal-risk", terms={}, now=NOW, ends=True)
    assert [(line.number, line.after) for line in trial.run(ended, now=NOW).listed] == [(lawyer.pk, 1)]


def test_the_customer_is_as_they_were_then(people):
    first = open_ticket()
    second = open_ticket(now=T0 + minutes(1))
    found = trial.run(draft(people, condition="customer.earlier_tickets >= 1"), now=NOW)
    assert [line.number for line in found.listed] == [second.pk]
    assert first.pk not in {line.number for line in found.listed}


def test_a_week_that_is_too_long_is_read_in_part_and_says_so(people, monkeypatch):
    monkeypatch.setattr(trial, "MOST_TICKETS", 2)
    for n in range(5):
        open_ticket(body="A refund, please.", now=T0 + minutes(n))
    found = trial.run(draft(people, phrases={"en": ["refund"]}), now=NOW)
    assert (found.tickets, found.left_out, found.elsewhere) == (2, 3, 2)


def test_a_trial_that_takes_too_long_stops_and_says_so(people, monkeypatch):
    monkeypatch.setattr(trial, "MOST_SECONDS", -1)
    open_ticket(body="A refund, please.")
    found = trial.run(draft(people, phrases={"en": ["refund"]}), now=NOW)
    assert (found.tickets, found.left_out) == (0, 1)
