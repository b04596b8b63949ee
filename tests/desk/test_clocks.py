"""Pages about time: why a ticket is due, what a change would mean, and changing it."""

import pytest

from escalation import waiting
from policies.models import Calendar, FloorLimit
from tests.builders import CAST, minutes
from tests.builders import visit as stay
from tickets.models import Channel

CALENDAR = {
    "slug": "office",
    "name": "Office",
    "zone": "Europe/Rome",
    "day0": "09:00-13:00, 14:00-18:00",
    "day5": "22:00 - 06:00",
    "country": "it",
    "subdivision": "rm",
    "closures": "2030-12-24 - 2031-01-06 Winter break\n2031-05-02 Bridge",
}
TERMS = {"floor": "1", "minutes": "20", "warn": "5"}


def test_deadline_page_shows_policy_calendar_pauses_and_steps(people, visit, fresh):
    ticket = fresh()
    waiting.wait(ticket.pk, actor=people.agent, reason="A photo is needed")
    waiting.resume(ticket.pk, actor=people.agent)
    page = visit(people.agent2).get(f"/desk/tickets/{ticket.pk}/deadline/").content.decode()
    for words in ("Floor 1, version 1", "day and night", "A photo is needed", "15 minutes of 15", "Nearly late"):
        assert words in page, words
    assert "disagree" not in page


def test_deadline_page_of_a_paused_clock_says_what_is_left(people, visit, fresh):
    ticket = fresh()
    waiting.wait(ticket.pk, actor=people.agent, reason="A photo is needed")
    page = visit(people.agent).get(f"/desk/tickets/{ticket.pk}/deadline/").content.decode()
    assert "stands still with" in page and "disagree" not in page


def test_deadline_page_is_linked_and_hidden_with_its_ticket(people, visit, fresh, brought):
    ticket = fresh()
    assert (
        f"/desk/tickets/{ticket.pk}/deadline/"
        in visit(people.agent).get(f"/desk/tickets/{ticket.pk}/").content.decode()
    )
    secret = brought(3, customer_email="x@example.org")
    assert visit(people.agent).get(f"/desk/tickets/{secret.pk}/deadline/").status_code == 404


@pytest.mark.parametrize("who", CAST)
def test_who_reads_and_who_changes_clocks(people, visit, who):
    client = visit(getattr(people, who))
    reads = client.get("/desk/clocks/").status_code
    changes = client.post("/desk/clocks/", TERMS | {"apply": "yes"}).status_code
    writes = client.get("/desk/calendars/new/").status_code
    if who in {"policy", "admin"}:
        assert (reads, changes, writes) == (200, 302, 200)
    else:
        assert (reads, changes, writes) == (403 if who == "stranger" else 200, 403, 403)
        assert FloorLimit.objects.filter(floor=1).count() == 1


def test_what_if_is_shown_and_nothing_changes(people, visit, fresh):
    ticket = fresh()
    page = visit(people.policy).post("/desk/clocks/", TERMS | {"try": "yes"})
    assert page.status_code == 200 and "One live ticket" in page.content.decode()
    assert f"#{ticket.pk}" in page.content.decode()
    assert FloorLimit.objects.filter(floor=1).count() == 1
    assert stay(ticket).limit == minutes(15)


def test_put_in_force_exception_and_withdraw_it(people, visit):
    client = visit(people.policy)
    chat = str(Channel.objects.get(slug="chat").pk)
    assert client.post("/desk/clocks/", TERMS | {"channel": chat, "apply": "yes"}).status_code == 302
    made = FloorLimit.objects.get(channel=chat)
    assert (made.limit, made.warn_share, made.created_by) == (minutes(20), 0.25, people.policy)
    page = client.get(f"/desk/clocks/?limit={made.pk}").content.decode()
    assert "Floor 1, Chat" in page and 'value="20"' in page and 'value="5"' in page
    assert client.post(f"/desk/clocks/{made.pk}/withdraw/").status_code == 302
    assert FloorLimit.objects.get(pk=made.pk).valid_until


@pytest.mark.parametrize(
    "fields", [{"minutes": "0"}, {"minutes": "-1"}, {"minutes": "99999"}, {"warn": "20"}, {"floor": "4"}, {"warn": ""}]
)
def test_terms_that_cannot_work_are_said_beside_their_field(people, visit, fields):
    page = visit(people.policy).post("/desk/clocks/", TERMS | fields | {"apply": "yes"})
    assert page.status_code in (400, 422) and "has-errors" in page.content.decode()
    assert FloorLimit.objects.filter(floor=1).count() == 1


def test_calendar_is_written_tried_and_put_in_force(people, visit, fresh):
    fresh()
    client = visit(people.policy)
    assert "0 live tickets" in client.post("/desk/calendars/new/", CALENDAR | {"try": "yes"}).content.decode()
    assert not Calendar.objects.exists()
    assert client.post("/desk/calendars/new/", CALENDAR | {"apply": "yes"}).status_code == 302
    made = Calendar.objects.get()
    assert made.week[0] == [["09:00", "13:00"], ["14:00", "18:00"]] and made.week[5] == [["22:00", "06:00"]]
    assert (made.country, made.subdivision, len(made.closures)) == ("IT", "RM", 2)
    assert client.post("/desk/clocks/", TERMS | {"calendar": "office", "apply": "yes"}).status_code == 302
    fresh(customer_email="b@example.org")
    page = client.get("/desk/calendars/office/").content.decode()
    assert "09:00-13:00, 14:00-18:00" in page and "Winter break" in page
    page = client.post("/desk/calendars/office/", CALENDAR | {"day0": "08:00-20:00", "try": "yes"}).content.decode()
    assert "2 live tickets" in page
    assert client.post("/desk/calendars/office/", CALENDAR | {"day0": "", "apply": "yes"}).status_code == 302
    assert FloorLimit.objects.get(floor=1, valid_until=None).calendar.version == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day0": "nine to five"}, "09:00-13:00"),
        ({"day0": "09:00-14:00, 13:00-18:00"}, "overlap"),
        ({"day0": "", "day5": ""}, "never run out"),
        ({"zone": "Europe/Atlantis"}, "time zone"),
        ({"closures": "tomorrow"}, "Write closures"),
        ({"country": "zz"}, "country"),
    ],
)
def test_calendar_that_cannot_work_is_explained(people, visit, fields, words):
    page = visit(people.policy).post("/desk/calendars/new/", CALENDAR | fields | {"apply": "yes"})
    assert page.status_code == 400 and words in page.content.decode()
    assert not Calendar.objects.exists()
