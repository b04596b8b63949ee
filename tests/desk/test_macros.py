"""Macros where people meet them: in the composer, in bulk, and where administrators keep them."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from escalation.models import Macro
from policies.models import Script
from tests.builders import CAST
from tickets.models import Tag

PAGE = "/desk/house/macros/"


@pytest.fixture
def macro(people) -> Macro:
    script = Script.objects.in_force().filter(kind=Script.Kind.REPLY).first()
    made = Macro.objects.create(
        slug="broken", name="Broken on arrival", keeper=people.admin, owner="me", script=script.slug
    )
    made.tags.add(Tag.objects.get(slug="vip"))
    return made


def test_its_effects_are_shown_before_it_runs_and_typed_words_stay(people, visit, fresh, macro):
    ticket, client = fresh(), visit(people.agent)
    page = f"/desk/tickets/{ticket.pk}/"
    assertContains(client.get(page), "Broken on arrival")
    shown = client.post(f"{page}write/", {"do": "macro", "macro": "broken", "body": "Dear Carla,"})
    assertContains(shown, "gives the ticket to you")
    assertContains(shown, "Dear Carla,</textarea>")
    ticket.refresh_from_db()
    assert ticket.assignee is None, "looking at it does nothing"
    done = client.post(f"{page}write/", {"do": "run:broken", "body": "Dear Carla,"}, follow=True)
    assertContains(done, "Done: Broken on arrival")
    ticket.refresh_from_db()
    assert ticket.assignee == people.agent and ticket.messages.count() == 1
    body = ticket.drafts.get().body
    assert body.startswith("Dear Carla,") and len(body) > 20
    assertContains(client.get(f"{page}log/"), "macro run: Broken on arrival")


def test_a_refused_one_says_that_nothing_was_done(people, visit, fresh, macro):
    ticket, client = fresh(), visit(people.agent)
    client.post(f"/desk/tickets/{ticket.pk}/do/resolve/", {"words": "It has arrived", "floor": "1"})
    answer = client.post(f"/desk/tickets/{ticket.pk}/write/", {"do": "run:broken", "body": "Dear Carla,"})
    assertContains(answer, "Nothing of the macro", status_code=409)
    assertContains(answer, "Dear Carla,</textarea>", status_code=409)
    assert not ticket.tags.exists()


@pytest.mark.parametrize("fields", [{"do": "macro"}, {"do": "macro", "macro": "no-such"}, {"do": "run:no-such"}])
def test_none_chosen_keeps_the_text(fields, people, visit, fresh):
    answer = visit(people.agent).post(f"/desk/tickets/{fresh().pk}/write/", {"body": "Dear Carla,"} | fields)
    assertContains(answer, "Choose a macro that is offered", status_code=400)
    assertContains(answer, "Dear Carla,</textarea>", status_code=400)


def test_what_is_withdrawn_is_not_offered(people, visit, fresh, macro):
    Macro.objects.update(is_offered=False)
    assertNotContains(visit(people.agent).get(f"/desk/tickets/{fresh().pk}/"), "Broken on arrival")


def test_many_at_once(people, visit, fresh, macro):
    tickets = [fresh().pk for _n in range(2)]
    client = visit(people.agent)
    assertContains(client.post("/desk/bulk/", {"ticket": tickets, "do": "macro"}), "puts on the tag")
    sent = {"ticket": tickets, "do": "macro", "macro": macro.pk, "confirm": "yes"}
    assertContains(client.post("/desk/bulk/", sent, follow=True), "2 changed")


def test_administrators_make_change_and_delete_them(people, visit):
    form = {
        "name": "Lost parcel", "slug": "lost-parcel", "owner": "me", "keeper": people.admin.pk, "is_offered": "on",
    }  # fmt: skip
    got = {name: visit(getattr(people, name)).post(f"{PAGE}new/", form).status_code for name in CAST}
    assert got == {name: 302 if name == "admin" else 403 for name in CAST}
    client = visit(people.admin)
    assertContains(client.get(PAGE), "gives the ticket to you")
    assertContains(client.post(f"{PAGE}lost-parcel/", form | {"owner": ""}), "at least one thing", status_code=400)
    client.post(f"{PAGE}lost-parcel/", form | {"owner": "nobody"})
    assertContains(client.get(f"{PAGE}lost-parcel/"), "owner: me → nobody")
    client.post(f"{PAGE}lost-parcel/", {"do": "delete", "typed": "lost-parcel"})
    assert not Macro.objects.exists()
