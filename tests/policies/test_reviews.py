"""Whoever answers for a policy looks at it again, and says so: it stays, and comes up again a quarter later (P3.3)."""

from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from escalation import reminders
from escalation.models import OutboxMessage
from policies import book, proposals, reviews
from policies.models import PolicyReview, ResponseTime
from tests.builders import T0
from tickets.clock import database_now
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

PROMISES = book.kind("response-times")
DAY = timedelta(days=1)


@pytest.fixture
def due(people) -> ResponseTime:
    ResponseTime.objects.update(review_on=T0.date(), owner=people.policy)
    return ResponseTime.objects.get()


def confirm(policy, actor, **fields):
    said = {"note": "Met in 97 %; nothing to change", "now": T0} | fields
    return reviews.confirm(PROMISES, policy.pk, actor=actor, **said)


def overdue(at) -> list[int]:
    return [policy.pk for kind, policy in reviews.overdue(at) if kind is PROMISES]


def test_it_stays_and_comes_up_again(people, due):
    assert overdue(T0) == [due.pk]
    made = confirm(due, people.policy)
    due.refresh_from_db()
    assert due.review_on == made.next_on == (T0 + 90 * DAY).date() and due.version == 1
    assert overdue(T0 + 89 * DAY) == [] and overdue(T0 + 90 * DAY) == [due.pk]
    confirm(due, people.admin, next_on=(T0 + 10 * DAY).date())
    assert overdue(T0 + 10 * DAY) == [due.pk]
    assert [row.by for row in reviews.of(PROMISES, due)] == [people.admin, people.policy]


def test_its_owner_is_written_to_again_the_next_time(people, due):
    letters = OutboxMessage.objects.filter(topic="policy_review")
    reminders.remind(T0)
    before = letters.count()
    reminders.remind(T0)
    assert letters.count() == before > 0
    confirm(due, people.policy, next_on=(T0 + DAY).date())
    reminders.remind(T0 + DAY)
    assert letters.count() == before + 1


def test_who_says_so_of_what_and_until_when(people, due):
    for name in ("agent", "supervisor", "risk", "manager", "stranger"):
        with pytest.raises(NotAllowed):
            confirm(due, getattr(people, name))
    for wrong in ({"note": " \n"}, {"next_on": (T0 - DAY).date()}, {"next_on": (T0 + 4000 * DAY).date()}):
        with pytest.raises(Invalid):
            confirm(due, people.policy, **wrong)
    with pytest.raises(NotFound):
        reviews.confirm(PROMISES, 10**9, actor=people.policy, note="There is none", now=T0)
    draft = proposals.begin(PROMISES, {"first_response": "PT9M", "resolution": "P1D"}, actor=people.policy, now=T0)
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0)
    with pytest.raises(Conflict):
        confirm(due, people.policy, now=T0 + DAY)
    assert not PolicyReview.objects.exists()


def test_the_page_and_the_api_take_it(people, client, due):
    address = f"/desk/policies/response-times/{due.pk}/"
    client.force_login(people.policy)
    assertContains(client.get(address), "It stays as it is")
    assertContains(client.post(f"{address}reviewed/", {"note": ""}), "This field is required", status_code=400)
    late = client.post(f"{address}reviewed/", {"note": "All of it", "next_on": "2020-01-01"})
    assertContains(late, "between today and ten years", status_code=400)
    assert client.post(f"{address}reviewed/", {"note": "All of it, with the team"}).status_code == 302
    assertContains(client.get(address), "All of it, with the team")
    assert client.post("/desk/policies/response-times/999999/reviewed/", {"note": "x"}).status_code == 404
    body = {"kind": "response-times", "id": due.pk, "note": "Again"}
    made = client.post("/api/v1/policies/reviews/", body, content_type="application/json")
    assert (made.status_code, made.json()["by"]) == (201, people.policy.email)
    assert made.json()["next_on"] == (database_now() + 90 * DAY).date().isoformat()
    client.force_login(people.agent)
    assertNotContains(client.get(address), "Put the review on record")
    assertContains(client.get(address), "All of it, with the team")
    assert client.post(f"{address}reviewed/", {"note": "x"}).status_code == 403
    assert client.post("/api/v1/policies/reviews/", body, content_type="application/json").status_code == 403
    assert len(client.get("/api/v1/policies/reviews/?kind=response-times").json()["results"]) == 2
    client.force_login(people.stranger)
    assert client.get("/api/v1/policies/reviews/").status_code == 403
