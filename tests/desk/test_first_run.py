"""From an empty database to the first administrator, once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

import metrics.starter
import policies.starter
import tickets.starter
from helpdesk import first_run
from policies import book, reviews
from tests.builders import CAST
from tests.escalation.test_races import together
from tickets.clock import database_now
from tickets.models import HouseChange, Ticket, User

FIELDS = {
    "name": "Ada Martini", "email": "Ada@example.com", "language": "it", "password": "a sentence is easy to keep",
    "again": "a sentence is easy to keep",
}  # fmt: skip


@pytest.fixture
def empty(db):
    """A new house: roles and policies, nobody in it."""
    for content in (tickets.starter, policies.starter, metrics.starter):
        content.load()


def path() -> str:
    return first_run.address().removeprefix("http://localhost:8000")


def test_the_first_administrator_is_made_once(empty, client):
    page = path()
    assertContains(client.get(page), "Your new helpdesk")
    assert client.post(page, FIELDS).url == "/account/login/?next=/desk/house/start/"
    ada = User.objects.get()
    assert (ada.email, ada.roles, ada.is_superuser, ada.language) == ("ada@example.com", {"admin"}, True, "it")
    assert ada.check_password(FIELDS["password"])
    assert [change.action for change in HouseChange.objects.order_by("pk")] == ["invited", "set_up"]
    assert first_run.address() == ""
    assert client.get(page).status_code == 404
    assert client.post(page, FIELDS | {"email": "eve@example.com"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"again": "another sentence to keep"}, {"password": "short", "again": "short"}, {"email": "nobody"}, {"name": ""},
     {"password": "", "again": ""}, {"language": "tlh"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nobody_is_made(wrong, empty, client):
    assert client.post(path(), FIELDS | wrong).status_code == 422
    assert not User.objects.exists()


@pytest.mark.parametrize("key", ["1", "0" * 40, "é", "x" * 500])
def test_a_guessed_address_does_not_exist(key, empty, client):
    assert client.get(f"/first-run/{key}/").status_code == 404


def test_a_house_with_an_administrator_has_no_such_address(people, client):
    assert first_run.address() == ""
    assert client.get(f"/first-run/{first_run._key()}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_made(transactional_db):
    for content in (tickets.starter, policies.starter, metrics.starter):
        content.load()
    password = FIELDS["password"]
    results = together(
        *(
            lambda n=n: first_run.make(name="N", email=f"n{n}@example.com", language="it", password=password).email
            for n in range(3)
        )
    )
    assert results.count("not_found") == 2
    assert User.objects.count() == 1


def test_the_first_steps_are_confirmed_one_by_one(people, visit):
    client = visit(people.admin)
    page = "/desk/house/start/"
    assertContains(client.get(page), "5 steps are left")
    client.post(page, {"letter": "yes"})
    assert mail.outbox[-1].to == ["admin@example.com"]
    for name in ("house", "clocks", "mail", "content"):
        client.post(page, {"done": name})
    assertContains(client.get(page), "1 step is left")
    assert client.post(page, {"done": "people"}).status_code == 404


def test_a_mail_server_that_refuses_is_said(people, visit, settings):
    settings.EMAIL_BACKEND = "nowhere.Backend"
    assertContains(visit(people.admin).post("/desk/house/start/", {"letter": "yes"}, follow=True), "refused")


def test_first_steps_are_for_administrators(people, visit):
    got = {name: visit(getattr(people, name)).post("/desk/house/start/", {"done": "mail"}).status_code for name in CAST}
    assert got == {name: 302 if name == "admin" else 403 for name in CAST}
    assert Client().get("/desk/house/start/").status_code == 302


def test_the_first_administrator_can_load_the_demo_content_and_nobody_later(empty, client):
    boss = first_run.make(name="Ada", email="ada@shop.example", language="en-gb", password="a long enough sentence")
    client.force_login(boss)
    assert "Load demo people" in client.get(reverse("desk:house_start")).content.decode()
    page = client.post(reverse("desk:house_start"), {"demo": "yes"}, follow=True).content.decode()
    password = re.search(r"the password (\S+?)\.<", page)[1]
    assert User.objects.get(email="legal@example.com").check_password(password)
    assert Ticket.objects.count() > 40 and "Load demo people" not in page
    assert client.post(reverse("desk:house_start"), {"demo": "yes"}).status_code == 409


def test_the_first_administrator_answers_for_the_policies_and_looks_at_them_within_a_quarter(empty):
    boss = first_run.make(name="Ada", email="ada@shop.example", language="en-gb", password="a long enough sentence")
    now = database_now()
    for kind in book.KINDS.values():
        for policy in kind.model.objects.in_force(now):
            assert policy.owner == boss and timedelta(80) < policy.review_on - now.date() < timedelta(100), policy
    assert not reviews.overdue(now) and reviews.overdue(now + timedelta(100))
