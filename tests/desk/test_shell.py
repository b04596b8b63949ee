"""The frame of every staff page: theme, keys, navigation and its counts, the time zone of the reader."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from helpdesk.desk.counts import nav_counts
from helpdesk.static_files import MinifiedStaticFilesStorage, minified
from tests.builders import on_floor, open_ticket
from tickets.models import User


@pytest.fixture
def marta(people) -> User:
    return people.agent


def test_theme_and_shortcuts_are_stored_on_the_person_and_drawn_by_the_server(marta, client):
    client.force_login(marta)
    answer = client.post("/desk/preferences/", {"theme": "dark", "shortcuts": "off", "next": "/desk/?view=mine"})
    assert answer.url == "/desk/?view=mine"
    page = client.get("/desk/").content.decode()
    assert 'data-theme="dark"' in page
    assert 'data-shortcuts="off"' in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_preferences_lead_nowhere_else(marta, client, target):
    client.force_login(marta)
    assert client.post("/desk/preferences/", {"theme": "pink", "next": target}).url == "/desk/"
    marta.refresh_from_db()
    assert marta.theme == "system"


def test_a_ticket_is_opened_from_any_page_by_those_who_may(people, client):
    client.force_login(people.manager)
    assert 'href="/desk/tickets/new/" data-key="c"' in client.get("/desk/scorecard/").content.decode()
    client.force_login(people.stranger)
    assert "/desk/tickets/new/" not in client.get("/desk/me/").content.decode()


def test_counts_hide_floor_3_from_those_who_may_not_know(people):
    now = timezone.now()
    open_ticket(now=now)
    on_floor(2, people, now=now)
    on_floor(3, people, now=now)
    assert nav_counts(people.agent)["open"] == 2
    assert nav_counts(people.legal)["open"] == 3
    assert nav_counts(people.stranger)["open"] == 0


def test_counts_tell_late_waiting_and_unassigned_apart(people):
    now = timezone.now()
    open_ticket(now=now)
    open_ticket(now=now - timedelta(minutes=11))
    open_ticket(now=now - timedelta(hours=1))
    counts = nav_counts(people.agent)
    assert (counts["open"], counts["risk"], counts["unassigned"], counts["mine"]) == (3, 2, 3, 0)


def test_times_are_shown_in_the_zone_of_the_reader(marta, client):
    User.objects.filter(pk=marta.pk).update(time_zone="America/New_York")
    client.force_login(marta)
    assert client.get("/desk/").status_code == 200
    User.objects.filter(pk=marta.pk).update(time_zone="Mars/Olympus")
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(("shared", "budget"), [("desk.css", 25 * 1024), ("ux.js", 12 * 1024)])
def test_what_any_page_loads_of_our_own_stays_small(shared, budget):
    static = settings.BASE_DIR / "helpdesk" / "static"
    kind = shared[shared.rfind(".") :]
    sizes = {file.name: len(minified(file.name, file.read_text()).encode()) for file in static.glob(f"*{kind}")}
    base = sizes.pop(shared)
    assert base + max(sizes.values()) <= budget, f"{base} + {sizes}: a page loads {shared} and at most one more"


def test_smaller_style_sheets_mean_the_same():
    text = "@layer parts { .queue:has([data-row] :checked) .bulk { color: red } .a :is(b, c):hover { margin: 0 } }"
    assert minified("x.css", text) == (
        "@layer parts{.queue:has([data-row] *:checked) .bulk{color:red}.a *:is(b,c):hover{margin:0}}"
    )


def test_delivered_files_are_whole_under_the_name_with_the_digest(tmp_path):
    source = FileSystemStorage(settings.BASE_DIR / "helpdesk" / "static")
    collected = MinifiedStaticFilesStorage(location=tmp_path)
    names = ["desk.css", "ux.js", "states.svg"]
    for name in names:
        with source.open(name) as file:
            collected.save(name, file)
    done = collected.post_process({name: (source, name) for name in names})
    found = {name: as_named for name, as_named, _processed in done if not as_named.endswith(".gz")}
    for name in names:
        text = minified(name, (settings.BASE_DIR / "helpdesk" / "static" / name).read_text())
        named = (tmp_path / found[name]).read_text().replace(f'"{found["states.svg"]}"', "states.svg")
        assert named == (tmp_path / name).read_text() == text
