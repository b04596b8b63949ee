"""Drafted response times and opening hours are tried on past tickets before anybody publishes them (P1.2)."""

from datetime import timedelta

import pytest

from escalation import conversation, moves, promise_trial, waiting
from escalation.promise_trial import Outcome
from policies import book, proposals
from tests.builders import T0, minutes, open_ticket
from tests.policies.test_floors import office, put

NOW = T0 + timedelta(days=2)


def draft(people, kind="response-times", **written):
    written = {"first_response": "PT8M", "resolution": "P1D"} | written if kind == "response-times" else written
    return proposals.begin(book.kind(kind), written, actor=people.policy, now=T0)


def answered(people, after: float, **fields):
    ticket = open_ticket(**fields)
    conversation.reply(ticket.pk, actor=people.agent, body="We look into it.", now=T0 + minutes(after))
    return ticket


def tried(row, now=NOW):
    return promise_trial.run(row, since=T0, until=now, now=now)


def test_it_counts_what_would_have_been_kept_and_lists_what_differs(people):
    early, late, never = answered(people, 5), answered(people, 12), open_ticket()
    moves.resolve(early.pk, actor=people.agent, summary="Found.", now=T0 + minutes(60))
    found = tried(draft(people, first_response="PT15M"))
    assert (found.tickets, found.elsewhere, found.left_out) == (3, 1, 0)
    assert (found.today.answered, found.drafted.answered) == ({True: 1, False: 2}, {True: 2, False: 1})
    assert found.today.solved == {True: 1, False: 2}
    assert [(line.ticket.pk, line.before, line.after) for line in found.listed] == [
        (late.pk, Outcome(False, False), Outcome(True, False))
    ]
    assert never.pk not in [line.ticket.pk for line in found.listed]


def test_what_can_still_be_kept_is_neither_kept_nor_missed(people):
    open_ticket()
    found = tried(draft(people, first_response="PT20M"), now=T0 + minutes(10))
    assert (found.today.both, found.drafted.both) == ({False: 1}, {None: 1})


def test_only_tickets_of_channels_that_the_draft_is_about_are_counted(people):
    answered(people, 12, channel="web"), answered(people, 12, channel="chat")
    assert tried(draft(people, channel="chat", first_response="PT15M")).tickets == 1
    assert tried(draft(people, first_response="PT15M")).tickets == 2


def test_waiting_for_the_customer_is_not_counted(people):
    ticket = answered(people, 5)
    waiting.wait(ticket.pk, actor=people.agent, reason="Which parcel?", now=T0 + minutes(6))
    conversation.customer_message(ticket.pk, body="This one.", now=T0 + timedelta(hours=20))
    moves.resolve(ticket.pk, actor=people.agent, summary="Found.", now=T0 + timedelta(hours=21))
    assert tried(draft(people, resolution="PT2H")).drafted.solved == {True: 1}
    assert tried(draft(people, channel="web", resolution="PT30M")).drafted.solved == {False: 1}


def test_drafted_opening_hours_count_from_the_next_opening(people):
    put(people, 15, calendar=office(people))
    answered(people, 12)
    office_hours = book.kind("calendars").current().get()
    written = book.kind("calendars").write(office_hours)
    later = [[["10:05", "18:00"]]] * 5 + [[], []]
    found = tried(draft(people, "calendars", **written | {"week": later}))
    assert (found.today.answered, found.drafted.answered) == ({False: 1}, {True: 1})
    unused = draft(people, "calendars", **written | {"slug": "other", "name": "Other", "week": later})
    assert tried(unused).tickets == 0


def test_it_reads_within_bounds_and_few_queries(people, monkeypatch, django_assert_max_num_queries):
    for after in (5, 9, 12):
        answered(people, after)
    row = draft(people, first_response="PT15M")
    with django_assert_max_num_queries(7):
        tried(row)
    monkeypatch.setattr(promise_trial, "MOST", 2)
    assert (tried(row).tickets, tried(row).left_out) == (2, 1)
    monkeypatch.setattr(promise_trial, "MOST_SECONDS", -1)
    assert (tried(row).tickets, tried(row).left_out) == (0, 3)


@pytest.mark.parametrize(("terms", "means"), [({"floor": 1}, True), ({"floor": 2}, False)])
def test_a_floors_clock_is_tried_where_promises_count_in_its_hours(people, terms, means):
    row = draft(people, "floor-limits", **terms | {"limit": "PT20M"})
    assert promise_trial.means_something(row) == means
    assert not means or tried(row).tickets == 0, "other minutes promise customers nothing else"
