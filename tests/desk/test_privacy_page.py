"""The page of a customer's data, and legal holds on the page of a case."""

import pytest

from escalation import holds, moves
from escalation.models import LegalHold
from tests.builders import CAST
from tickets.models import Customer

WHY = "a court has asked for this case"
READERS = {"risk", "legal", "admin"}


@pytest.fixture
def ticket(people, fresh):
    made = fresh()
    moves.resolve(made.pk, actor=people.agent, summary="It came.")
    return made


def page(ticket) -> str:
    return f"/desk/customers/{ticket.customer_id}/privacy/"


def test_page_opens_for_risk_legal_and_administrators_only(people, visit, ticket):
    got = {name: visit(getattr(people, name)).get(page(ticket)).status_code for name in CAST}
    assert got == {name: 200 if name in READERS else 403 for name in CAST}


def test_what_goes_and_what_stays_is_shown_then_erased_with_the_name_typed(people, client, ticket):
    client.force_login(people.legal)
    shown = client.get(page(ticket)).content.decode()
    assert "What stays, and why" in shown and "Erase for good" in shown
    wrong = client.post(page(ticket) + "erase/", {"reason": WHY, "confirm": "Somebody"})
    assert wrong.status_code == 400 and WHY in wrong.content.decode()
    assert client.post(page(ticket) + "erase/", {"reason": WHY, "confirm": "Carla Conti"}).status_code == 302
    assert Customer.objects.get(pk=ticket.customer_id).erased_at
    after = client.get(page(ticket)).content.decode()
    assert "Erase for good" not in after and "Carla" not in after
    old = client.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert "was erased" in old and "Carla" not in old and '<form id="composer"' not in old


def test_open_ticket_stands_in_the_way_in_words(people, visit, ticket, fresh):
    other = fresh()
    desk = visit(people.admin)
    assert f"#{other.pk} is still open" in desk.get(page(ticket)).content.decode()
    assert desk.post(page(ticket) + "erase/", {"reason": WHY, "confirm": "Carla Conti"}).status_code == 409


def test_legal_hold_is_placed_on_the_case_shown_on_the_ticket_and_released_by_two(people, visit, ticket):
    fields = {"reason": WHY, "review_on": "2099-01-01"}
    case = f"/desk/tickets/{ticket.pk}/case/"
    assert visit(people.agent).post(case + "keep/", fields).status_code == 403
    assert visit(people.legal).post(case + "keep/", fields).status_code == 302
    assert "A legal hold keeps it" in visit(people.agent).get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert WHY in visit(people.legal).get(case).content.decode()
    hold = LegalHold.objects.get()
    asked = {"hold": hold.pk, "reason": "the court is done"}
    assert visit(people.legal).post(page(ticket) + "ask/", asked).status_code == 302
    signed = {"hold": hold.pk, "note": "I have read the letter"}
    assert visit(people.legal).post(page(ticket) + "release/", signed).status_code == 403
    assert visit(people.risk).post(page(ticket) + "release/", signed).status_code == 302
    assert visit(people.admin).post(page(ticket) + "keep/", fields).status_code == 403
    assert "A legal hold keeps it" not in visit(people.agent).get(f"/desk/tickets/{ticket.pk}/").content.decode()


def test_copy_is_a_download_for_legal_and_administrators(people, visit, ticket):
    made = visit(people.legal).post(page(ticket) + "copy/")
    assert made.status_code == 200 and "attachment" in made["Content-Disposition"]
    assert visit(people.risk).post(page(ticket) + "copy/").status_code == 403
    assert visit(people.legal).get(page(ticket) + "copy/").status_code == 405


def test_hold_is_given_to_somebody_else_from_the_panel(people, visit, brought):
    ticket = brought(2)
    holds.place(ticket.pk, actor=people.specialist, reason=WHY)
    desk = visit(people.supervisor)
    assert "Give the hold to somebody else" in desk.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    given = desk.post(f"/desk/tickets/{ticket.pk}/do/hold-owner/", {"person": people.specialist2.pk})
    assert given.status_code == 302
    assert ticket.escalation.holds.get().owner == people.specialist2
