"""The pages of the workflow's review and of foresight: who reads them, and that each number leads to its rows."""

import csv
import io
import re

import pytest

from escalation import moves
from helpdesk.desk import paging
from metrics import fridays
from metrics.models import Forecast, ForesightModel
from tests.builders import on_floor, open_ticket
from tests.builders import visit as visit_of
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


@pytest.fixture
def foretold(people):
    """Three open tickets of today with chances of 80, 60 and 20 percent, as a model would write them."""
    model = ForesightModel.objects.create(
        trained_at=database_now(), stays=600, missed=200, base_rate=1 / 3, brier=0.1, brier_base=0.2,
        calibration=[[0.0, 0, 0]] * 9 + [[9.5, 10, 9]], cells={"": [600, 200], "1.3": [50, 40]},
    )  # fmt: skip
    found = {}
    for chance in (200, 800, 600):
        ticket = open_ticket(now=None, subject=f"Chance {chance}")
        Forecast.objects.create(
            ticket=ticket, visit=visit_of(ticket), model=model, kind="1.3|0", chance=chance, stays=50, missed=40
        )
        found[chance] = ticket
    return found


def order_of(page: str) -> list[str]:
    return re.findall(r"Chance (\d+)", page.split("<tbody>")[1])


def test_the_queue_can_be_ordered_by_risk(people, visit, foretold, monkeypatch):
    client = visit(people.agent)
    assert order_of(client.get("/desk/?ordering=risk").content.decode()) == ["800", "600", "200"]
    assert order_of(client.get("/desk/?view=foresight").content.decode()) == ["800", "600"]
    monkeypatch.setattr(paging.read, "__kwdefaults__", paging.read.__kwdefaults__ | {"size": 2})
    first = client.get("/desk/?ordering=risk").content.decode()
    assert order_of(first) == ["800", "600"]
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = client.get(following).content.decode()
    assert order_of(second) == ["200"]
    back = re.search(r'rel="prev" href="([^"]+)"', second)[1].replace("&amp;", "&")
    assert order_of(client.get(back).content.decode()) == ["800", "600"]


def test_a_ticket_at_risk_says_why(people, visit, foretold):
    client = visit(people.agent)
    page = client.get(f"/desk/tickets/{foretold[800].pk}/").content.decode()
    assert "At risk: 80" in page
    assert "40 of 50 stays like this one" in page and "three quarters of its time gone, not answered yet" in page
    assert "At risk: " not in client.get(f"/desk/tickets/{foretold[200].pk}/").content.decode()


def test_a_forecast_for_an_earlier_floor_is_not_shown(people, visit, foretold):
    moves.escalate(foretold[800].pk, actor=people.agent, justification="needs a specialist's eyes")
    client = visit(people.specialist)
    assert "At risk: " not in client.get(f"/desk/tickets/{foretold[800].pk}/").content.decode()
    assert order_of(client.get("/desk/?view=foresight").content.decode()) == ["600"]


def test_the_page_shows_forecast_against_fact(people, visit, foretold):
    page = visit(people.agent).get("/desk/foresight/").content.decode()
    assert "Brier score" in page and "90–100" in page and "<circle" in page
