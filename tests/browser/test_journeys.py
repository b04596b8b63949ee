"""Whole stories in a real browser, each by the people who live them: Legal's case, a manager's Friday, a refund."""

import csv
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation import moves, sweep
from escalation.models import Decision
from tests.builders import on_floor, open_ticket, stand, visit
from tests.metrics.story import weeks_of_work

pytestmark = pytest.mark.browser

POLLS = 9_000
"""Milliseconds within which an open page has surely asked for news (it asks every 5 s)."""

WHY = "The customer and the shop tell two stories."


@pytest.fixture
def desk(open_browser, transactional_db, people):
    """Return a function that opens the desk for somebody; the clock was just looked at."""
    sweep.beat("hand", 0)
    return lambda name, **how: open_browser(getattr(people, name), **how)


def test_a_case_of_floor_3_from_evidence_to_the_last_signature(desk, people):
    ticket = on_floor(3, people, now=timezone.now() - timedelta(minutes=4))
    risk, legal = desk("risk"), desk("legal")
    risk.goto("/desk/?floor=3")
    risk.get_by_role("link", name=f"#{ticket.pk}").click()
    risk.get_by_role("link", name="Case file").first.click()
    risk.get_by_text("Register evidence").click()
    risk.get_by_label("What it shows, or a statement").fill("The courier's photo shows an open box.")
    risk.get_by_role("button", name="Register it").click()
    expect(risk.locator("main")).to_contain_text("The courier's photo shows an open box.")
    risk.get_by_text("Propose a version").click()
    risk.get_by_role("textbox", name="Decision text").fill("Full refund and an apology.")
    risk.get_by_role("button", name="Propose it").click()
    expect(risk.locator("main")).to_contain_text("Version 1")
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Full refund and an apology.")

    # Who proposed it cannot sign it, and is told who can.
    risk.goto(f"/desk/approvals/{asked.pk}/")
    expect(risk.locator("main")).to_contain_text("somebody else must sign")

    # While Legal reads, the text is changed: the signature is refused, says what changed, and keeps the words.
    legal.goto("/desk/approvals/")
    legal.locator("main [data-row] a").first.click()
    risk.goto(f"/desk/tickets/{ticket.pk}/case/")
    risk.get_by_text("Propose a version").click()
    risk.get_by_role("textbox", name="Decision text").fill("Half a refund.")
    risk.get_by_role("button", name="Propose it").click()
    expect(risk.locator("main")).to_contain_text("Version 2")
    legal.expected.append("409")
    legal.get_by_role("textbox").last.fill("Fits the policy and the law.")
    legal.get_by_role("button", name=re.compile("Sign and resolve")).click()
    expect(legal.get_by_role("alert").first).to_be_visible()
    expect(legal.locator("main")).to_contain_text("Decision text: version 2 by Risk")
    expect(legal.locator("main")).to_contain_text("Fits the policy and the law.")
    assert stand(ticket).state == "floor_3"

    # Asked for again on the new text, it is read and signed, and the case is closed for everybody.
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Half a refund.")
    legal.goto(f"/desk/approvals/{asked.pk}/")
    legal.keyboard.press("y")
    legal.keyboard.type("Fits the policy and the law.")
    legal.keyboard.press("Control+Enter")
    expect(legal.locator("main")).to_contain_text("Signed")
    assert stand(ticket).state == "resolved"


def test_a_refund_within_the_matrix_is_closed_at_once_and_one_beyond_starts_its_review(desk, people):
    small = open_ticket(now=timezone.now(), subject="Broken cup", order={"reference": "A-1"})
    large = open_ticket(now=timezone.now(), subject="Broken vase", order={"reference": "A-2"})
    page = desk("agent")
    for ticket, amount in ((small, "80"), (large, "180")):
        page.goto(f"/desk/tickets/{ticket.pk}/decide/")
        page.get_by_label("Problem").select_option("damage")
        page.get_by_label("Remedy").select_option("refund")
        page.get_by_label("Amount").fill(amount)
        page.locator("#id_rationale").fill("The photo shows the crack.")
        page.get_by_role("button", name="What does the matrix say?").click()
        expect(page.get_by_role("status").first).to_contain_text("You may" if ticket is small else "A review starts")
        assert not Decision.objects.filter(escalation_id=ticket.pk).exists()
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page).not_to_have_url(re.compile("/decide/"))
    assert Decision.objects.get(escalation_id=small.pk).state == "made"
    assert Decision.objects.get(escalation_id=large.pk).state == "pending"
    signer = desk("supervisor")
    signer.goto("/desk/approvals/")
    expect(signer.locator("main")).to_contain_text(f"#{large.pk}")


def test_the_clock_passes_a_pending_signature_and_the_justification_stays_owed(desk, people):
    ticket = on_floor(2, people, now=timezone.now() - timedelta(minutes=5))
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY)
    page = desk("supervisor")
    page.goto("/desk/approvals/")
    page.locator("main [data-row] a").first.click()
    page.get_by_role("textbox").last.fill("Risk and Legal must see this.")
    sweep.sweep(as_of=visit(ticket).due_at)
    page.get_by_role("button", name=re.compile("Approve the move")).click()
    # The move is made already; the words that were typed meanwhile become the justification that was owed.
    expect(page.locator("main")).to_contain_text("The justification is on record.")
    assert stand(ticket).floor == 3
    asked.refresh_from_db()
    assert (asked.state, asked.note) == ("overtaken", "Risk and Legal must see this.")
    assert not asked.justification_owed


def test_a_managers_friday(desk, people):
    weeks_of_work(people, 3)
    page = desk("manager")
    page.goto("/desk/scorecard/?week=2026-W47")
    expect(page.locator("main")).to_contain_text(re.compile(r"\d of 8 on target"))
    page.keyboard.press("4")
    expect(page.get_by_role("heading", level=1)).to_have_text("Resolution time")
    expect(page.get_by_role("table").first).to_contain_text("Resolved")
    page.go_back()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**week=2026-W46*")
    # The published figure on its page is the one in the file.
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}
    assert rows["sla_adherence"]["week"] == "2026-W46"
    page.goto("/desk/scorecard/figures/sla_adherence/?week=2026-W46")
    expect(page.locator(".metric-head .value strong")).to_have_text(f"{float(rows['sla_adherence']['value']):g}")
