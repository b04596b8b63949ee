"""Evidence that stays, decisions within the matrix, notices to authorities, the sealed export, reminders."""

import hashlib
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import DatabaseError

from escalation import (
    approvals,
    audit,
    checklist,
    conversation,
    decisions,
    evidence,
    external,
    holds,
    moves,
    reminders,
    sealed_export,
    sweep,
)
from escalation.models import AuditEvent, Decision, Evidence, OutboxMessage
from helpdesk import letters
from tests.builders import T0, minutes, on_floor, open_ticket, stand
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

WHY = "a reason long enough for the record"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def refund(people, ticket, amount, *, by="agent", at=1, **more):
    details = {"problem": "damage", "remedy": "refund", "rationale": WHY, "amount": Decimal(amount)} | more
    return decisions.decide(ticket.pk, actor=getattr(people, by), now=T0 + minutes(at), **details)


# --- evidence


def test_evidence_is_sealed_by_its_bytes(people):
    ticket = on_floor(2, people)
    photo = SimpleUploadedFile("../ring.jpg", b"\xff\xd8 a ring", content_type="image/jpeg")
    message = ticket.messages.get()
    rows = [
        evidence.add(ticket.pk, actor=people.specialist, file=photo, source="the courier", now=T0),
        evidence.add(ticket.pk, actor=people.specialist, message=message.pk, now=T0),
        evidence.add(ticket.pk, actor=people.specialist, description="Seen on video.", now=T0),
    ]
    sealed = [b"\xff\xd8 a ring", message.body.encode(), b"Seen on video."]
    assert [row.sha256 for row in rows] == [hashlib.sha256(raw).hexdigest() for raw in sealed]
    assert rows[0].name == "ring.jpg" and "ring" not in rows[0].file.name
    cited = AuditEvent.objects.filter(ticket=ticket, action="evidence_added").order_by("seq")
    assert [event.data["sha256"] for event in cited] == [row.sha256 for row in rows]


def test_evidence_is_one_thing_of_this_ticket(people):
    ticket, other = on_floor(2, people), open_ticket(customer_email="other@example.org")
    for wrong in ({}, {"message": other.messages.get().pk}, {"description": " "}):
        with pytest.raises(Invalid):
            evidence.add(ticket.pk, actor=people.specialist, now=T0, **wrong)
    evidence.add(ticket.pk, actor=people.specialist, message=ticket.messages.get().pk, now=T0)
    with pytest.raises(Conflict):
        evidence.add(ticket.pk, actor=people.specialist, message=ticket.messages.get().pk, now=T0)
    with pytest.raises(NotAllowed):
        evidence.add(ticket.pk, actor=people.executive, description="Hm.", now=T0)


@pytest.mark.parametrize("statement", ["UPDATE {} SET description = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_evidence_is_never_changed_or_removed(people, statement):
    ticket = on_floor(2, people)
    evidence.add(ticket.pk, actor=people.specialist, description="Seen on video.", now=T0)
    connection.check_constraints()  # pending foreign keys would refuse a TRUNCATE before the guard does
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(statement.format("escalation_evidence"))
    assert Evidence.objects.get().description == "Seen on video."


def test_the_list_says_what_the_final_signature_lacks(people):
    ticket = on_floor(3, people)
    case = stand(ticket)
    assert [tick.name for tick in checklist.ticks(case) if not tick.done] == ["risks", "evidence", "text", "asked"]
    holds.place(ticket.pk, actor=people.risk, reason=WHY, now=T0)
    assert "hold" in [tick.name for tick in checklist.ticks(case) if not tick.done]


# --- decisions


def test_within_the_matrix_a_decision_holds_at_once(people):
    ticket = open_ticket()
    made = refund(people, ticket, "100.00")
    assert made.state == "made" and made.approval is None
    decided = AuditEvent.objects.get(ticket=ticket, action="decided")
    assert decided.data["amount"] == {"amount": "100.00", "currency": "EUR"} and decided.data["rule"] == {
        "slug": "damage-refund",
        "version": 1,
    }


@pytest.mark.parametrize(("amount", "currency"), [("100.01", "EUR"), ("1.00", "USD")])
def test_beyond_the_matrix_a_review_starts_and_the_customer_is_told(people, amount, currency):
    ticket = open_ticket()
    asked = refund(people, ticket, amount, currency=currency)
    assert asked.state == "pending" and asked.approval.kind == "decision"
    assert OutboxMessage.objects.filter(ticket=ticket, topic="under_review").count() == 1
    with pytest.raises(NotAllowed):
        approvals.approve(asked.approval_id, actor=people.specialist, note=WHY, now=T0 + minutes(2))
    approvals.approve(asked.approval_id, actor=people.supervisor, note=WHY, now=T0 + minutes(2))
    assert Decision.objects.get().state == "made"


def test_an_amount_cannot_be_split_for_one_customer(people):
    first, second = open_ticket(), open_ticket()
    assert refund(people, first, "60").state == "made"
    assert refund(people, second, "40", by="agent2").state == "made"
    assert refund(people, first, "0.01").state == "pending"
    late = open_ticket(now=T0 + timedelta(hours=24))
    assert refund(people, late, "100", at=24 * 60 + 1).state == "made"
    stranger = open_ticket(customer_email="other@example.org")
    assert refund(people, stranger, "100").state == "made"


def test_a_refused_review_gives_nothing(people):
    ticket = open_ticket()
    asked = refund(people, ticket, "500")
    approvals.reject(asked.approval_id, actor=people.supervisor, note=WHY, now=T0 + minutes(2))
    assert Decision.objects.get().state == "rejected" and not AuditEvent.objects.filter(action="decided").exists()


def test_on_floor_3_risk_or_legal_sign_every_decision(people):
    ticket = on_floor(3, people)
    asked = refund(people, ticket, "1", by="risk")
    with pytest.raises(NotAllowed):
        approvals.approve(asked.approval_id, actor=people.supervisor, note=WHY, now=T0 + minutes(2))
    approvals.approve(asked.approval_id, actor=people.legal, note=WHY, now=T0 + minutes(2))


def test_a_hold_blocks_decisions_also_those_asked_for_before(people):
    ticket = open_ticket()
    asked = refund(people, ticket, "500")
    holds.place(ticket.pk, actor=people.agent, reason=WHY, now=T0 + minutes(2))
    for attempt in (
        lambda: refund(people, ticket, "5", at=3),
        lambda: approvals.approve(asked.approval_id, actor=people.supervisor, note=WHY, now=T0 + minutes(3)),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "held"
    assert AuditEvent.objects.filter(action="action_blocked", data__attempted="decide").count() == 2


# --- notices to authorities


def test_a_notice_needs_an_executive_and_has_a_deadline_of_its_own(people):
    ticket = on_floor(3, people)
    notice = external.ask(ticket.pk, actor=people.risk, authority="Data protection", justification=WHY, now=T0)
    assert notice.due_at == T0 + timedelta(hours=72)
    for name in ("legal", "supervisor"):
        with pytest.raises(NotAllowed):
            approvals.approve(notice.approval_id, actor=getattr(people, name), note=WHY, now=T0)
    with pytest.raises(Conflict):
        external.sent(ticket.pk, notice.pk, actor=people.legal, now=T0)
    approvals.approve(notice.approval_id, actor=people.executive, note=WHY, now=T0 + minutes(1))
    sent = external.sent(ticket.pk, notice.pk, actor=people.legal, reference="DP 12", now=T0 + minutes(2))
    assert (sent.state, sent.reference) == ("sent", "DP 12")
    assert not list(audit.verify())


def test_a_hold_blocks_a_notice_that_was_signed_before(people):
    ticket = on_floor(3, people)
    notice = external.ask(ticket.pk, actor=people.risk, authority="Police", justification=WHY, now=T0)
    approvals.approve(notice.approval_id, actor=people.executive, note=WHY, now=T0)
    holds.place(ticket.pk, actor=people.risk, reason=WHY, now=T0)
    with pytest.raises(Conflict) as refusal:
        external.sent(ticket.pk, notice.pk, actor=people.risk, now=T0)
    assert refusal.value.code == "held"


def test_authorities_are_told_about_cases_on_floor_3(people):
    with pytest.raises(Conflict):
        external.ask(on_floor(2, people).pk, actor=people.risk, authority="Police", justification=WHY, now=T0)


# --- the sealed export


def unpacked(people, ticket, tmp_path):
    made, digest = sealed_export.make(ticket.pk, actor=people.legal, now=T0 + minutes(9))
    zipfile.ZipFile(made).extractall(tmp_path)
    return tmp_path / f"case-{ticket.pk}", digest


def check(folder, *args) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", folder / "verify.py", *args], capture_output=True, text=True, cwd="/", timeout=60
    )
    return done.returncode, done.stdout


def test_an_export_checks_itself_without_us_and_finds_what_was_changed(people, tmp_path):
    ticket = on_floor(3, people)
    evidence.add(ticket.pk, actor=people.risk, file=SimpleUploadedFile("a.pdf", b"%PDF"), now=T0)
    evidence.add(ticket.pk, actor=people.risk, description="Gesehen: Müller\n\u2028", now=T0)
    conversation.customer_message(ticket.pk, body="Here", files=[SimpleUploadedFile("b.txt", b"bill")], now=T0)
    asked = moves.resolve(ticket.pk, actor=people.risk, summary="Refund.", now=T0 + minutes(2))
    approvals.approve(asked.pk, actor=people.legal, note=WHY, now=T0 + minutes(3))
    folder, digest = unpacked(people, ticket, tmp_path)
    assert check(folder, digest) == (0, "Everything in this export is as it was sealed.\n")
    assert AuditEvent.objects.get(ticket=ticket, action="exported").data == {"manifest_sha256": digest}

    trail = folder / "trail.jsonl"
    whole = trail.read_text()
    trail.write_text(whole.replace("Refund.", "Nothing."))
    code, said = check(folder)
    assert code == 1 and "trail.jsonl was changed" in said and "its content was changed after it was sealed" in said
    trail.write_text(whole)
    (folder / "attachments").rename(folder / "gone")
    assert "is missing" in check(folder)[1] and "is not part of this export" in check(folder)[1]
    (folder / "gone").rename(folder / "attachments")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert check(folder)[0] == 0
    assert check(folder, digest) == (1, "manifest.json is not the one on record\n")


def test_only_risk_and_legal_export(people):
    ticket = on_floor(3, people)
    for name in ("supervisor", "executive"):
        with pytest.raises(NotAllowed):
            sealed_export.make(ticket.pk, actor=getattr(people, name), now=T0)
    for name in ("agent", "admin", "stranger"):
        with pytest.raises(NotFound):
            sealed_export.make(ticket.pk, actor=getattr(people, name), now=T0)
    assert not AuditEvent.objects.filter(action="exported").exists()


# --- reminders


def owed(ticket) -> list[str]:
    topics = ("signature_reminder", "next_in_line", "justification_owed", "notice_due", "hold_review")
    rows = OutboxMessage.objects.filter(ticket=ticket, topic__in=topics).order_by("id")
    return list(rows.values_list("topic", flat=True))


def test_a_silent_signer_is_reminded_once_and_then_the_next_in_line_hears(people, mailoutbox):
    ticket = on_floor(2, people)
    holds.place(ticket.pk, actor=people.specialist, reason=WHY, now=T0)
    holds.ask_release(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    reminders.remind(T0 + minutes(4))
    assert owed(ticket) == []
    for at in (5, 6, 14):
        reminders.remind(T0 + minutes(at))
    assert owed(ticket) == ["signature_reminder"]
    for at in (15, 600):
        reminders.remind(T0 + minutes(at))
    assert owed(ticket) == ["signature_reminder", "next_in_line"]
    letters.relay()
    told = {}
    for mail in mailoutbox:
        told.setdefault(mail.subject.split("] ")[1], set()).update(mail.to)
    assert told["Nobody has signed"] == {"risk@example.com", "legal@example.com"}
    assert "supervisor@example.com" in told["A signature is still missing"]


def test_a_signed_request_reminds_nobody(people, mailoutbox):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    reminders.remind(T0 + minutes(6))
    approvals.approve(asked.pk, actor=people.supervisor, note=WHY, now=T0 + minutes(7))
    letters.relay()
    assert not [mail for mail in mailoutbox if "still missing" in mail.subject]


def test_an_owed_justification_is_asked_for_every_day_until_it_is_given(people):
    ticket = on_floor(2, people)
    asked = moves.escalate(ticket.pk, actor=people.specialist, justification=WHY, now=T0)
    sweep.sweep(as_of=T0 + minutes(10))
    for hours in (0.5, 1, 2, 23, 24, 30, 48):
        reminders.remind(T0 + timedelta(hours=hours))
    assert owed(ticket) == ["justification_owed"] * 3
    approvals.approve(asked.pk, actor=people.supervisor, note=WHY, now=T0 + timedelta(hours=49))
    reminders.remind(T0 + timedelta(hours=100))
    assert len(owed(ticket)) == 3


def test_notices_and_holds_have_their_day(people):
    ticket = on_floor(3, people)
    external.ask(ticket.pk, actor=people.risk, authority="Police", justification=WHY, now=T0)
    reminders.remind(T0 + timedelta(hours=47))
    assert "notice_due" not in owed(ticket)
    for hours in (48, 50, 72, 80):
        reminders.remind(T0 + timedelta(hours=hours))
    assert owed(ticket).count("notice_due") == 2
    held = on_floor(2, people, customer_email="other@example.org")
    holds.place(held.pk, actor=people.specialist, reason=WHY, review_on=(T0 + timedelta(days=2)).date(), now=T0)
    for days in (1, 2, 3):
        reminders.remind(T0 + timedelta(days=days))
    assert owed(held) == ["hold_review"]
