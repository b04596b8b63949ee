"""Bulk actions as a person makes them, without scripts: tick, preview, confirm, result."""

import re

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import holds, moves
from escalation.models import Snooze
from tests import builders
from tickets.models import Ticket

WHY = "a reason that is long enough"


@pytest.fixture
def three(people):
    return [builders.open_ticket(now=timezone.now()).pk for _n in range(3)]


def test_preview_confirm_result_and_the_skipped_ones_again(people, three, visit):
    held = three[0]
    holds.place(held, actor=people.agent2, reason="wait for the police report")
    client = visit(people.agent)
    sent = {"ticket": [*three, "x", 10**30], "do": "resolve", "back": "?view=floor"}
    preview = client.post("/desk/bulk/", sent)
    assertContains(preview, "Resolve 3 tickets")
    assertContains(preview, "on hold")
    assertContains(preview, "checked", count=3)
    assertContains(preview, 'autofocus required id="id_reason"')
    assert not Ticket.objects.filter(escalation__state="resolved").exists()
    empty = client.post("/desk/bulk/", sent | {"confirm": "yes", "reason": ""})
    assert empty.status_code == 400
    done = client.post("/desk/bulk/", sent | {"confirm": "yes", "reason": WHY}, follow=True)
    assert done.redirect_chain == [("/desk/bulk/done/", 302)]
    words = re.sub(r"\s+", " ", done.content.decode())
    assert "2 changed, 1 skipped." in words
    assert "wait for the police report. The hold" in words and f'href="/desk/tickets/{held}/"' in words
    assertContains(done, 'href="/desk/?view=floor"')
    assertContains(client.get("/desk/bulk/done/"), "Select the skipped ones")  # a reload does nothing again
    again = client.post("/desk/bulk/", {"ticket": [held]})
    assertContains(again, "Continue")
    assertContains(again, f'value="{held}"')


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"do": "assign"}, "To whom"), ({"do": "team"}, "Give 3 tickets to a team"), ({"do": "add_tags"}, "Jewelry"),
        ({"do": "category"}, "Damage"), ({"do": "wait"}, "What we wait for"), ({"do": "up"}, "Why they must go up"),
        ({"do": "explode"}, "What to do"), ({}, "What to do"),
    ],
)  # fmt: skip
def test_each_act_asks_for_what_it_needs(fields, words, people, three, visit):
    assertContains(visit(people.agent).post("/desk/bulk/", {"ticket": three} | fields), words)


def test_nothing_ticked_says_what_to_do(people, visit):
    assertContains(visit(people.agent).post("/desk/bulk/", {"do": "resolve", "confirm": "yes"}), "No ticket is ticked")
    assert visit(people.agent).get("/desk/bulk/done/").url == "/desk/"


def test_what_may_not_be_seen_is_not_shown_and_a_hundred_is_the_most(people, brought, visit):
    secret = brought(3, subject="Unmistakable secret")
    page = visit(people.agent).post("/desk/bulk/", {"ticket": [secret.pk], "do": "take"})
    assertNotContains(page, "Unmistakable")
    assertContains(page, "left out")
    many = [builders.open_ticket(now=timezone.now()).pk for _n in range(101)]
    page = visit(people.agent).post("/desk/bulk/", {"ticket": many, "do": "take"})
    assertContains(page, "At most 100 tickets")
    refused = visit(people.agent).post("/desk/bulk/", {"ticket": many, "do": "take", "confirm": "yes"})
    assert refused.status_code == 400
    assert not Ticket.objects.filter(assignee__isnull=False).exists()


def test_the_preview_of_fifty_costs_few_queries(people, visit, django_assert_max_num_queries):
    many = [builders.open_ticket(now=timezone.now()).pk for _n in range(50)]
    client = visit(people.agent)
    client.get("/desk/")
    with django_assert_max_num_queries(9):
        client.post("/desk/bulk/", {"ticket": many, "do": "add_tags"})


def test_the_way_back_cannot_lead_to_another_host(people, three, visit):
    page = visit(people.agent).post("/desk/bulk/", {"ticket": three, "do": "take", "back": "//evil.example"})
    assertNotContains(page, 'href="//evil')


def test_ticked_tickets_are_snoozed_with_an_honest_word_about_each(people, three, visit):
    moves.resolve(three[2], actor=people.agent, summary="It has arrived")
    client = visit(people.agent)
    form = client.post("/desk/bulk/", {"ticket": three, "do": "snooze"})
    assertContains(form, "the customer writes")
    for wrong in ({}, {"until": "never"}, {"until": "exact"}, {"until": "exact", "at": "2001-01-01T10:00"}):
        refused = client.post("/desk/bulk/", {"ticket": three, "do": "snooze", "confirm": "yes"} | wrong)
        assert refused.status_code == 400 and not Snooze.objects.exists()
    confirmed = {"ticket": three, "do": "snooze", "confirm": "yes", "until": "customer"}
    assert client.post("/desk/bulk/", confirmed).status_code == 302
    said = client.session["bulk"]
    assert (said["changed"], [number for number, _why in said["skipped"]]) == (three[:2], three[2:])
    assert set(Snooze.objects.values_list("ticket", "user", "until")) == {(n, people.agent.pk, None) for n in three[:2]}
    client.post("/desk/bulk/", confirmed)
    assert client.session["bulk"]["unchanged"] == three[:2], "it was so already"
    client.post("/desk/bulk/", confirmed | {"until": "3"})
    assert client.session["bulk"]["changed"] == three[:2]
