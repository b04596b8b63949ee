"""A POST that is sent twice does its work once and is answered alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connections
from django.utils import timezone

from helpdesk.models import Answer
from helpdesk.tasks import forget_old_rows
from tests.api.conftest import WHY, Api, new_ticket, opened
from tickets.models import Message, Ticket


@pytest.mark.django_db
def test_the_same_key_and_body_get_the_first_answer_again(house):
    first = house.agent.post("tickets/", new_ticket(), Idempotency_Key="k-1")
    reordered = dict(reversed(new_ticket().items()))
    again = house.agent.post("tickets/", reordered, Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert (first["Location"], first["ETag"]) == (again["Location"], again["ETag"])
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_anything_else_is_409(house):
    number = opened(house.agent)
    house.agent.post("tickets/", new_ticket(), Idempotency_Key="k")
    for path, body in (("tickets/", new_ticket(subject="Other")), (f"tickets/{number}/wait/", {})):
        answer = house.agent.post(path, body, Idempotency_Key="k")
        assert answer.status_code == 409 and answer.data["code"] == "idempotency_key_reused"
    assert Ticket.objects.count() == 2


@pytest.mark.django_db
def test_keys_belong_to_people(house):
    house.agent.post("tickets/", new_ticket(), Idempotency_Key="k")
    assert house.legal.post("tickets/", new_ticket(), Idempotency_Key="k").status_code == 201
    assert Ticket.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "ключ"])
def test_a_key_that_is_none_is_400(house, key):
    answer = house.agent.post("tickets/", new_ticket(), Idempotency_Key=key)
    assert answer.status_code == 400 and answer.data["errors"][0]["field"] == "Idempotency-Key"
    assert not Ticket.objects.exists()


@pytest.mark.django_db
def test_a_refusal_is_an_answer_too_and_what_it_put_on_record_stays(house):
    number = opened(house.agent)
    house.agent.post(f"tickets/{number}/hold/", {"reason": WHY})
    path = f"tickets/{number}/resolve/"
    first = house.agent.post(path, {"summary": "Done"}, Idempotency_Key="k")
    again = house.agent.post(path, {"summary": "Done"}, Idempotency_Key="k")
    assert first.status_code == again.status_code == 409
    assert first.content == again.content and again["Content-Type"] == "application/problem+json"
    actions = [e["action"] for e in house.agent.get(f"tickets/{number}/events/").data["results"]]
    assert actions.count("action_blocked") == 1
    bad = house.agent.post("tickets/", new_ticket(channel="pigeon"), Idempotency_Key="bad")
    assert house.agent.post("tickets/", new_ticket(channel="pigeon"), Idempotency_Key="bad").content == bad.content


@pytest.mark.django_db
def test_it_holds_for_each_post(house, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    number = opened(house.agent)
    for path, body, status in (
        (f"tickets/{number}/messages/", {"body": "Hello", "visibility": "public"}, 201),
        (f"tickets/{number}/hold/", {"reason": WHY}, 200),
        (f"tickets/{number}/hold/release/", {"justification": WHY}, 202),
        (f"tickets/{number}/escalate/", {"justification": WHY}, 200),
    ):
        first = house.agent.post(path, body, Idempotency_Key=path)
        again = house.agent.post(path, body, Idempotency_Key=path)
        assert first.status_code == again.status_code == status, first.content
        assert first.content == again.content
    assert Message.objects.filter(ticket=number).count() == 2
    other = opened(house.agent)
    for _turn in range(2):
        file = SimpleUploadedFile("a.txt", b"content")
        answer = house.agent.upload(f"tickets/{other}/attachments/", {"file": file}, Idempotency_Key="file")
        assert answer.status_code == 201
    changed = SimpleUploadedFile("a.txt", b"other content")
    assert (
        house.agent.upload(f"tickets/{other}/attachments/", {"file": changed}, Idempotency_Key="file").status_code
        == 409
    )


@pytest.mark.django_db
def test_after_24_hours_a_key_is_new_and_the_row_is_forgotten(house):
    house.agent.post("tickets/", new_ticket(), Idempotency_Key="k")
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    house.agent.post("tickets/", new_ticket(), Idempotency_Key="k")
    assert Ticket.objects.count() == 1 and forget_old_rows() == 0
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert house.agent.post("tickets/", new_ticket(subject="Other"), Idempotency_Key="k").status_code == 201
    assert Ticket.objects.count() == 2
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert forget_old_rows() == 1 and not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_identical_posts_at_once_are_one_effect_and_one_answer(committed_house):
    token = committed_house.agent.token

    def send(_turn):
        close_old_connections()
        try:
            return Api(token=token).post("tickets/", new_ticket(), Idempotency_Key="at-once")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert Ticket.objects.count() == 1 and Answer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_signatures_at_once_are_one_decision(committed_house):
    house = committed_house
    number = opened(house.agent)
    house.agent.post(f"tickets/{number}/escalate/", {"justification": WHY})
    asked = house.specialist.post(f"tickets/{number}/escalate/", {"justification": WHY}).data["id"]
    signers = [house.supervisor, house.second_supervisor, house.legal, house.head_of_risk] * 2

    def sign(api):
        close_old_connections()
        try:
            return Api(token=api.token).post(f"approvals/{asked}/approve/", {"note": WHY}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(sign, signers))
    assert statuses.count(200) == 1
    # A supervisor who comes second no longer sees the ticket: 403 or 404, by who saw it when.
    assert set(statuses) <= {200, 403, 404, 409}
    moves = [e["action"] for e in house.legal.get(f"tickets/{number}/events/").data["results"]].count("moved")
    assert moves == 2


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_version_cannot_both_win(committed_house):
    house = committed_house
    number = opened(house.agent)
    etag = house.agent.get(f"tickets/{number}/")["ETag"]

    def change(turn):
        close_old_connections()
        try:
            body = {"subject": f"Subject {turn}"}
            return Api(token=house.agent.token).patch(f"tickets/{number}/", body, If_Match=etag).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(change, range(8)))
    assert statuses == [200] + [412] * 7
