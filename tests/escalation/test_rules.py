"""What fired rules do to a ticket besides moving it, once each, and what keeps them from doing harm."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation import approvals, audit, conversation, edits, holds, moves
from escalation.models import Action, AuditEvent, Hold, OutboxMessage
from policies.models import Trigger, TriggerFault
from tests import builders
from tests.builders import T0, minutes, open_ticket, stand, visit
from tickets.models import Tag, Team, Ticket
from tickets.refusals import Conflict


def rule(slug: str = "refunds", **fields) -> Trigger:
    return Trigger.objects.create(slug=slug, name=slug.capitalize(), valid_from=T0 - minutes(1), **fields)


def actions(ticket: Ticket) -> list[str]:
    return list(AuditEvent.objects.filter(ticket=ticket).order_by("seq").values_list("action", flat=True))


@pytest.fixture
def acting(people) -> Trigger:
    Tag.objects.get_or_create(slug="refund", defaults={"name": "Refund"})
    return rule(
        condition='"refund" in text and order.value >= 300',
        hold=True,
        tags=["refund"],
        team=Team.objects.get(slug="risk-legal"),
        warning="A large refund: look at it",
        position=200,
    )


def order(value: str) -> dict:
    return {"reference": "A-1", "value": {"amount": Decimal(value), "currency": "EUR"}}


def test_every_effect_happens_at_arrival_and_is_on_record(acting, people):
    ticket = open_ticket(body="I want a REFUND now.", order=order("300"))
    assert actions(ticket) == [Action.OPENED, Action.EDITED, Action.HOLD_PLACED, Action.WARNED]
    assert [tag.slug for tag in ticket.tags.all()] == ["refund"]
    assert Ticket.objects.get(pk=ticket.pk).team.slug == "risk-legal"
    assert visit(ticket).floor == 1
    hold = Hold.objects.get(escalation_id=ticket.pk)
    assert (hold.placed_by, hold.reason) == (None, "Rule “Refunds”.")
    assert OutboxMessage.objects.filter(ticket=ticket, topic="warned").count() == 1
    for event in AuditEvent.objects.filter(ticket=ticket, seq__gt=1):
        assert event.by == "rule"
        assert event.data["rule"] == {
            "trigger": "refunds", "version": 1, "words": [], "facts": {"order.value": "300.00"},
        }  # fmt: skip
    assert list(audit.verify(ticket.pk)) == []
    assert (ticket.hold_reason, ticket.tag_slugs) == (hold.reason, ["refund"])


def test_a_later_message_doubles_nothing_and_undoes_nothing(acting, people):
    ticket = open_ticket(order=order("400"))
    for n in range(3):
        conversation.customer_message(ticket.pk, body="My refund!", now=T0 + minutes(1 + n))
    assert actions(ticket).count(Action.HOLD_PLACED) == 1
    edits.edit(ticket.pk, actor=people.agent, changes={"tags": [], "team": Team.objects.get(slug="first-line")})
    asked = holds.ask_release(ticket.pk, actor=people.agent, justification="it is a small matter", now=T0 + minutes(4))
    approvals.approve(asked.pk, actor=people.supervisor, note="I have looked at it", now=T0 + minutes(5))
    conversation.customer_message(ticket.pk, body="My refund!", now=T0 + minutes(6))
    assert not Hold.objects.filter(escalation_id=ticket.pk, released_at__isnull=True).exists()
    assert not ticket.tags.exists()
    assert Ticket.objects.get(pk=ticket.pk).team.slug == "first-line"
    assert OutboxMessage.objects.filter(ticket=ticket, topic="warned").count() == 1


def test_a_hold_by_a_rule_forbids_resolving_like_any_other(acting, people):
    ticket = open_ticket(body="A refund, please.", order=order("300"))
    with pytest.raises(Conflict, match="by a rule"):
        moves.resolve(ticket.pk, actor=people.agent, summary="Done.", now=T0 + minutes(1))


def test_all_that_a_rule_asks_for_must_hold_together(people):
    rule(phrases={"en": ["refund"]}, min_order_value=300, condition='channel == "web"', floor=2)
    assert visit(open_ticket(body="A refund, please.", order=order("300"))).floor == 2
    assert visit(open_ticket(body="A refund, please.", order=order("299.99"))).floor == 1
    assert visit(open_ticket(body="A reply, please.", order=order("300"))).floor == 1
    assert visit(open_ticket(body="A refund, please.", order=order("300"), channel="phone")).floor == 1


def test_a_rule_about_the_order_alone_does_not_undo_a_hand_back_at_the_next_message(people):
    rule(condition="order.value > 300", floor=2)
    ticket = open_ticket(order=order("400"))
    assert visit(ticket).floor == 2
    moves.send_down(ticket.pk, actor=people.specialist, floor=1, justification="nothing for us here", now=T0)
    conversation.customer_message(ticket.pk, body="Hello?", now=T0 + minutes(1))
    assert stand(ticket).floor == 1
    edits.edit(ticket.pk, actor=people.agent, changes={"order": order("450")}, now=T0 + minutes(2))
    assert stand(ticket).floor == 2


def test_a_later_rule_reads_the_risks_that_earlier_ones_found(people):
    rule(condition='"abuse" in risks and customer.earlier_tickets >= 1', floor=3, position=300)
    assert visit(open_ticket(body="You idiots.")).floor == 2
    assert visit(open_ticket(body="You idiots.", now=T0 + minutes(1))).floor == 3


def test_customer_history_counts_strikes_and_worth_and_only_that_customer(people):
    rule(condition="customer.strikes >= 2 and customer.lifetime_value >= 500", floor=2, position=300)
    for n, body in enumerate(["You idiots.", "Idiots again."]):
        open_ticket(body=body, order={"reference": f"A-{n}", "value": {"amount": Decimal("250"), "currency": "EUR"}})
    open_ticket(body="You idiots.", customer_email="other@example.org", order=order("499"))
    assert visit(open_ticket(now=T0 + minutes(1))).floor == 2
    assert visit(open_ticket(now=T0 + minutes(1), customer_email="other@example.org")).floor == 1
    assert visit(open_ticket(now=T0 + minutes(60 * 24 * 366))).floor == 1


def test_history_is_read_in_one_query_and_only_when_a_rule_names_it(people):
    def history_queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            conversation.customer_message(ticket.pk, body="Any news?", now=T0)
        return sum('"strike"' in query["sql"] for query in seen.captured_queries)

    ticket = open_ticket()
    assert history_queries() == 0
    rule("one", condition='"news" in text and customer.strikes > 3', floor=2)
    rule("two", condition='"news" in text and customer.earlier_tickets > 3', floor=2)
    assert history_queries() == 1


def test_a_rule_that_cannot_answer_never_stops_a_ticket_and_is_shown(people, caplog):
    broken = rule("broken", condition="order.weight > 3", floor=3)
    ticket = open_ticket()
    assert visit(ticket).floor == 1
    fault = TriggerFault.objects.get()
    assert (fault.trigger, fault.count) == (broken, 1)
    assert "order.weight" in fault.last_error
    assert "broken" in caplog.text


def test_a_rule_without_floor_or_risk_is_fine_beside_others(people):
    Tag.objects.get_or_create(slug="refund", defaults={"name": "Refund"})
    rule(phrases={"en": ["refund"]}, tags=["refund", "gone"], position=1)
    ticket = open_ticket(body="My lawyer wants a refund.")
    assert visit(ticket).floor == 3
    assert [tag.slug for tag in ticket.tags.all()] == ["refund"]
    assert builders.stand(ticket).risk_flags.count() == 1
