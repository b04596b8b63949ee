"""Many tickets at once: each alone, by its own verb, with an honest word about each."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from escalation import audit, bulk, holds, moves
from escalation.bulk import Act
from escalation.models import AuditEvent, Escalation
from tests.builders import CAST, on_floor, open_ticket, stand
from tests.escalation.test_races import together
from tickets.clock import database_now
from tickets.models import Category, Tag, Team, Ticket
from tickets.refusals import Invalid

WHY = "a reason that is long enough"


def outcomes(found) -> dict[int, str]:
    return {one.number: one.code or one.outcome for one in found}


@pytest.fixture
def three(people):
    return [open_ticket(now=database_now()).pk for _n in range(3)]


def tags(*slugs):
    return list(Tag.objects.filter(slug__in=slugs))


@pytest.mark.parametrize(
    ("act", "details", "read"),
    [
        (Act.TAKE, {}, lambda t: t.assignee.email == "agent@example.com"),
        (Act.TEAM, {"team": "specialists"}, lambda t: t.team.slug == "specialists"),
        (Act.CATEGORY, {"category": "damage"}, lambda t: t.category.slug == "damage"),
        (Act.ADD_TAGS, {"tags": ["vip"]}, lambda t: [tag.slug for tag in t.tags.all()] == ["vip"]),
        (Act.WAIT, {"reason": "a photo"}, lambda t: t.escalation.visits.get().due_at is None),
        (Act.HOLD, {"reason": WHY}, lambda t: t.escalation.holds.exists()),
        (Act.UP, {"reason": WHY}, lambda t: t.escalation.floor == 2),
        (Act.RESOLVE, {"reason": WHY}, lambda t: t.escalation.floor is None),
    ],
)
def test_each_act_does_what_its_verb_does_with_one_event_each(act, details, read, people, three):
    rows = {"team": Team, "category": Category}
    details = {
        name: rows[name].objects.get(slug=value) if name in rows else tags(*value) if name == "tags" else value
        for name, value in details.items()
    }
    events = AuditEvent.objects.count()
    found = bulk.carry_out(three, actor=people.agent, act=act, details=details)
    assert outcomes(found) == dict.fromkeys(three, "changed")
    assert all(read(Ticket.objects.get(pk=number)) for number in three)
    assert AuditEvent.objects.count() == events + 3
    again = outcomes(bulk.carry_out(three, actor=people.agent, act=act, details=details))
    assert "changed" not in again.values()


def test_what_one_ticket_does_not_allow_skips_that_one_only(people, three):
    held, mine, gone = three
    holds.place(held, actor=people.agent, reason=WHY)
    moves.resolve(gone, actor=people.agent, summary=WHY)
    third = on_floor(3, people, now=database_now()).pk
    second = on_floor(2, people, now=database_now()).pk
    asked = [held, mine, gone, third, second, 999_999]
    found = bulk.carry_out(asked, actor=people.agent, act=Act.RESOLVE, details={"reason": WHY})
    assert outcomes(found) == {
        held: "held", mine: "changed", gone: "resolved", third: "not_found", second: "role", 999_999: "not_found",
    }  # fmt: skip
    assert WHY in next(one.why for one in found if one.number == held)
    found = bulk.carry_out([third, second], actor=people.legal, act=Act.RESOLVE, details={"reason": WHY})
    assert outcomes(found) == {third: "one_by_one", second: "changed"}
    assert stand(Ticket(pk=third)).floor == 3
    assert AuditEvent.objects.filter(ticket_id=held, action="action_blocked").count() == 1
    for number in (held, mine, second):
        assert not list(audit.verify(number))


def test_floor_3_is_asked_for_one_by_one(people):
    ticket = on_floor(2, people, now=database_now())
    found = bulk.carry_out([ticket.pk], actor=people.specialist, act=Act.UP, details={"reason": WHY})
    assert outcomes(found) == {ticket.pk: "one_by_one"}
    assert not stand(ticket).approvals.exists()


@pytest.mark.parametrize(
    ("act", "details"),
    [
        (Act.UP, {}), (Act.UP, {"reason": "short"}), (Act.HOLD, {"reason": ""}), (Act.RESOLVE, {"reason": " "}),
        (Act.ADD_TAGS, {}), (Act.REMOVE_TAGS, {"tags": []}), ("explode", {}),
    ],
)  # fmt: skip
def test_what_would_be_refused_for_all_is_refused_before_the_first(act, details, people, three):
    with pytest.raises(Invalid):
        bulk.carry_out(three, actor=people.agent, act=act, details=details)


@pytest.mark.parametrize("numbers", [[], range(1, 102)])
def test_between_one_and_a_hundred(numbers, people):
    with pytest.raises(Invalid):
        bulk.carry_out(numbers, actor=people.agent, act=Act.TAKE)


def test_each_role_does_in_bulk_what_it_may_do_one_by_one(people):
    on_2 = {"specialist", "supervisor", "risk", "legal"}
    for name in CAST:
        first, second = open_ticket(now=database_now()).pk, on_floor(2, people, now=database_now()).pk
        found = bulk.carry_out([first, second], actor=getattr(people, name), act=Act.RESOLVE, details={"reason": WHY})
        role = name.rstrip("2")
        may = ("changed" if role in on_2 | {"agent"} else "role", "changed" if role in on_2 else "role")
        assert (name, *outcomes(found).values()) == (name, *(("not_found",) * 2 if role == "stranger" else may))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_lose_no_tag_and_do_not_lock_each_other_out(people):
    numbers = [open_ticket(now=database_now()).pk for _n in range(12)]
    vip, refund = tags("vip"), tags("refund")
    results = together(
        lambda: bulk.carry_out(numbers, actor=people.agent, act=Act.ADD_TAGS, details={"tags": vip}),
        lambda: bulk.carry_out(numbers[::-1], actor=people.agent2, act=Act.ADD_TAGS, details={"tags": refund}),
        lambda: bulk.carry_out(numbers, actor=people.supervisor, act=Act.RESOLVE, details={"reason": WHY}),
    )
    assert all(Counter(one.outcome for one in found)["changed"] == 12 for found in results)
    for ticket in Ticket.objects.prefetch_related("tags"):
        assert {tag.slug for tag in ticket.tags.all()} == {"vip", "refund"}
        assert not list(audit.verify(ticket.pk))


@pytest.mark.django_db(transaction=True)
def test_two_who_move_the_same_tickets_up_move_each_once(people):
    numbers = [open_ticket(now=database_now()).pk for _n in range(8)]
    results = together(
        *(
            lambda actor=actor: bulk.carry_out(numbers, actor=actor, act=Act.UP, details={"reason": WHY})
            for actor in (people.specialist, people.supervisor)
        )
    )
    assert Counter(one.outcome for found in results for one in found) == {"changed": 8, "skipped": 8}
    assert AuditEvent.objects.filter(action="moved").count() == 8


@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_somebody_sits_on_is_skipped_and_the_rest_is_done(people):
    busy, free = open_ticket(now=database_now()).pk, open_ticket(now=database_now()).pk

    sits, done = threading.Event(), threading.Event()

    def sit():
        with transaction.atomic():
            Escalation.objects.select_for_update().get(pk=busy)
            sits.set()
            done.wait(10)

    def work():
        sits.wait(10)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '50ms'")
            return outcomes(bulk.carry_out([busy, free], actor=people.agent, act=Act.TAKE))
        finally:
            done.set()

    _none, got = together(sit, work)
    assert got == {busy: "busy", free: "changed"}
