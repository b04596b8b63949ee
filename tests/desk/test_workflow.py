"""The pages of the workflow's review and of foresight: who reads them, and that each number leads to its rows."""

import csv
import io
import re

import pytest

from escalation import moves
from metrics import fridays
from tests.builders import on_floor, open_ticket
from tickets.clock import database_now

STAFF = ["agent", "specialist", "supervisor", "risk", "legal", "executive", "manager", "policy", "admin"]
PAGES = ["/desk/workflow/", "/desk/workflow/file.csv", "/desk/workflow/behind/stays/", "/desk/foresight/"]


@pytest.fixture
def lively(people):
    """Today: one ticket resolved on Floor 1, one open there, one on Floor 2, one on Floor 3; all came in on Floor 1."""
    done = open_ticket(now=None)
    moves.resolve(done.pk, actor=people.agent, summary="Sent again.")
    open_ticket(now=None)
    now = database_now()
    on_floor(2, people, now=now)
    secret = on_floor(3, people, now=now, subject="The secret ring")
    return secret


@pytest.mark.parametrize("who", STAFF)
def test_everybody_on_the_staff_reads_the_review(people, visit, who):
    client = visit(getattr(people, who))
    assert [client.get(page).status_code for page in PAGES] == [200, 200, 200, 200]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_and_visitors_do_not(people, client, visit, page):
    assert client.get(page).status_code == 302
    assert visit(people.stranger).get(page).status_code == 403


def test_each_number_leads_to_as_many_rows(people, visit, lively):
    client = visit(people.legal)
    page = client.get("/desk/workflow/").content.decode()
    links = re.findall(r'<a href="(/desk/workflow/behind/[^"]+)">(\d+)</a>', page)
    assert len(links) > 20
    for address, count in set(links):
        listed = client.get(address.replace("&amp;", "&")).content.decode()
        assert len(re.findall("<tr data-row>", listed)) == int(count), address


def test_what_is_out_of_sight_is_counted_and_not_shown(people, visit, lively):
    client = visit(people.agent)
    listed = client.get("/desk/workflow/behind/stays/?floor=3").content.decode()
    assert "0 of 1 shown; out of your sight: 1." in listed
    assert "secret" not in listed
    assert "secret" not in client.get("/desk/workflow/").content.decode()


def test_the_file_holds_the_same_counts(people, visit, lively):
    rows = list(csv.DictReader(io.StringIO(visit(people.manager).get(PAGES[1]).content.decode("utf-8-sig"))))
    floors = {row["line"]: row for row in rows if row["table"] == "floor"}
    assert [floors[f"Floor {n}"]["arrivals"] for n in (1, 2, 3)] == ["4", "2", "1"]
    assert floors["All"]["arrivals"] == "7"
    assert floors["Floor 1"]["closed"] == "1" and floors["Floor 1"]["person"] == "2"


def test_filters_narrow_and_nonsense_is_refused_in_words(people, visit, lively):
    client = visit(people.manager)
    page = client.get("/desk/workflow/?floor=2&channel=web&team=specialists")
    assert page.status_code == 200
    assert client.get("/desk/workflow/?channel=phone").content.decode().count("No stay began") == 1
    for query in ("floor=9", "team=unheard", "channel=unheard", "trigger=unheard"):
        assert client.get(f"/desk/workflow/?{query}").status_code == 404, query
    assert client.get("/desk/workflow/behind/weather/").status_code == 404
    assert client.get("/desk/workflow/behind/stays/?fate=eaten").status_code == 404
    assert client.get("/desk/workflow/?week=2999-W01").status_code == 404


def test_a_week_without_stays_says_so(people, visit):
    last = fridays.name(fridays.of(database_now()) - fridays.WEEK)
    page = visit(people.agent).get(f"/desk/workflow/?week={last}").content.decode()
    assert "No stay began" in page


def test_foresight_says_how_much_history_it_takes(people, visit):
    page = visit(people.agent).get("/desk/foresight/").content.decode()
    assert "Not enough history" in page
