"""A look at a ticket from the queue."""

from pytest_django.asserts import assertContains, assertNotContains

from escalation import conversation
from tests.builders import CAST

HTMX = {"HX-Request": "true"}


def test_peek_shows_first_and_last_words_and_no_notes(people, fresh, visit, django_assert_max_num_queries):
    ticket = fresh()
    conversation.note(ticket.pk, actor=people.agent, body="An internal remark")
    conversation.customer_message(ticket.pk, body="Any news?")
    client = visit(people.agent)
    client.get("/desk/")
    with django_assert_max_num_queries(6):
        page = client.get(f"/desk/tickets/{ticket.pk}/peek/", headers=HTMX)
    for words in ("my parcel should have come on Friday", "Any news?", "Carla Conti", "Open the ticket", "do/mine/"):
        assertContains(page, words)
    assertNotContains(page, "internal remark")
    assertNotContains(visit(people.manager).get(f"/desk/tickets/{ticket.pk}/peek/", headers=HTMX), "do/mine/")


def test_without_scripts_it_is_the_ticket(people, fresh, visit):
    ticket = fresh()
    assert visit(people.agent).get(f"/desk/tickets/{ticket.pk}/peek/").url == f"/desk/tickets/{ticket.pk}/"


def test_peek_hides_what_the_person_may_not_see(people, brought, visit):
    ticket = brought(3)
    see = {"risk", "legal", "executive", "supervisor"}
    for name in CAST:
        answer = visit(getattr(people, name)).get(f"/desk/tickets/{ticket.pk}/peek/", headers=HTMX)
        assert answer.status_code == (200 if name in see else 404), name
