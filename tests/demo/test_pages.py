"""The bar and the pages of a demo: what each form does, for whom, and that mail stays here."""

import re

import pytest
from django.core.cache import cache
from django.core.mail import send_mail

from escalation.models import Escalation
from helpdesk.demo import bar, clock, day, mail
from tests.builders import open_ticket
from tests.demo.conftest import TUESDAY
from tickets.models import User

PAGES = ("/demo/", "/demo/outbox/", "/help/", "/help/rights/", "/account/login/")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_the_bar_and_the_virtual_time(demo, client, page):
    text = client.get(page).content.decode()
    assert 'id="demo"' in text and "Tue 08:30" in text
    assert f'name="server-now" content="{TUESDAY.timestamp():.3f}" data-rate="0"' in text


def test_front_door_leads_to_the_tour(demo, client):
    assert client.get("/").url == "/demo/"


def test_visitor_becomes_anybody_without_a_password_and_may_sign_at_once(demo, client):
    client.post("/demo/be/", {"person": "supervisor", "next": "/desk/"})
    page = client.get("/desk/")
    assert page.context["user"].email == "supervisor@example.com"
    assert "You are:" in page.content.decode()
    assert client.get("/desk/me/tokens/").status_code in (200, 404)
    assert client.get("/account/reauthenticate/").status_code in (200, 302)
    assert client.post("/demo/be/", {"person": "stranger"}).status_code == 404


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_forms_of_the_bar_lead_nowhere_else(demo, client, target):
    assert client.post("/demo/run/", {"running": "0", "next": target}).url == "/demo/"


@pytest.fixture
def fraud(demo):
    """A case of Floor 3, and one that everybody sees."""
    open_ticket(now=TUESDAY, subject="Where is my refund")
    return open_ticket(
        now=TUESDAY, subject="Three orders I know nothing about", body="This is fraud. Stop the parcels!"
    )


def test_person_who_may_not_see_the_ticket_lands_on_their_own_desk(fraud, client):
    page = f"/desk/tickets/{fraud.pk}/"
    assert client.post("/demo/be/", {"person": "risk", "next": page}).url == page
    assert client.get(page).status_code == 200
    assert client.post("/demo/be/", {"person": "agent", "next": page}).url == "/desk/"
    lost = client.get(page)
    assert lost.status_code == 404 and 'id="demo"' in lost.content.decode()


def test_pause_continue_and_rate(demo, client):
    client.post("/demo/run/", {"running": "1"})
    assert clock.read().running
    assert client.get("/demo/clock/").json()["rate"] == 30
    client.post("/demo/run/", {"running": "0"})
    assert not clock.read().running
    client.post("/demo/run/", {"rate": "120"})
    assert clock.read()[3:] == (120, True)
    assert client.post("/demo/run/", {"rate": "9999"}).status_code == 404


def test_step_jump_and_reset_are_plain_forms(demo, client):
    client.post("/demo/step/", {"next": "/demo/"})
    assert Escalation.objects.count() == 1
    answer = client.post("/demo/jump/", {"stop": "desk"})
    assert (answer.url, clock.read().virtual_at) == ("/desk/", day.at("09:04", TUESDAY))
    page = client.get("/desk/").content.decode()
    assert "The desk." in page and "role=timer" in page
    text = client.get("/demo/").content.decode()
    assert text.count("is-visited") == 1 and re.search(r"7\s+stops left", text)
    assert client.post("/demo/jump/", {"stop": "moon"}).status_code == 404


def test_jump_back_begins_the_day_again_first(demo, client, monkeypatch):
    asked = []
    monkeypatch.setattr(day, "begin_again", lambda until=None: asked.append(until))
    clock.stand_at(day.at("12:00", TUESDAY))
    client.post("/demo/jump/", {"stop": "desk"})
    client.post("/demo/again/")
    assert asked == [day.at("09:04", TUESDAY), None]


def test_clock_stops_when_nobody_watches_and_says_why(demo, client, monkeypatch):
    clock.change(running=True)
    client.get("/demo/")
    assert bar.pause_unwatched() is False
    cache.set("demo:watched", cache.get("demo:watched") - 121)
    assert bar.pause_unwatched() is True
    assert not clock.read().running
    assert "stopped while nobody watched" in client.get("/demo/").content.decode()
    client.post("/demo/run/", {"running": "1"})
    assert "nobody watched" not in client.get("/demo/").content.decode()


def test_feed_shows_what_the_person_may_see_and_counts_the_rest(fraud, client):
    client.post("/demo/be/", {"person": "agent"})
    text = client.get("/demo/").content.decode()
    assert "Where is my refund" in text and "Three orders I know nothing about" not in text
    assert "out of your sight" in text
    client.post("/demo/be/", {"person": "risk"})
    assert "Three orders I know nothing about" in client.get("/demo/").content.decode()


def test_mail_goes_to_the_outbox_and_its_text_is_shown_as_text(demo, client):
    send_mail("Hello", "<script>alert(1)</script> http://localhost:8000/help/", None, ["carla@example.org"])
    text = client.get("/demo/outbox/").content.decode()
    assert "&lt;script&gt;" in text and "<script>alert" not in text
    assert "carla@example.org" in text
    assert "Hello" not in client.get("/demo/outbox/?to=nobody").content.decode()
    assert mail.letters(limit=5)[0].at == TUESDAY


def test_clock_face_needs_few_queries(demo, client, django_assert_max_num_queries):
    client.get("/demo/clock/")
    with django_assert_max_num_queries(3):
        client.get("/demo/clock/")


def test_people_of_the_bar_are_all_there(demo):
    emails = set(User.objects.values_list("email", flat=True))
    assert {f"{local}@example.com" for local, _who in bar.Bar.people.func(None)} <= emails
