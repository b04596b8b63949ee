"""A customer hears within minutes that somebody else decides (P4.3): the clock is seen, measured, and warned of."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from escalation import decisions, reminders, telling
from escalation.models import Approval, OutboxMessage
from helpdesk import letters
from helpdesk.models import Notification
from helpdesk.notifications import audiences
from metrics import figures, scorecard
from policies import book, proposals
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets.clock import database_now
from tickets.models import Ticket

FIELDS = {"problem": "damage", "remedy": "refund", "rationale": "It came broken.", "amount": Decimal(500)}


def review(people, *, now=None, who="agent", ticket=None, customer="a"):
    """Decide beyond the matrix; return the request that it starts."""
    ticket = ticket or open_ticket(now=now, customer_email=f"{customer}@example.org")
    return decisions.decide(ticket.pk, actor=getattr(people, who), now=now, **FIELDS).approval


def test_the_clock_runs_until_the_letter_has_left(people, visit, mailoutbox):
    asked = review(people)
    client = visit(people.supervisor)
    for path in (f"/desk/tickets/{asked.escalation_id}/", f"/desk/approvals/{asked.pk}/"):
        page = client.get(path)
        assertContains(page, "customer to be told:")
        due = asked.requested_at + minutes(5)
        assertContains(page, f'datetime="{due.isoformat(timespec="seconds")}" data-window="300"')
        assertContains(page, f'hx-get="/desk/approvals/{asked.pk}/told/"')
    letters.relay()
    assert [mail for mail in mailoutbox if mail.to == ["a@example.org"] and "being reviewed" in mail.subject]
    for path in (f"/desk/tickets/{asked.escalation_id}/", f"/desk/approvals/{asked.pk}/told/"):
        page = client.get(path)
        assertContains(page, "customer told at")
        assertNotContains(page, 'hx-trigger="every 15s"')


def test_how_soon_is_a_policy_whose_version_at_the_request_holds(people, visit):
    kind = book.kind("response-times")
    before = review(people, now=T0)
    terms = {"first_response": "PT8M", "resolution": "P1D", "review_told": "PT20M"}
    draft = proposals.begin(kind, terms | {"channel": "web"}, actor=people.policy, now=T0)
    promise = proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0 + minutes(1))
    after = review(people, now=T0 + minutes(2), customer="b")
    spoken = review(people, ticket=open_ticket(now=T0, channel="phone"), now=T0 + minutes(2))
    due = {row.pk: row.told_due for row in telling.with_told(Approval.objects.all())}
    assert [due[asked.pk] - asked.requested_at for asked in (before, after, spoken)] == [
        minutes(5), minutes(20), minutes(5),
    ]  # fmt: skip
    assert [telling.approval_of(letter) for letter in telling.missed(T0 + minutes(10))] == [before.pk, spoken.pk]
    page = visit(people.supervisor).get(f"/desk/approvals/{after.pk}/told/")
    assertContains(page, f"/desk/policies/response-times/{promise.pk}/")
    assertContains(page, 'data-window="1200"')
    wrong = visit(people.policy).post("/desk/policies/response-times/new/", {
        "first_response": "8 min", "resolution": "24 h", "review_told": "2 d",
    })  # fmt: skip
    assertContains(wrong, "between one minute and a day", status_code=400)


def test_a_letter_that_left_too_late_says_so(people, visit):
    asked = review(people)
    OutboxMessage.objects.filter(topic="under_review").update(sent_at=asked.requested_at + timedelta(seconds=301))
    assertContains(visit(people.agent).get(f"/desk/approvals/{asked.pk}/told/"), "customer told late, at")


def test_only_a_decision_has_such_a_clock_and_only_who_may_see_it_asks(people, visit):
    held = on_floor(3, people, now=None)
    asked = review(people, ticket=held, who="risk")
    for name in ("agent", "specialist", "manager", "stranger"):
        assert visit(getattr(people, name)).get(f"/desk/approvals/{asked.pk}/told/").status_code in (403, 404), name
    assert visit(people.legal).get(f"/desk/approvals/{asked.pk}/told/").status_code == 200
    page = visit(people.supervisor).get(f"/desk/tickets/{on_floor(2, people, now=None).pk}/")
    assertNotContains(page, "customer to be told")


@pytest.mark.parametrize(("after", "warned"), [(timedelta(seconds=299), 0), (minutes(5), 1)])
def test_a_promise_that_is_missed_is_warned_of_once(people, after, warned):
    asked = review(people, now=T0)
    for _turn in range(2):
        reminders.remind(T0 + after)
    assert OutboxMessage.objects.filter(topic="customer_untold", ticket=asked.escalation_id).count() == warned


def test_who_asked_and_who_leads_are_warned_while_it_is_true(people, mailoutbox, monkeypatch):
    asked = review(people)
    monkeypatch.setitem(letters.LETTERS, "under_review", _away)
    letters.relay()
    late = database_now() - minutes(5)
    OutboxMessage.objects.filter(ticket=asked.escalation_id, topic="under_review").update(created_at=late)
    assert reminders.remind()
    letters.relay()
    told = Notification.objects.filter(topic="customer_untold")
    assert {row.recipient for row in told} >= {people.agent, people.supervisor}
    assert people.agent2 not in {row.recipient for row in told}
    warning = OutboxMessage.objects.get(topic="customer_untold")
    OutboxMessage.objects.filter(ticket=asked.escalation_id, topic="under_review").update(sent_at=database_now())
    warning.ticket = Ticket.objects.get(pk=asked.escalation_id)
    assert not audiences.untold(warning)


def _away(*_args):
    raise OSError("mail server away")


def test_the_share_told_in_time_is_a_figure_that_leads_to_its_tickets(people, monkeypatch):
    week, end = date(2026, 11, 16), datetime(2026, 11, 20, 16, tzinfo=UTC)
    monkeypatch.setattr(scorecard, "database_now", lambda: end)
    begun = {"in time": minutes(5), "late": timedelta(seconds=301), "never": None}
    reviews = {name: review(people, now=T0, customer=name[:2]) for name in begun}
    for name, after in begun.items():
        row = OutboxMessage.objects.filter(key=f"under_review:{reviews[name].pk}")
        row.update(sent_at=T0 + after if after else None)
    review(people, now=end - minutes(4), customer="z")  # due in the next week
    figure = scorecard.read(week).figure("told_of_review")
    assert (figure.numerator, figure.n, round(figure.value)) == (1, 3, 33) and figure.met is False
    rows = figures.behind(week, "told_of_review")
    assert {row.number for row in rows if row.amount} == {reviews["in time"].escalation_id} and len(rows) == 3


def test_an_erased_letter_breaks_nothing(people):
    asked = review(people, now=T0)
    OutboxMessage.objects.filter(key=f"under_review:{asked.pk}").update(payload={})
    reminders.remind(T0 + minutes(6))
    assert OutboxMessage.objects.get(topic="customer_untold").payload["approval"] == asked.pk
