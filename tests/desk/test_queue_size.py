"""A page of the queue stays small: with the rows that the benchmarks time, and with all that rows can say."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks.data import SENTENCES, SUBJECTS
from escalation import assignment, sweep
from escalation.models import FloorVisit
from helpdesk import presence
from tests import builders
from tickets.models import Tag, Ticket, User

AT_MOST = 40 * 1024
"""Bytes of the whole page before it is compressed."""

FIRST = 1_000_001


@pytest.fixture
def fifty(people):
    """Fifty open tickets and some more, with numbers, words and deadlines as `benchmarks.data` makes them."""
    sweep.beat("hand", 0)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE tickets_ticket ALTER COLUMN number RESTART WITH {FIRST}")
    for n in range(FIRST, FIRST + 52):
        builders.open_ticket(
            now=now - timedelta(seconds=n - FIRST),
            subject=f"{SUBJECTS[n % 10]} {n}",
            body=" ".join(SENTENCES[: n % 5]) or "Hello",
            customer_email=f"customer{n}@example.org",
            customer_name=f"Customer {n % 50_000}",
            order={"value": {"amount": "120", "currency": settings.CURRENCY}},
        )
    FloorVisit.objects.update(due_at=now + timedelta(days=365))


def page(client) -> bytes:
    answer = client.get("/desk/").content
    assert answer.count(b"<tr data-row>") == 50
    return answer


@pytest.mark.parametrize("language", ["en-gb", "it", "pt"])
def test_fifty_plain_rows(language, people, visit, fifty):
    User.objects.filter(pk=people.agent.pk).update(language=language)
    assert len(page(visit(people.agent))) <= AT_MOST


def test_fifty_rows_with_tags_owners_marks_and_colleagues_at_them(people, visit, fifty):
    tags = list(Tag.objects.all()[:2])
    for n, ticket in enumerate(Ticket.objects.order_by("pk")):
        ticket.tags.set(tags[: n % 3])
        presence.read_up_to(ticket.pk, people.supervisor, ticket.messages.get().pk - n % 2)
        if n % 2:
            assignment.assign(ticket.pk, actor=people.agent, assignee=people.agent2)
        if n % 10 == 0:
            presence.note(ticket.pk, people.agent)
        if n % 3 == 0:
            Ticket.objects.filter(pk=ticket.pk).update(created_at=timezone.now() - timedelta(minutes=9))
    Ticket.objects.update(customer=Ticket.objects.first().customer)
    answer = page(visit(people.supervisor))
    said = [b"is here", b"reply by", b">new<", b">nobody", b"bought: ", b"<b class=badge>delivery"]
    assert [answer.count(words) for words in said] == [5, 17, 25, 25, 49, 33]
    assert len(answer) <= AT_MOST
