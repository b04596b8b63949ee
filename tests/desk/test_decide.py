"""The decision helper in the ticket's panel: the page's form as a fragment, answered while one types."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from escalation.models import Decision
from tests.builders import stand
from tickets.models import Category

WHY = "The photo shows the crack."
REFUND = {"problem": "damage", "remedy": "refund", "amount": "80", "panel": "yes"}


@pytest.fixture
def panel(people, visit):
    """Return a function that asks for a decision's form as htmx does, from a part of the page."""

    def ask(ticket, fields=None, *, who=people.agent, target=""):
        client, path = visit(who), f"/desk/tickets/{ticket.pk}/decide/"
        sent = {"HX-Request": "true", "HX-Target": target}
        return client.get(path, headers=sent) if fields is None else client.post(path, fields, headers=sent)

    return ask


def test_the_ticket_opens_the_form_in_its_panel_and_links_to_it_without_scripts(people, visit, fresh, panel):
    ticket = fresh(category=Category.objects.get(slug="wrong-shipment"), wish="refund")
    page = visit(people.agent).get(f"/desk/tickets/{ticket.pk}/")
    assertContains(page, f'hx-get="/desk/tickets/{ticket.pk}/decide/"')
    assertContains(page, f'<a href="/desk/tickets/{ticket.pk}/decide/">')
    form = panel(ticket)
    assertNotContains(form, "<html")
    assertContains(form, '<option value="wrong_shipment" selected>')
    assertContains(form, "Name what it costs")
    assertContains(form, "Rights of the customer")
    assertContains(form, '<label for="id_rationale">Why</label>', html=True)


def test_the_matrix_answers_while_one_types_and_nothing_is_decided_by_it(people, fresh, panel):
    ticket = fresh()
    allowed = panel(ticket, REFUND, target="ruling")
    assertContains(allowed, "You may decide this alone")
    assertContains(allowed, "/desk/policies/decision-matrix/")
    assertContains(allowed, 'id="alike" hx-swap-oob="true"')
    assertNotContains(allowed, "<form")
    assertContains(panel(ticket, REFUND | {"amount": "180"}, target="ruling"), "A review starts when you decide.")
    assertContains(panel(ticket, REFUND | {"amount": "-"}, target="ruling"), "Enter a number", status_code=422)
    assert not Decision.objects.exists()


def test_a_decision_from_the_panel_leads_back_to_the_ticket(people, fresh, panel):
    ticket = fresh()
    done = panel(ticket, REFUND | {"do": "decide", "rationale": WHY, "reply": "Dear Carla", "resolve": "on"})
    assert done["HX-Redirect"] == f"/desk/tickets/{ticket.pk}/"
    assert stand(ticket).state == "resolved" and Decision.objects.get().amount == 80


def test_a_refused_decision_is_drawn_in_the_panel_with_its_words(people, fresh, panel):
    ticket = fresh()
    refused = panel(ticket, REFUND | {"do": "decide", "reply": "Dear Carla"})
    assertContains(refused, "Dear Carla", status_code=400)
    assert refused["X-Draw"] == "yes"
    for who, status in ((people.manager, 403), (people.stranger, 404)):
        assert panel(ticket, REFUND | {"do": "decide", "rationale": WHY}, who=who).status_code == status
    assertNotContains(panel(ticket, who=people.manager), "<form")
    assert not Decision.objects.exists()


def test_who_cannot_decide_here_is_not_offered_it(people, visit, brought):
    ticket = brought(2)
    assertNotContains(visit(people.agent).get(f"/desk/tickets/{ticket.pk}/"), "Decide on a remedy")
    assertContains(visit(people.specialist).get(f"/desk/tickets/{ticket.pk}/"), "Decide on a remedy")
