"""The published protocol (P1.2) says what is in force, and nothing else."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from escalation import moves
from metrics import fridays, scorecard, targets
from policies import calendars, floors, protocol
from policies.models import ResponseTime
from tests.builders import minutes, open_ticket
from tickets.models import Channel

NINE_TO_ONE = [["09:00", "13:00"]]


@pytest.fixture
def hours(people):
    """The phone is there from nine to one on weekdays, and closed on one day out of turn."""
    now = timezone.now()
    day = now.date() + timedelta(days=(7 - now.weekday()) % 7 or 7)
    draft = calendars.draft(
        slug="phone", name="Phone", zone="Europe/Rome", week=[NINE_TO_ONE] * 5 + [[], []], now=now,
        closures=[{"from": day.isoformat(), "until": day.isoformat(), "why": "Stocktaking"}],
    )  # fmt: skip
    calendar = calendars.put_in_force(draft, actor=people.policy, now=now)
    terms = floors.Terms(minutes(15), calendar, 1 / 3)
    phone = Channel.objects.get(slug="phone")
    floors.put_in_force(floors.Scope(1, channel=phone), terms, actor=people.policy, now=now)
    return day


def test_each_channel_has_its_team_its_hours_and_its_promise(hours, customer):
    ResponseTime.objects.create(
        channel=Channel.objects.get(slug="phone"), first_response=minutes(2), resolution=timedelta(days=2)
    )
    lines = {line.channel.slug: line for line in protocol.in_force()}
    assert lines["phone"].week == [(0, 4, NINE_TO_ONE), (5, 6, [])] and lines["web"].week == []
    assert lines["phone"].closed_from(timezone.localdate()) == [hours]
    page = customer.get("/help/response-times/").content.decode()
    assert "Monday – Friday: 09:00–13:00" in page and "Saturday – Sunday: closed" in page and "at all hours" in page
    assert "First line" in page and "2 minutes" in page and "2 days" in page and "8 minutes" in page
    assert "How we work on a request" in page and "Floor" not in page and "Stocktaking" not in page
    page = customer.get("/help/response-times/", headers={"accept-language": "it"}).content.decode()
    assert "Lunedì – Venerdì".lower() in page.lower() and "Come lavoriamo su una richiesta" in page


def test_it_costs_few_queries(people, customer, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        customer.get("/help/response-times/")


def test_customers_read_what_we_aim_at_and_staff_what_came_of_it(people, customer, client):
    page = customer.get("/help/response-times/").content.decode()
    assert "We aim to solve 80 % of all requests within 24 hours." in page
    assert "For our team" not in page and "script" not in page.split("<main")[1]
    targets.change("resolved_within_24h", value=Decimal("82.5"), reason="Two good quarters", actor=people.manager)
    page = customer.get("/help/response-times/", headers={"accept-language": "it"}).content.decode()
    assert "Vogliamo risolvere entro 24 ore 82,50 richieste su 100" in page
    now = timezone.now()
    ticket = open_ticket(now=now - timedelta(days=8))
    moves.resolve(ticket.pk, actor=people.agent, summary="Sent", now=now - timedelta(days=8) + minutes(5))
    scorecard.publish(fridays.of(now) - fridays.WEEK * 2, now=now)
    client.force_login(people.agent)
    page = client.get("/help/response-times/").content.decode()
    assert "≥ 82.50 %" in page and "≥ 60 %" in page and "Time on this floor" in page and "Specialists" in page
    client.force_login(people.stranger)
    assert "For our team" not in client.get("/help/response-times/").content.decode()
    targets.change("resolved_within_24h", value=None, reason="No target any more", actor=people.manager)
    assert "We aim to solve" not in customer.get("/help/response-times/").content.decode()


def test_every_channel_has_a_team_and_stands_in_the_protocol(people):
    assert {line.channel.slug for line in protocol.in_force()} == set(Channel.objects.values_list("slug", flat=True))
    assert all(line.channel.team for line in protocol.in_force())
