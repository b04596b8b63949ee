"""Who has seen a policy, and what is new to whom."""

from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from policies import book, floors, proposals, sightings
from policies.models import Right, Script, Seen
from tests.builders import minutes
from tickets.clock import database_now

PROMISES = book.kind("response-times")


@pytest.fixture
def published(people):
    now = database_now()
    written = {"first_response": "PT30M", "resolution": "P2D"}
    draft = proposals.begin(PROMISES, written, actor=people.policy, now=now)
    return proposals.publish(draft.pk, actor=people.admin, revision=1, now=now)


def new_to(person, now=None) -> list:
    return [policy for _kind, policy in sightings.new_to(person, now or database_now())]


def test_what_two_people_published_is_new_to_all_others_until_they_open_it(people, published, client):
    assert new_to(people.agent) == [published] == new_to(people.manager)
    assert new_to(people.policy) == [] == new_to(people.admin), "who wrote or published it knows it"
    address = f"/desk/policies/response-times/{published.pk}/"
    client.force_login(people.agent)
    assertContains(client.get("/desk/policies/"), "New to you")
    for _time in range(2):
        assertNotContains(client.get(address), "Not yet:")
    assertNotContains(client.get("/desk/policies/"), "New to you")
    assert Seen.objects.get().by == people.agent and new_to(people.agent) == []
    client.force_login(people.manager)
    assertContains(client.get(address), "Seen by 2 people")
    assertContains(client.get(address), "Not yet:")
    sight = sightings.of(PROMISES, published)
    assert [row.by for row in sight.seen] == [people.agent, people.manager]
    assert people.legal in sight.not_yet and people.agent not in sight.not_yet and people.stranger not in sight.not_yet


def test_each_version_is_seen_anew_and_nothing_is_new_for_ever(people, published):
    now = database_now()
    sightings.note(PROMISES, published, people.agent, now=now)
    urgent = floors.change_limit(floor=1, limit=minutes(20), actor=people.admin, now=now)
    assert new_to(people.agent) == [urgent], "what one person put in force at once is news as well"
    assert set(new_to(people.legal)) == {urgent, published}
    assert new_to(people.legal, now + timedelta(days=31)) == []
    later = floors.change_limit(floor=1, limit=minutes(25), actor=people.admin, now=now + minutes(1))
    assert set(new_to(people.agent, now + minutes(2))) == {later}, "what is over is no news"


def test_the_starter_book_is_no_news_and_a_text_counts_as_seen_where_it_is_read(people, client):
    assert new_to(people.agent) == []
    client.force_login(people.agent)
    client.get("/desk/knowledge/return-an-item/")
    seen = Seen.objects.get()
    assert (seen.kind, seen.version) == ("scripts", Script.objects.get(slug="return-an-item").pk)
    client.force_login(people.stranger)
    assert client.get(f"/desk/policies/rights/{Right.objects.first().pk}/").status_code == 403
    assert Seen.objects.count() == 1


def test_asking_what_is_new_costs_few_queries(people, published, django_assert_max_num_queries):
    now = database_now()
    with django_assert_max_num_queries(3):
        sightings.new_to(people.agent, now)
    with django_assert_max_num_queries(2):
        sightings.new_to(people.admin, now)
