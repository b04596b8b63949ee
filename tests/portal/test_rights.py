"""The public matrix of rights against policies (P3)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation, decisions, moves
from metrics import adherence
from policies import book, proposals, rights
from policies.models import Right
from tests.builders import open_ticket
from tickets.clock import database_now
from tickets.models import Category
from tickets.refusals import Invalid


def test_anybody_reads_it_in_their_language_and_finds_words_in_it(people, client):
    page = client.get("/help/rights/")
    assertContains(page, "You have the right to a repair")
    assertContains(client.get("/help/"), 'href="/help/rights/"')
    found = client.get("/help/rights/?q=ENGRAVED pieces")
    assertContains(found, "Made to measure")
    assertNotContains(found, "say no to offers")
    assertContains(client.get("/help/rights/?q=<b>unicorn"), "Ask us, and a person answers")
    italian = Client(headers={"Accept-Language": "it"})
    assertContains(italian.get("/help/rights/"), "Ha il diritto alla riparazione")


def test_a_missing_language_shows_the_english_one_and_says_so_to_readers_by_ear(people):
    kind = book.kind("rights")
    row = Right.objects.get(right="opt_out")
    written = kind.write(row) | {"you": {"en": "You may say no."}, "by_channel": {"en": "Phone: say so."}}
    draft = proposals.begin(kind, written, actor=people.policy, now=database_now())
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=database_now())
    page = Client(headers={"Accept-Language": "pt"}).get("/help/rights/")
    assertContains(page, '<strong lang="en">You may say no.</strong>')
    assertContains(page, "say so.")


def test_hostile_words_are_words(people, client):
    kind = book.kind("rights")
    written = {"right": "opt_out", "policy": "credits", "you": {"en": "<script>x</script>"}, "we": {"en": "{{ 7 }}"}}
    draft = proposals.begin(kind, written, actor=people.policy, now=database_now())
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=database_now())
    page = client.get("/help/rights/")
    assertContains(page, "&lt;script&gt;x")
    assertNotContains(page, "<script>x")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"you": {"it": "Solo italiano"}}, "you"),
        ({"you": {"de": "Nein"}}, "you"),
        ({"by_channel": {"en": "no colon here"}}, "by_channel"),
        ({"measure": "mood"}, "measure"),
    ],
)
def test_a_right_that_makes_no_sense_is_refused(people, terms, field):
    written = {"right": "privacy", "policy": "credits", "you": {"en": "You"}, "we": {"en": "We"}} | terms
    with pytest.raises(Invalid) as refusal:
        proposals.begin(book.kind("rights"), written, actor=people.policy, now=database_now())
    assert refusal.value.field == field


def test_how_far_it_is_kept_is_counted_from_tickets(people, client):
    now = timezone.now()
    for minutes in (2, 60):
        ticket = open_ticket(now=now - timedelta(hours=3))
        at = now - timedelta(hours=3) + timedelta(minutes=minutes)
        conversation.reply(ticket.pk, actor=people.legal, body="Here", now=at)
        moves.resolve(ticket.pk, actor=people.legal, summary="Solved", now=at)
    kept = adherence.of("promises", now)
    assert (kept.kept, kept.of, kept.percent) == (1, 2, 50)
    assert adherence.of("signed_moves", now).percent is None
    client.force_login(people.agent)
    kept, unmeasured = (Right.objects.filter(measure=measure).first().pk for measure in ("promises", ""))
    assertContains(client.get(f"/desk/policies/rights/{kept}/"), "Kept in 50 % of 2 cases")
    assertNotContains(client.get(f"/desk/policies/rights/{unmeasured}/"), "Kept in")


def test_a_decision_cites_the_rights_it_rests_on(people):
    ticket, right = open_ticket(now=None), Right.objects.get(right="refunds", policy="credits")
    made = decisions.decide(
        ticket.pk, actor=people.agent, problem="damage", remedy="apology", rationale="It was our mistake",
        rights=[right.pk, 999],
    )  # fmt: skip
    assert list(made.rights.all()) == [right]


def test_a_search_for_answers_finds_rights_too(people, client):
    assertContains(client.get("/help/articles/?q=engraved pieces"), 'href="/help/rights/#refunds"')
    assertNotContains(client.get("/help/articles/?q=unicorn"), "#refunds")
    assertNotContains(client.get("/help/articles/"), "#refunds")


def test_a_ticket_leads_to_the_rights_that_it_touches(people, client):
    client.force_login(people.agent)
    ticket = open_ticket(now=None, category=Category.objects.get(slug="payment"), wish="refund")
    page = client.get(f"/desk/tickets/{ticket.pk}/")
    assertContains(page, '<a href="/help/rights/#pricing">Transparent pricing</a>, <a href="/help/rights/#refunds">')
    page = client.get(f"/desk/tickets/{ticket.pk}/decide/")
    assertContains(page, "applies here", count=3)
    plain = open_ticket(now=None)
    assertNotContains(client.get(f"/desk/tickets/{plain.pk}/"), "/help/rights/#")
    assert rights.applying(["wrong-shipment", "", "abuse", "nonsense"]) == ["respect", "refunds"]
