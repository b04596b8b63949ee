"""Saved views: kept filters with counts, for one person or a team, in the order people want."""

import re

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import waiting
from helpdesk import saved_views
from helpdesk.desk import saved
from helpdesk.models import SavedView
from tests import builders
from tests.builders import CAST
from tickets.models import Tag, Team
from tickets.refusals import Conflict


@pytest.fixture
def parcels(people):
    vip = [Tag.objects.get(slug="vip")]
    return [builders.open_ticket(now=timezone.now(), tags=vip if n < 2 else []) for n in range(3)]


def keep(client, query="?tag=vip&after=1.2&nonsense=1", **fields):
    return client.post("/desk/views/", {"name": "Important", "query": query} | fields)


def nav(client, name: str) -> str:
    page = client.get("/desk/clocks/").content.decode()
    found = re.search(rf"<a href=\"([^\"]+)\"[^>]*>(?:(?!</a>).)*{name}(?:(?!</a>).)*</a>", page, re.S)
    return found.group(0) if found else ""


def test_kept_filters_become_a_link_with_a_count(people, parcels, visit):
    client = visit(people.agent)
    answer = keep(client)
    view = SavedView.objects.get()
    assert (view.query, view.owner, view.team) == ("tag=vip", people.agent, None)
    assert answer.url == f"/desk/?tag=vip&saved={view.pk}"
    page = client.get(answer.url)
    assertContains(page, "<title>Important")
    assertNotContains(page, "not understood")
    assert page.content.decode().count("data-row>") == 2
    link = nav(client, "Important")
    assert f'href="/desk/?tag=vip&amp;saved={view.pk}"' in link and ">2</span>" in link


def test_changed_filters_are_said_and_can_be_kept_under_the_same_name(people, parcels, visit):
    client = visit(people.agent)
    keep(client)
    view = SavedView.objects.get()
    address = f"/desk/?tag=vip&floor=1&saved={view.pk}"
    assertContains(client.get(address), "changed")
    assert keep(client, f"?floor=1&saved={view.pk}", saved=view.pk, name="").url == f"/desk/?floor=1&saved={view.pk}"
    view.refresh_from_db()
    assert (view.name, view.query) == ("Important", "floor=1")


def test_a_filter_whose_team_is_gone_says_so(people, parcels, visit):
    night = Team.objects.create(slug="night", name="Night")
    cache.clear()
    client = visit(people.agent)
    page = keep(client, "team=night").url
    night.delete()
    cache.clear()
    assertContains(client.get(page), "not understood, left out")


def test_views_of_a_team_are_for_its_members_and_change_by_supervisors_only(people, parcels, visit):
    client = visit(people.supervisor)
    keep(client, team="first-line")
    view = SavedView.objects.get()
    assert nav(visit(people.agent), "Important")
    assert not nav(visit(people.specialist), "Important")
    got = {}
    for name in CAST:
        with transaction.atomic():
            answer = visit(getattr(people, name)).post(f"/desk/views/{view.pk}/", {"do": "rename", "name": "Mine now"})
            transaction.set_rollback(True)
        got[name] = answer.status_code
    assert got == {
        name: 302 if name in {"supervisor", "supervisor2", "admin"} else 403 if name in {"agent", "agent2"} else 404
        for name in CAST
    }
    assert keep(visit(people.agent), team="first-line").status_code == 403


def test_nobody_touches_the_views_of_somebody_else(people, parcels, visit):
    keep(visit(people.agent))
    pk = SavedView.objects.get().pk
    for name in ("agent2", "supervisor", "admin"):
        assert visit(getattr(people, name)).post(f"/desk/views/{pk}/", {"do": "delete"}).status_code == 404
        assert keep(visit(getattr(people, name)), saved=pk).status_code == 404
    assert SavedView.objects.count() == 1


def test_views_are_renamed_moved_and_deleted(people, parcels, visit):
    client = visit(people.agent)
    for name in ("One", "Two", "Three"):
        keep(client, name=name)
    one, two, three = SavedView.objects.all()

    def names():
        return [view.name for view in SavedView.objects.order_by("position")]

    client.post(f"/desk/views/{three.pk}/", {"do": "up"})
    client.post(f"/desk/views/{one.pk}/", {"do": "up"})
    assert names() == ["One", "Three", "Two"]
    client.post(f"/desk/views/{one.pk}/", {"do": "down"})
    client.post(f"/desk/views/{two.pk}/", {"do": "rename", "name": " Second\n "})
    assert names() == ["Three", "One", "Second"]
    assertContains(client.post(f"/desk/views/{two.pk}/", {"do": "rename", "name": "One"}, follow=True), "already")
    assertContains(client.get("/desk/views/"), "Move Second up")
    client.post(f"/desk/views/{two.pk}/", {"do": "delete"})
    assert names() == ["Three", "One"]
    assert client.post(f"/desk/views/{one.pk}/", {"do": "explode"}, follow=True).status_code == 200
    assert client.post("/desk/views/999999/", {"do": "up"}).status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name_that_fits(name, people, visit):
    answer = visit(people.agent).post("/desk/views/", {"name": name, "query": "floor=1"}, follow=True)
    assert answer.redirect_chain[0][0] == "/desk/?floor=1"
    assert not SavedView.objects.exists()


def test_a_person_keeps_twenty_views_at_most(people):
    for n in range(saved_views.MOST):
        saved_views.save(people.agent, name=f"View {n}", query="")
    with pytest.raises(Conflict):
        saved_views.save(people.agent, name="One more", query="")


def test_the_desk_opens_with_the_chosen_view(people, parcels, visit, client):
    visit(people.agent)
    keep(client)
    pk = SavedView.objects.get().pk
    assert client.get("/").url == "/desk/"
    client.post("/desk/views/open-with/", {"view": "mine"})
    assert client.get("/").url == "/desk/?view=mine"
    client.post("/desk/views/open-with/", {"view": f"saved-{pk}"})
    assert client.get("/").url == f"/desk/?tag=vip&saved={pk}"
    assert client.post("/desk/views/open-with/", {"view": "saved-0"}).status_code == 400
    SavedView.objects.all().delete()
    cache.clear()
    assert client.get("/").url == "/desk/"


def test_counts_say_nothing_of_floor_3_and_are_one_query(people, visit, brought, django_assert_num_queries):
    brought(3)
    brought(1)
    for name in ("agent", "legal"):
        saved_views.save(getattr(people, name), name="All", query="")
        saved_views.save(getattr(people, name), name="Vip", query="tag=vip&view=mine")
        saved_views.save(getattr(people, name), name="Text", query="q=parcel")
        saved_views.save(getattr(people, name), name="Done", query="view=closed")
    waiting.wait(brought(1).pk, actor=people.agent)
    assert [entry.count for entry in saved.entries(people.agent)] == [2, 0, None, None]
    assert [entry.count for entry in saved.entries(people.legal)] == [3, 0, None, None]
    cache.delete(f"saved-views:{people.agent.pk}")
    with django_assert_num_queries(2):
        saved.entries(people.agent)
    with django_assert_num_queries(0):
        saved.entries(people.agent)


def test_a_view_belongs_to_a_person_or_a_team(people):
    for of_whom in ({}, {"owner": people.agent, "team": Team.objects.get(slug="first-line")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(name="Nobody's", **of_whom)
