"""Two people, or a person and the clock, at the same moment: exactly one of them wins.

PROOF=long (`make proof`) runs hundreds of rounds of each race.
"""

import os
import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection, transaction

from escalation import approvals, assignment, audit, conversation, linking, merging, moves, sweep
from escalation.models import Approval, AuditEvent, Escalation, FloorVisit
from policies import floors
from policies.models import FloorLimit
from tests.builders import minutes, on_floor, open_ticket, stand
from tickets.clock import database_now
from tickets.models import Message, Ticket
from tickets.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "a reason long enough for the record"
ROUNDS = 300 if os.environ.get("PROOF") == "long" else 8


def together(*acts) -> list:
    """Run ACTS at the same moment, each on a connection of its own; return results, refusals among them."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act) -> None:
        try:
            barrier.wait(timeout=10)
            results[place] = act()
        except Refusal as refusal:
            results[place] = refusal.code
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    return results


def sound(ticket) -> None:
    """One open stay at most, where the state says; as many events as the version, and the chain whole."""
    here = stand(ticket)
    floors_open = list(FloorVisit.objects.filter(escalation=here, left_at__isnull=True).values_list("floor", flat=True))
    assert floors_open == ([] if here.floor is None else [here.floor])
    assert AuditEvent.objects.filter(ticket=ticket).count() == here.version
    assert not list(audit.verify(ticket.pk))


def waiting_until(moment, act):
    """Return ACT, begun at MOMENT of this machine's clock, which is the database's too."""

    def later():
        time.sleep(max(0, moment.timestamp() - time.time()))
        return act()

    return later


def test_many_signers_make_one_move(people):
    for _round in range(ROUNDS // 4):
        now = database_now()
        ticket = on_floor(2, people, now=now, customer_email=f"r{_round}@example.org")
        asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)
        signers = [people.supervisor, people.supervisor2, people.risk, people.legal] * 2
        results = together(*(lambda s=s, a=asked: approvals.approve(a.pk, actor=s, note=WHY).state for s in signers))
        assert Counter(str(result) for result in results)["approved"] == 1, results
        assert FloorVisit.objects.filter(escalation_id=ticket.pk, floor=3).count() == 1
        sound(ticket)


def test_signature_within_50_ms_of_the_deadline_is_one_move(people):
    chance = random.Random(50)
    won = Counter()
    for _round in range(ROUNDS):
        now = database_now()
        due = now + timedelta(milliseconds=90)
        ticket = on_floor(2, people, now=due - minutes(10), customer_email=f"r{_round}@example.org")
        asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=due - minutes(9))
        moments = [due + timedelta(milliseconds=chance.uniform(-50, 50)) for _act in range(3)]
        together(
            waiting_until(moments[0], lambda a=asked: approvals.approve(a.pk, actor=people.supervisor, note=WHY)),
            waiting_until(moments[1], sweep.sweep),
            waiting_until(max(moments[2], due), sweep.sweep),
        )
        assert FloorVisit.objects.filter(escalation_id=ticket.pk, floor=3).count() == 1
        moved = AuditEvent.objects.filter(ticket=ticket, action="moved", floor_to=3).get()
        state = Approval.objects.get(pk=asked.pk).state
        assert (moved.by == "clock") == (state == "overtaken")
        assert moved.by != "clock" or moved.at >= due
        won[moved.by] += 1
        sound(ticket)
    assert len(won) == 2 or ROUNDS < 50, f"the race was none: {won}"


def test_two_sweeps_climb_each_ticket_once(people):
    now = database_now()
    for n in range(60):
        open_ticket(now=now - minutes(15), customer_email=f"c{n}@example.org")
    results = together(*(lambda: sweep.sweep(batch=7) for _n in range(4)))
    assert sum(results) == 60
    assert FloorVisit.objects.filter(floor=2).count() == 60
    assert AuditEvent.objects.filter(action="moved").count() == 60
    assert not list(audit.verify())


def test_resolving_at_the_deadline_never_leaves_an_open_clock(people):
    for n in range(ROUNDS):
        ticket = open_ticket(now=database_now() - minutes(15), customer_email=f"c{n}@example.org")
        together(
            lambda t=ticket: moves.resolve(t.pk, actor=people.specialist, summary="Solved."),
            sweep.sweep,
        )
        assert stand(ticket).state == "resolved"
        sound(ticket)


def test_words_that_cross_a_resolution_are_kept_and_never_answered_by_silence(people):
    """A customer writes while somebody resolves: the words are kept, and the ticket is open unless they came first."""
    for n in range(ROUNDS):
        ticket = open_ticket(now=database_now(), customer_email=f"c{n}@example.org")
        together(
            lambda t=ticket: moves.resolve(t.pk, actor=people.agent, summary="Solved."),
            lambda t=ticket: conversation.customer_message(t.pk, body="It is broken again."),
            lambda t=ticket: conversation.reply(t.pk, actor=people.agent2, body="We are on it."),
        )
        bodies = list(Message.objects.filter(ticket=ticket).values_list("body", flat=True))
        assert bodies.count("It is broken again.") == 1
        order = list(AuditEvent.objects.filter(ticket=ticket).order_by("seq").values_list("action", "by"))
        resolved = [place for place, (action, _by) in enumerate(order) if action == "resolved"]
        wrote = [place for place, (_action, by) in enumerate(order) if by == "customer"]
        if resolved and wrote and wrote[-1] > resolved[-1]:
            assert stand(ticket).state != "resolved"
        sound(ticket)


def test_frozen_reader_does_not_stop_the_clock_and_an_open_reply_delays_only_itself(people):
    held, free = (open_ticket(now=database_now() - minutes(15), customer_email=f"{n}@example.org") for n in "ab")
    with transaction.atomic():
        Escalation.objects.select_for_update(no_key=True).get(pk=held.pk)
        (swept,) = together(sweep.sweep)
        assert swept == 1
    assert stand(free).floor == 2
    assert sweep.sweep() == 1
    assert stand(held).floor == 2


def test_message_is_inserted_while_its_ticket_is_due(people):
    ticket = open_ticket(now=database_now() - minutes(15))
    with transaction.atomic():
        Message.objects.create(ticket=ticket, body="in the middle of being written")
        (swept,) = together(sweep.sweep)
        assert swept == 1
    assert stand(ticket).floor == 2


def test_two_who_take_the_next_ticket_get_two(people):
    now = database_now()
    tickets = {open_ticket(now=now, customer_email=f"{n}@example.org").pk for n in "ab"}
    taken = together(
        lambda: assignment.take_next(actor=people.agent), lambda: assignment.take_next(actor=people.agent2)
    )
    assert set(taken) == tickets
    assert Ticket.objects.filter(assignee__isnull=False).count() == 2


def test_many_messages_at_once_keep_one_chain(people):
    ticket = open_ticket(now=database_now())
    together(*(lambda n=n: conversation.customer_message(ticket.pk, body=f"message {n}").pk for n in range(8)))
    assert Message.objects.filter(ticket=ticket).count() == 9
    assert stand(ticket).version == AuditEvent.objects.filter(ticket=ticket).count() == 9
    assert not list(audit.verify())


def test_each_of_many_changes_of_a_limit_is_a_version(people):
    now = database_now()
    lengths = range(20, 26)
    together(
        *(lambda n=n: floors.change_limit(floor=1, limit=minutes(n), actor=people.policy, now=now) for n in lengths)
    )
    assert FloorLimit.objects.filter(floor=1).count() == 1 + len(lengths)
    assert FloorLimit.objects.filter(floor=1, valid_until__isnull=True).count() == 1


def test_merging_both_ways_at_once_makes_one_of_them_and_no_deadlock(people):
    for n in range(20):
        one, other = (open_ticket(now=database_now(), customer_email=f"m{n}@example.org") for _end in "ab")
        results = together(
            lambda a=one, b=other: merging.merge(a.pk, into=b.pk, actor=people.agent, reason=WHY),
            lambda a=one, b=other: merging.merge(b.pk, into=a.pk, actor=people.agent, reason=WHY),
            lambda a=one, b=other: linking.link(a.pk, other=b.pk, kind="caused", actor=people.agent),
        )
        assert sorted(map(str, results[:2])) == ["None", "merged"]
        assert Ticket.objects.filter(pk__in=[one.pk, other.pk], merged_into=None).count() == 1
    assert not list(audit.verify())


def test_merging_against_the_clock_and_a_reply_loses_neither(people):
    for n in range(20):
        late = database_now() - minutes(15)
        one, other = (open_ticket(now=late, customer_email=f"m{n}@example.org") for _end in "ab")
        _merged, said, _swept = together(
            lambda a=one, b=other: merging.merge(a.pk, into=b.pk, actor=people.specialist, reason=WHY),
            lambda a=one: conversation.customer_message(a.pk, body="still waiting").ticket_id,
            sweep.sweep,
        )
        sweep.sweep()
        one.refresh_from_db()
        assert one.merged_into_id == other.pk and stand(one).state == "resolved"
        assert stand(other).floor == 2 and FloorVisit.objects.filter(escalation_id=other.pk, left_at=None).count() == 1
        assert said in (one.pk, other.pk)
        assert Message.objects.in_conversation(other.pk).filter(body="still waiting").count() == 1
    assert not FloorVisit.objects.filter(escalation__state="resolved", left_at=None).exists()
    assert not list(audit.verify())


@pytest.mark.parametrize("moved", ["the one that ends", "the one that lives"])
def test_merging_against_a_move_keeps_the_higher_floor_and_one_clock(people, moved):
    won = Counter()
    for n in range(ROUNDS):
        now = database_now()
        one, other = (open_ticket(now=now, customer_email=f"v{n}@example.org") for _end in "ab")
        up = one if moved == "the one that ends" else other
        _merged, went_up = together(
            lambda a=one, b=other: merging.merge(a.pk, into=b.pk, actor=people.specialist, reason=WHY),
            lambda t=up: moves.escalate(t.pk, actor=people.agent, justification=WHY),
        )
        one.refresh_from_db()
        assert one.merged_into_id == other.pk and stand(one).state == "resolved"
        # A move that came after the end of its ticket is refused; one that came before is not lost.
        assert (stand(other).floor == 2) == (went_up is None), went_up
        assert went_up is None or moved == "the one that ends"
        assert not FloorVisit.objects.filter(escalation_id=one.pk, left_at=None).exists()
        won[went_up] += 1
        sound(one)
        sound(other)
    assert len(won) == (2 if moved == "the one that ends" else 1) or ROUNDS < 50, f"the race was none: {won}"
