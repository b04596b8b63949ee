"""What the composer suggests when asked: why it fits, inserting it, and saying that it did not help."""

import re
import threading

import pytest
from django.db import connection
from pytest_django.asserts import assertContains, assertNotContains

from escalation import suggestions
from escalation.models import Unhelpful
from metrics import fridays, script_use
from tests.builders import open_ticket
from tests.desk.test_precedents import decide
from tickets.clock import database_now
from tickets.models import Category, Draft
from tickets.refusals import NotAllowed, NotFound

SAID = {"subject": "My parcel arrived broken", "body": "The parcel with the vase arrived broken and damaged on Friday."}


@pytest.fixture
def ticket(fresh):
    return fresh(category=Category.objects.get(slug="damage"), order={"reference": "A-17"}, **SAID)


@pytest.fixture
def press(people, visit, ticket):
    """Return a function that presses a button of the composer without scripts, and gives back the page."""

    def send(do, *, who=people.agent, **fields):
        return visit(who).post(f"/desk/tickets/{ticket.pk}/write/", {"do": do} | fields)

    return send


def body(page) -> str:
    return re.search(r'<textarea[^>]*id="body"[^>]*>(.*?)</textarea>', page.content.decode(), re.S)[1]


def names(page) -> list[str]:
    return re.findall(r'value="insert:((?:script|decision):[\w-]+)"', page.content.decode())


def test_texts_and_decisions_say_why_they_fit(people, press, ticket):
    made = decide(people, ticket=open_ticket(now=None, category=ticket.category, **SAID))
    page = press("suggest", body="Good morning")
    assert body(page) == "Good morning" and Draft.objects.get(ticket=ticket).body == "Good morning"
    found = names(page)
    assert f"decision:{made.pk}" in found and any(name.startswith("script:") for name in found)
    for words in ("same problem", "same category", "words: ", "A-17"):
        assertContains(page, words)
    assert names(press("insert", pick="?")) == found, "the list of texts leads there, too"


def test_a_decision_is_told_colleagues_with_its_ticket_and_customers_without(people, press, ticket):
    other = open_ticket(now=None, category=ticket.category, customer_name="Berta Bauer", **SAID)
    made = decide(people, ticket=other)
    note = body(press(f"insert:decision:{made.pk}", kind="note", body="Look:"))
    assert note.startswith("Look:") and f"[#{other.pk}](http" in note and "EUR" in note
    reply = body(press(f"insert:decision:{made.pk}", kind="reply"))
    assert reply == f"In a case like yours we offer: {made.get_remedy_display()}."
    for wrong in ("decision:0", "decision:x", f"decision:{10**20}", "field:password", "script:nonsense"):
        assert press(f"insert:{wrong}").status_code == 400


def test_a_field_is_put_in_with_its_value_or_stays_to_be_filled_in(people, press, fresh, visit):
    assert body(press("insert:field:order", body="About")) == "About A-17"
    plain = fresh()
    page = visit(people.agent).post(f"/desk/tickets/{plain.pk}/write/", {"do": "insert:field:order"})
    assert body(page) == "{order}"


def test_what_did_not_help_is_suggested_for_this_ticket_no_more_and_counted_once(people, press, ticket, visit, fresh):
    made = decide(people, ticket=open_ticket(now=None, category=ticket.category, **SAID))
    text = next(name for name in names(press("suggest")) if name.startswith("script:"))
    for name in (text, text, f"decision:{made.pk}"):
        assert press(f"unhelpful:{name}", body="Kept").status_code == 200
    assert press(f"unhelpful:{text}", who=people.agent2).status_code == 200
    page = press("suggest")
    assert text not in names(page) and f"decision:{made.pk}" not in names(page)
    fits = re.search(r'<optgroup label="Fits this ticket">(.*?)</optgroup>', page.content.decode(), re.S)
    assert not fits or text.removeprefix("script:") not in fits[1]
    same = fresh(category=ticket.category, **SAID)
    again = visit(people.agent).post(f"/desk/tickets/{same.pk}/write/", {"do": "suggest"})
    assert {text, f"decision:{made.pk}"} <= set(names(again)), "another ticket is another matter"
    assert Unhelpful.objects.count() == 3
    week = fridays.span(fridays.of(database_now()))
    counted = {use.script.slug: use.unhelpful for use in script_use.table(week) if use.unhelpful}
    assert counted == {text.removeprefix("script:"): 2}
    review = visit(people.supervisor).get("/desk/knowledge/use/")
    assertContains(review, 'data-label="Did not help">2</td>')
    assertContains(review, "1 time a suggested decision did not help.")


def test_who_does_not_work_on_the_ticket_says_nothing_about_its_suggestions(people, press, ticket, brought):
    with pytest.raises(NotAllowed):
        suggestions.did_not_help(ticket.pk, actor=people.manager, script="delay")
    with pytest.raises(NotFound):
        suggestions.did_not_help(brought(3).pk, actor=people.agent, script="delay")
    for wrong in ("script:nonsense", "decision:999999", "decision:x", "moon:1"):
        assert press(f"unhelpful:{wrong}").status_code == 400
    assertNotContains(press("suggest", who=people.manager), "Not helpful")
    assert not Unhelpful.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_said_twice_at_once_it_counts_once(people, fresh):
    ticket = fresh()
    slug = script_use.Script.objects.in_force().filter(kind="reply").first().slug

    def say():
        suggestions.did_not_help(ticket.pk, actor=people.agent, script=slug)
        connection.close()

    threads = [threading.Thread(target=say) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Unhelpful.objects.count() == 1


def test_the_next_best_decisions_take_the_place_of_those_that_did_not_help(people, ticket):
    made = [decide(people, ticket=open_ticket(now=None, category=ticket.category, **SAID)).pk for _n in range(5)]
    shown = []
    for left in (3, 3, 3, 2, 1, 0):
        found = [case.decision.pk for case in suggestions.decisions(ticket, people.agent)]
        assert len(found) == left and not set(found) & set(shown)
        if found:
            shown.append(found[0])
            suggestions.did_not_help(ticket.pk, actor=people.agent, decision=found[0])
    assert sorted(shown) == sorted(made)
