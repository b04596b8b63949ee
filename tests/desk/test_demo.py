"""The demo content: made once, by the real verbs, on an empty database only."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.utils import timezone

from escalation import audit
from escalation.models import (
    Action,
    Approval,
    AuditEvent,
    Decision,
    Escalation,
    FloorVisit,
    Hold,
    OutboxMessage,
    Verdict,
)
from metrics import gaps, scorecard
from metrics.models import PolicyAudit, Rating
from policies.book import KINDS
from tickets.models import Ticket, User
from tickets.roles import ALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed(monkeypatch) -> str:
    monkeypatch.delenv("HELPDESK_DEMO_PASSWORD", raising=False)
    call_command("starter")
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_demo_shows_every_stage_and_its_trail_verifies(printed):
    states = Counter(Escalation.objects.values_list("state", flat=True))
    assert states["floor_1"] >= 5 and states["floor_2"] >= 5 and states["floor_3"] >= 5 and states["resolved"] >= 20
    live = FloorVisit.objects.filter(left_at__isnull=True)
    assert live.filter(due_at__isnull=True).count() >= 3  # waiting for the customer
    assert live.filter(alarmed_at__isnull=False).count() == 1
    waiting = Approval.objects.filter(state=Approval.State.PENDING).values_list("kind", flat=True)
    assert set(waiting) == {"floor_3", "hold_release", "final_resolution"}
    assert Approval.objects.filter(state=Approval.State.OVERTAKEN, decided_at__isnull=True).count() == 1
    assert Hold.objects.filter(released_at__isnull=True).count() == 2
    assert set(Ticket.objects.values_list("language", flat=True)) == {"en", "it", "pt"}
    assert AuditEvent.objects.filter(action=Action.REOPENED).exists()
    assert Rating.objects.count() > 15
    assert list(audit.verify()) == []


def test_each_policy_of_the_demo_has_an_owner_and_a_day_of_review(printed):
    for kind in KINDS.values():
        assert not kind.model.objects.in_force().filter(Q(owner=None) | Q(review_on=None)).exists(), kind.slug


def test_demo_has_decided_inside_the_matrix_and_outside_of_it(printed):
    made = Decision.objects.all()
    assert made.filter(verdict=Verdict.ALLOWED, approval=None).count() >= 6
    assert made.filter(verdict=Verdict.NEEDS, approval__state=Approval.State.APPROVED).exists()
    shown = gaps.waiting(User.objects.get(email="manager@example.com"), timezone.now())
    assert {gap.decision.verdict for gap in shown} >= {Verdict.NO_RULE, Verdict.NEEDS, Verdict.ALLOWED}


def test_demo_hires_one_person_per_role_and_prints_one_password_that_works(printed, client):
    held = Counter(role for user in User.objects.all() for role in user.roles)
    assert set(held) == set(ALL)
    password = printed.split("Password: ")[1].strip()
    assert User.objects.get(email="legal@example.com").check_password(password)
    assert printed.count(password) == 1


def test_demo_publishes_the_past_fridays_with_every_figure_of_the_eight(printed):
    published = scorecard.weeks()
    assert len(published) >= 4
    figures = scorecard.read(published[0].week).figures[:8]
    assert [figure.key for figure in figures if figure.value is None] == []
    assert {figure.met for figure in figures} == {True, False}


def test_demo_owes_no_letters(printed):
    assert OutboxMessage.objects.exists()
    assert not OutboxMessage.objects.filter(sent_at__isnull=True).exists()


def test_demo_is_refused_where_there_is_something_already(printed):
    before = Ticket.objects.count()
    with pytest.raises(CommandError, match="already"):
        call_command("demo")
    call_command("demo", if_empty=True, stdout=StringIO())
    assert Ticket.objects.count() == before


def test_demo_password_can_be_set_and_is_then_not_printed(monkeypatch):
    monkeypatch.setenv("HELPDESK_DEMO_PASSWORD", "a-long-demo-password")
    call_command("starter")
    out = StringIO()
    call_command("demo", stdout=out)
    assert User.objects.get(email="agent@example.com").check_password("a-long-demo-password")
    assert "a-long-demo-password" not in out.getvalue()


def test_demo_has_a_published_audit_that_customers_read(printed, client):
    audit = PolicyAudit.objects.get()
    assert audit.published_at and audit.findings.filter(answer="not_met").count() == 1 and audit.actions.count() == 1
    assert "by hand: it was kept in" in client.get("/help/rights/").content.decode()
