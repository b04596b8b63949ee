"""A prepared query answers what its queryset would, for whatever values and in whatever thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from escalation import access, overview
from tests.builders import T0, cast, open_ticket
from tickets.models import Ticket
from tickets.prepared import prepared
from tickets.refusals import NotFound


@prepared
def _older(with_customer: bool, *, than, number) -> object:
    rows = Ticket.objects.filter(created_at__lt=than).exclude(pk=number).order_by("pk")
    return rows.select_related("customer") if with_customer else rows.values_list("pk", flat=True)


@prepared
def _nothing(*, number) -> object:
    return Ticket.objects.filter(pk=number).none()


def test_values_come_with_each_question_and_shapes_have_queries_of_their_own(db):
    cast()
    first, second, third = (open_ticket(now=T0 + timedelta(minutes=n), subject=f"{n}") for n in range(3))
    assert _older(False, than=T0 + timedelta(minutes=2), number=first.pk) == [second.pk]
    assert _older(False, than=T0 + timedelta(days=1), number=second.pk) == [first.pk, third.pk]
    rows = _older(True, than=T0 + timedelta(minutes=1), number=0)
    assert [(row.subject, row.customer) for row in rows] == [("0", first.customer)]
    assert _nothing(number=first.pk) == []


def test_a_row_that_was_given_out_is_not_given_out_again(db):
    cast()
    ticket = open_ticket()
    (one,), (other,) = (_older(True, than=T0 + timedelta(days=1), number=0) for _ in range(2))
    assert one == other == ticket and one is not other


def test_it_is_written_once_and_asked_on_the_connection_of_its_own_thread(db, django_assert_num_queries):
    cast()
    with django_assert_num_queries(3):
        for number in range(3):
            _older(False, than=T0, number=number)

    def elsewhere() -> list:
        try:
            return _older(False, than=T0 + timedelta(days=99), number=0)
        finally:
            connection.close()

    open_ticket()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(elsewhere).result() == [], "what this thread has not committed"


@pytest.mark.parametrize("role", ["agent", "supervisor", "legal", "executive", "stranger"])
def test_who_sees_a_ticket_is_the_same_as_everywhere(role, people, brought_to):
    person = getattr(people, role)
    for ticket in (brought_to(1), brought_to(3)):
        try:
            seen = overview.ticket(person, ticket.pk) == ticket
        except NotFound:
            seen = False
        assert seen == access.can_see(person, ticket.pk)


@pytest.fixture
def brought_to(people):
    from tests.builders import on_floor

    return lambda floor: on_floor(floor, people)
