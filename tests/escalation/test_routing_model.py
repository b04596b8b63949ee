"""Rounds in random stories of a few Floor 2 tickets: nobody waits who could be served, nobody absent keeps a ticket."""

from collections import Counter
from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalation import audit, conversation, routing, sweep, taking_back, waiting
from escalation.models import AuditEvent, FloorVisit
from tests.builders import T0, minutes, on_floor
from tickets import duty
from tickets.models import Duty, Skills, Ticket
from tickets.refusals import Refusal

HOLDS = 2
WHO = st.sampled_from(["specialist", "specialist2"])
STEP = st.one_of(
    st.tuples(st.just("on"), WHO),
    st.tuples(st.just("off"), WHO),
    st.tuples(st.just("seen"), WHO),
    st.tuples(st.just("passes"), st.sampled_from([1, 2, 5])),
    st.tuples(st.sampled_from(["reply", "wait", "write"]), st.integers(0, 2)),
)


def test_rounds_serve_everybody_they_can_and_nobody_absent(people):
    done = Counter()

    @settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(STEP, min_size=10, max_size=25))
    def stories(steps):
        with transaction.atomic():
            done.update(_play(people, steps))
            transaction.set_rollback(True)

    stories()
    assert done["given"] > 100 and done["taken"] > 50, "these stories were not worth telling"


def _play(people, steps) -> Counter:
    now, done = T0, Counter()
    for person in (people.specialist, people.specialist2):
        Skills.objects.create(user=person, capacity=HOLDS)
    duty.come_on(people.specialist, now=now)
    tickets = [on_floor(2, people, now=now) for _n in range(3)]
    # Long enough for several hands, so that the clock does not take all tickets away at once.
    FloorVisit.objects.filter(left_at__isnull=True).update(limit=minutes(30), due_at=now + minutes(30))
    for what, which in steps:
        now += timedelta(seconds=10)
        match what:
            case "on":
                duty.come_on(getattr(people, which), now=now)
            case "off":
                duty.go_off(getattr(people, which), now=now)
            case "seen":
                Duty.objects.filter(user=getattr(people, which), on_duty=True).update(seen_at=now)
            case "passes":
                now += minutes(which)
                sweep.sweep(as_of=now)
            case _:
                _work(people, what, tickets[which].pk, now)
        done["taken"] += taking_back.take_back(now)
        done["given"] += routing.give_out(now)
        _check(now)
    assert list(audit.verify()) == []
    return done


def _work(people, what: str, number: int, now) -> None:
    actor = Ticket.objects.get(pk=number).assignee or people.supervisor
    try:
        if what == "reply":
            conversation.reply(number, actor=actor, body="We look into it.", now=now)
        elif what == "wait":
            waiting.wait(number, actor=actor, now=now)
        else:
            conversation.customer_message(number, body="Any news?", now=now)
    except Refusal:
        pass  # it has climbed, or waits already


def _check(now) -> None:
    running = FloorVisit.objects.filter(left_at__isnull=True, due_at__isnull=False, floor=2)
    running = list(running.select_related("escalation__ticket"))
    present = set(Duty.objects.present(now).values_list("user_id", flat=True))
    load = Counter(visit.escalation.ticket.assignee_id for visit in running)
    free = {person for person in present if load[person] < HOLDS}
    for visit in running:
        ticket = visit.escalation.ticket
        events = AuditEvent.objects.filter(ticket=ticket, action="assigned", at__gte=visit.entered_at)
        if ticket.assignee_id is None:
            let_it_lie = {e.data["from"] for e in events if e.data.get("why") == "idle"}
            assert not free - let_it_lie, "somebody could have been given this ticket"
        else:
            assert ticket.assignee_id in present
            acts = ticket.events.filter(person=ticket.assignee_id) | events.filter(data__to=ticket.assignee_id)
            acts |= ticket.events.filter(action="clock_resumed")
            assert now - acts.order_by("-at").first().at < minutes(5)
