"""A ticket that is nearly late is told of once, to people who can still act (P2.5)."""

from datetime import timedelta

import pytest

from escalation import assignment, moves, sweep, waiting
from escalation.models import AuditEvent, FloorVisit, OutboxMessage
from helpdesk import letters
from policies import floors
from policies.floors import Scope, Terms
from tests.builders import T0, minutes, on_floor, open_ticket, stand, visit
from tests.escalation.test_races import together
from tickets.clock import database_now

SECOND = timedelta(seconds=1)


def owed(**about) -> int:
    return OutboxMessage.objects.filter(topic="nearly_late", **about).count()


@pytest.mark.parametrize(("after", "count"), [(minutes(10) - SECOND, 0), (minutes(10), 1), (minutes(15) - SECOND, 1)])
def test_last_third_warns_to_the_second(people, after, count):
    ticket = open_ticket()
    assert sweep.sweep(as_of=T0 + after) == 0
    assert owed(ticket=ticket) == count


def test_each_stay_warns_once(people):
    ticket = open_ticket()
    for after in (10, 11, 14):
        sweep.sweep(as_of=T0 + minutes(after))
    assert (owed(), visit(ticket).warned_at) == (1, T0 + minutes(10))
    sweep.sweep(as_of=T0 + minutes(15))  # a new floor, a new clock, a new warning
    assert (owed(), visit(ticket).warned_at) == (1, None)
    sweep.sweep(as_of=T0 + minutes(22))
    assert owed() == 2


def test_warning_changes_no_version_and_writes_no_event(people):
    ticket = open_ticket()
    before = stand(ticket).version
    sweep.sweep(as_of=T0 + minutes(12))
    assert stand(ticket).version == before == AuditEvent.objects.filter(ticket=ticket).count()


def test_deadline_that_has_passed_is_not_warned_of(people):
    open_ticket()
    assert sweep.sweep(as_of=T0 + minutes(16)) == 1
    assert owed() == 0


def test_clock_that_stands_still_warns_of_nothing_and_resumes_with_its_warning(people):
    ticket = open_ticket()
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(8))
    sweep.sweep(as_of=T0 + minutes(14))
    assert (owed(), visit(ticket).warn_at) == (0, None)
    waiting.resume(ticket.pk, actor=people.agent, now=T0 + minutes(20))
    assert visit(ticket).warn_at == T0 + minutes(22)
    sweep.sweep(as_of=T0 + minutes(22))
    assert owed() == 1


def test_pause_after_the_warning_does_not_bring_a_second_one(people):
    ticket = open_ticket()
    sweep.sweep(as_of=T0 + minutes(10))
    waiting.wait(ticket.pk, actor=people.agent, now=T0 + minutes(11))
    waiting.resume(ticket.pk, actor=people.agent, now=T0 + minutes(60))
    sweep.sweep(as_of=T0 + minutes(62))
    assert owed() == 1


def test_share_of_the_time_is_a_policy_and_nothing_warns_of_nothing(people):
    floors.put_in_force(Scope(1), Terms(minutes(20), None, 0.1), actor=people.policy, now=T0)
    floors.put_in_force(Scope(2), Terms(minutes(20), None, 0), actor=people.policy, now=T0)
    assert visit(open_ticket(now=T0 + SECOND)).warn_at == T0 + SECOND + minutes(18)
    assert visit(on_floor(2, people, now=T0 + SECOND, customer_email="b@example.org")).warn_at is None


def test_look_names_the_nearest_warning_and_forgets_it_once_given(people):
    now = database_now()
    ticket = open_ticket(now=now - minutes(11))
    look = sweep.next_due()
    assert look.warns and not look.due and look.warn_at == now - minutes(1)
    sweep.sweep()
    look = sweep.next_due()
    assert not look.warns and look.warn_at is None and owed(ticket=ticket) == 1


def test_ticket_that_cannot_climb_does_not_ask_for_warnings_for_ever(people):
    ticket = open_ticket(now=database_now() - minutes(16))
    FloorVisit.objects.filter(escalation_id=ticket.pk).update(retry_at=database_now() + minutes(60), failures=1)
    assert not sweep.next_due().warns


@pytest.mark.django_db(transaction=True)
def test_many_sweepers_warn_once(people):
    now = database_now()
    tickets = [open_ticket(now=now - minutes(11), customer_email=f"{n}@example.org") for n in range(20)]
    together(*[lambda: sweep.sweep(batch=3)] * 4)
    assert owed() == len(tickets)
    assert FloorVisit.objects.filter(warned_at__isnull=False).count() == len(tickets)


# --- who is told


def told(mailoutbox) -> set[str]:
    """Send what is owed and return who was warned."""
    letters.relay()
    return {address for mail in mailoutbox if "Due at" in mail.subject for address in mail.to}


def warned(ticket, *, left: int) -> None:
    """Let LEFT minutes be left on the ticket's clock, and sweep."""
    now = database_now()
    FloorVisit.objects.filter(escalation_id=ticket.pk, left_at=None).update(
        due_at=now + minutes(left), warn_at=now - SECOND
    )
    sweep.sweep()


def test_assignee_is_told(people, mailoutbox):
    ticket = open_ticket(now=None)
    assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
    warned(ticket, left=4)
    assert told(mailoutbox) == {"agent2@example.com"}
    assert not any(ticket.subject in mail.subject for mail in mailoutbox if "Due at" in mail.subject)


def test_team_on_the_floor_is_told_when_nobody_has_it(people, mailoutbox):
    warned(open_ticket(now=None), left=4)
    assert told(mailoutbox) == {"agent@example.com", "agent2@example.com"}


def test_supervisors_are_told_when_a_sign_off_is_missing(people, mailoutbox):
    ticket = on_floor(2, people, now=None)
    assignment.assign(ticket.pk, actor=people.specialist, assignee=people.specialist)
    moves.escalate(ticket.pk, actor=people.specialist, justification="possible legal question")
    warned(ticket, left=3)
    assert {"specialist@example.com", "supervisor@example.com", "supervisor2@example.com"} <= told(mailoutbox)
    assert any("signature is still missing" in mail.subject for mail in mailoutbox)


def test_signers_hear_of_a_pending_final_signature_before_the_hour_is_over(people, mailoutbox):
    ticket = on_floor(3, people, now=None)
    moves.resolve(ticket.pk, actor=people.risk, summary="Refund in full.")
    warned(ticket, left=20)
    assert "legal@example.com" in told(mailoutbox)
    assert any("signature is still missing" in mail.subject for mail in mailoutbox)


def test_nobody_is_told_of_what_has_moved_on_meanwhile(people, mailoutbox):
    ticket = open_ticket(now=None)
    warned(ticket, left=4)
    moves.resolve(ticket.pk, actor=people.agent, summary="Solved.")
    assert told(mailoutbox) == set()
