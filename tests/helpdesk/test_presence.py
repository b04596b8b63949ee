"""Who else is at a ticket: seen within one poll, forgotten soon, and nobody at all without Redis."""

import pytest
from django.core.cache import cache
from pytest_django.asserts import assertContains, assertNotContains
from redis.exceptions import ConnectionError as RedisAway

from helpdesk import presence
from tests.builders import open_ticket, stand

HTMX = {"HX-Request": "true", "HX-Target": "stand"}


@pytest.fixture
def ticket(people):
    return open_ticket()


def test_each_sees_the_others_writers_first_and_never_oneself(people, ticket):
    presence.note(ticket.pk, people.agent)
    presence.note(ticket.pk, people.legal, writing=True)
    seen = presence.note(ticket.pk, people.specialist)
    assert [(person.name, person.writing) for person in seen] == [("Legal", True), ("Agent", False)]
    assert presence.word(seen) == f"{people.legal.pk}w.{people.agent.pk}"
    assert presence.note(ticket.pk + 1, people.specialist) == []


def test_who_gives_no_sign_is_forgotten(people, ticket, monkeypatch):
    presence.note(ticket.pk, people.agent, writing=True)
    now = presence.time.time()
    monkeypatch.setattr(presence.time, "time", lambda: now + 20)
    assert [person.writing for person in presence.note(ticket.pk, people.legal)] == [False]
    monkeypatch.setattr(presence.time, "time", lambda: now + presence.FORGOTTEN_AFTER + 1)
    assert presence.note(ticket.pk, people.specialist)[0].name == "Legal"


def test_the_poll_says_who_came_once(people, ticket, client):
    client.force_login(people.agent)
    poll = f"/desk/tickets/{ticket.pk}/stand/?v={stand(ticket).version}&p="
    assert client.get(poll, headers=HTMX).status_code == 204
    presence.note(ticket.pk, people.agent2)
    answer = client.get(poll, headers=HTMX)
    assertContains(answer, "Agent2 is here")
    assert answer["HX-Reswap"] == "none"
    assert client.get(f"{poll}{people.agent2.pk}", headers=HTMX).status_code == 204
    client.force_login(people.agent2)
    client.post(f"/desk/tickets/{ticket.pk}/draft/", {"body": "Good", "revision": "0"})
    client.force_login(people.agent)
    assertContains(client.get(f"/desk/tickets/{ticket.pk}/"), "Agent2 is writing")


def test_without_redis_nobody_is_shown_and_the_page_works(people, ticket, client, monkeypatch):
    def away(*args, **kwargs):
        raise RedisAway("no route")

    monkeypatch.setattr(cache._cache, "get_client", away)
    assert presence.note(ticket.pk, people.agent) == []
    client.force_login(people.agent)
    assertNotContains(client.get(f"/desk/tickets/{ticket.pk}/"), "is here")
