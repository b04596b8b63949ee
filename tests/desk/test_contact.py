"""The ladder against abuse on the desk: each role, and what the ticket shows."""

from datetime import date, timedelta

from escalation.models import ContactStep
from tests.builders import CAST

WHY = "Insulted two colleagues on the phone."


def test_each_role_takes_a_step_where_it_works_and_sees_the_page_where_it_sees_the_ticket(people, brought, visit):
    ticket = brought(2)
    workers = {"specialist", "specialist2", "supervisor", "supervisor2", "risk", "legal"}
    for name in CAST:
        desk = visit(getattr(people, name))
        page = desk.get(f"/desk/tickets/{ticket.pk}/contact/")
        assert page.status_code == (404 if name == "stranger" else 200), name
        answer = desk.post(f"/desk/tickets/{ticket.pk}/contact/", {"step": "1_warned", "reason": WHY})
        assert answer.status_code == (302 if name in workers else 404 if name == "stranger" else 403), name
    assert ContactStep.objects.count() == len(workers)


def test_from_a_warning_to_a_signature_to_lifting(people, brought, visit):
    ticket = brought(2)
    address = f"/desk/tickets/{ticket.pk}/contact/"
    desk = visit(people.specialist)
    asked = {"step": "2_limited", "reason": WHY, "until": date.today() + timedelta(days=30)}
    assert desk.post(address, asked).status_code == 409
    assert desk.post(address, {"step": "1_warned", "reason": "<b>Insulted</b> two colleagues."}).status_code == 302
    assert desk.post(address, asked | {"until": ""}).status_code == 400
    assert desk.post(address, asked).status_code == 302
    step = ContactStep.objects.get(step="2_limited")
    boss = visit(people.supervisor)
    page = boss.get(f"/desk/approvals/{step.approval_id}/").content.decode()
    assert "Sign the step" in page and "<dd>in writing only</dd>" in page
    digest = page.partition('name="digest" value="')[2][:64]
    fields = {"do": "approve", "note": "Read it; it is so.", "digest": digest}
    assert boss.post(f"/desk/approvals/{step.approval_id}/decide/", fields).status_code == 302
    page = boss.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert "in writing only" in page
    page = boss.get(address).content.decode()
    assert "Lift the step" in page and "&lt;b&gt;Insulted" in page and "signed by" in page
    assert boss.post(address, {"of": step.pk, "reason": "They have apologised."}).status_code == 302
    step.refresh_from_db()
    assert step.lifted_by == people.supervisor
