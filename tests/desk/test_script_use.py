"""The weekly table of texts: used, reopened after, moved up after, rated, and not used (P6.2)."""

from datetime import timedelta

from escalation import conversation, moves
from metrics import fridays, ratings, script_use
from tests.builders import CAST, T0, minutes, open_ticket
from tickets.models import Message


def answered(people, script, now=T0, **fields):
    ticket = open_ticket(now=now, **fields)
    conversation.reply(ticket.pk, actor=people.agent, body="Here it is.", script=script, now=now + minutes(1))
    return ticket


def uses(week=None) -> dict:
    span = fridays.span(week or fridays.of(T0))
    return {use.script.slug: use for use in script_use.table(span)}


def test_what_followed_is_counted_from_rows_and_only_after_the_answer(people):
    back = answered(people, "order-status")
    moves.resolve(back.pk, actor=people.agent, summary="Answered", now=T0 + minutes(2))
    ratings.rate(back.pk, score=2, comment="", now=T0 + minutes(3))
    conversation.customer_message(back.pk, body="Not solved", now=T0 + minutes(4))
    up = open_ticket(now=T0)
    moves.escalate(up.pk, actor=people.agent, justification="needs a specialist's eyes", now=T0 + minutes(1))
    conversation.reply(up.pk, actor=people.specialist, body="Hello", script="order-status", now=T0 + minutes(2))
    twice = answered(people, "return-steps")
    conversation.reply(twice.pk, actor=people.agent, body="Once more.", script="return-steps", now=T0 + minutes(2))
    moves.resolve(twice.pk, actor=people.agent, summary="Answered", now=T0 + minutes(3))
    ratings.rate(twice.pk, score=5, comment="", now=T0 + minutes(4))
    climbed = answered(people, "damaged-item")
    moves.escalate(climbed.pk, actor=people.agent, justification="needs a specialist's eyes", now=T0 + minutes(5))
    found = uses()
    status, damaged = found["order-status"], found["damaged-item"]
    assert (status.used, status.reopened, status.moved_up, status.rated, status.rating) == (2, 1, 0, 1, 2)
    assert (damaged.used, damaged.reopened, damaged.moved_up, damaged.rated, damaged.rating) == (1, 0, 1, 0, None)
    assert (found["return-steps"].used, found["return-steps"].rated, found["return-steps"].rating) == (2, 1, 5)
    assert found["your-data"].used == 0 and "jewelry-and-luxury" not in found
    assert uses(fridays.of(T0) + timedelta(days=7))["order-status"].used == 0
    span = fridays.span(fridays.of(T0))
    for slug in ("order-status", "damaged-item", "return-steps", "your-data"):
        assert script_use.of(found[slug].script, span) == found[slug], slug


def test_staff_read_it_week_by_week_and_writers_go_on_to_a_draft(people, visit, django_assert_max_num_queries):
    answered(people, "order-status")
    assert Message.objects.exists()
    for name in CAST:
        desk = visit(getattr(people, name))
        answer = desk.get("/desk/knowledge/use/?week=2026-W47")
        assert answer.status_code == (403 if name == "stranger" else 200), name
        assert ("Draft a change" in answer.content.decode()) == (name in ("policy", "admin")), name
    desk = visit(people.manager)
    desk.get("/desk/knowledge/use/")
    with django_assert_max_num_queries(9):
        page = desk.get("/desk/knowledge/use/?week=2026-W47").content.decode()
    assert "not used" in page and "?week=2026-W46" in page
    for wrong in ("2026-W99", "x", "%00"):
        assert desk.get(f"/desk/knowledge/use/?week={wrong}").status_code == 400
