"""Erasing a customer: their words are nowhere any more, the figures and the record stay, and nobody can do it twice."""

import json
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, connection, models, transaction

from escalation import (
    approvals,
    audit,
    conversation,
    customer_copy,
    edits,
    erasure,
    evidence,
    export_verify,
    holds,
    legal_holds,
    merging,
    moves,
    privacy,
    retention,
    rules,
    sealed_export,
    waiting,
)
from escalation.models import AuditEvent, OutboxMessage, PrivacyRequest, RiskFlag
from metrics import ratings
from metrics.models import Rating
from policies.models import Retention
from tests.builders import T0, minutes, on_floor, open_ticket
from tickets import files
from tickets.models import Attachment, Category, Customer, DiscardedFile, Message, Ticket
from tickets.models.passage import Word
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

SECRET = "Zanzibar"
"""A word that stands in everything the customer says, and that we say to them or about them."""

LATER = T0 + timedelta(hours=2)
GROUND = "asked by letter of the third"


def solved(people, **fields) -> Ticket:
    """A ticket in which SECRET stands wherever words can stand, and which is resolved."""
    fields = {
        "subject": f"{SECRET} parcel",
        "body": f"My name is {SECRET}, my parcel is lost.",
        "customer_name": SECRET,
        "order": {"reference": SECRET, "products": [SECRET], "value": {"amount": "80", "currency": "EUR"}},
        "files": [SimpleUploadedFile(f"{SECRET}.txt", SECRET.encode())],
    } | fields
    ticket = open_ticket(**fields)
    by = {"actor": people.specialist, "now": T0 + minutes(1)}
    number = ticket.pk
    edits.edit(number, changes={"subject": f"{SECRET} again"}, **by)
    conversation.reply(number, body=f"Dear {SECRET}", **by)
    conversation.note(number, body=f"{SECRET} was angry", **by)
    rules.flag(number, risk="dispute", note=f"{SECRET} denies it", **by)
    waiting.wait(number, reason=f"photo of {SECRET}", **by)
    conversation.customer_message(number, body=f"Here is {SECRET}", now=T0 + minutes(2))
    holds.place(number, reason=f"{SECRET} must call back", **by)
    asked = holds.ask_release(number, justification=f"{SECRET} called back", **by)
    approvals.approve(asked.pk, actor=people.supervisor, note=f"{SECRET} is fine", now=T0 + minutes(3))
    moves.resolve(number, actor=people.specialist, summary=f"{SECRET} got it", now=T0 + minutes(4))
    ratings.rate(number, score=2, comment=f"{SECRET} is not content", now=T0 + minutes(5))
    return ticket


def hits(word: str = SECRET) -> list[str]:
    """Return the tables in which WORD stands anywhere."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text ILIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def erase(ticket, actor, *, confirm=SECRET, **more) -> PrivacyRequest:
    reason = {"reason": GROUND, "confirm": confirm, "now": LATER}
    return privacy.erase_customer(ticket.customer_id, actor=actor, **reason | more)


def test_after_erasure_the_customers_words_stand_nowhere(people, django_capture_on_commit_callbacks):
    ticket = solved(people)
    name = Attachment.objects.get().file.name
    with default_storage.open(name) as stored:
        assert stored.read() == SECRET.encode()
    Word.objects.create(word=SECRET.lower(), seen=1)  # as search learns it
    assert len(hits()) > 8
    with django_capture_on_commit_callbacks(execute=True):
        request = erase(ticket, people.legal)
    assert hits() == [] and hits("carla@example.org") == []
    assert not default_storage.exists(name) and not DiscardedFile.objects.exists()
    assert request.state == "done" and Customer.objects.get(pk=ticket.customer_id).erased_at == LATER
    assert not list(audit.verify())


def test_figures_and_the_steps_of_the_record_stay(people):
    ticket = solved(people)
    kept = ("seq", "at", "by", "person_id", "customer_id", "action", "floor_from", "floor_to", "hash")
    before = list(AuditEvent.objects.filter(ticket=ticket).order_by("seq").values(*kept))
    erase(ticket, people.admin)
    after = list(AuditEvent.objects.filter(ticket=ticket).order_by("seq").values(*kept))
    assert after[:-1] == before and after[-1]["action"] == "erased"
    ticket.refresh_from_db()
    assert (ticket.order_value, ticket.order_currency) == (80, "EUR")
    assert Rating.objects.get().score == 2 and RiskFlag.objects.filter(escalation_id=ticket.pk).exists()
    moved = AuditEvent.objects.filter(ticket=ticket, action="moved").first()
    assert moved is None or moved.data["policy"]
    assert Message.objects.filter(ticket=ticket).count() == 4
    assert not OutboxMessage.objects.filter(ticket=ticket, sent_at=None, parked_at=None).exists()


def test_nothing_is_done_with_an_erased_ticket_and_erasing_again_is_dull(people):
    ticket = solved(people)
    request = erase(ticket, people.legal)
    version = AuditEvent.objects.filter(ticket=ticket).count()
    assert erase(ticket, people.legal) == request
    assert erasure.erase(ticket.pk, by=audit.SYSTEM, ground="again", now=LATER) is False
    for act in (
        lambda: moves.reopen(ticket.pk, actor=people.specialist, reason="once more please"),
        lambda: conversation.customer_message(ticket.pk, body=SECRET),
        lambda: conversation.note(ticket.pk, actor=people.agent, body=SECRET),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "erased"
    assert AuditEvent.objects.filter(ticket=ticket).count() == version
    again = open_ticket()
    assert again.customer_id != ticket.customer_id


def test_a_changed_trail_is_still_found_after_an_erasure(people):
    ticket = solved(people)
    erase(ticket, people.legal)
    event = AuditEvent.objects.filter(ticket=ticket, reason="[erased]").first()
    switch = "ALTER TABLE escalation_auditevent {} TRIGGER USER"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(switch.format("DISABLE"))
        cursor.execute("UPDATE escalation_auditevent SET reason = 'made up' WHERE id = %s", [event.pk])
        assert [broken.seq for broken in audit.verify(ticket.pk)] == [event.seq]
        transaction.set_rollback(True)


def test_database_lets_words_go_only_from_an_erased_ticket_and_nothing_else(people):
    ticket, live = solved(people), open_ticket(customer_email="x@example.org")
    moves.resolve(live.pk, actor=people.agent, summary="It came.", now=T0)
    erase(ticket, people.legal)
    of = {n: AuditEvent.objects.filter(ticket=n, action="resolved").get().pk for n in (ticket, live)}
    for pk, change in (
        (of[live], "reason = '[erased]'"),
        (of[ticket], "reason = 'something else'"),
        (of[ticket], "data = data || '{\"more\": 1}'"),
        (of[ticket], "action = 'opened'"),
        (of[ticket], "hash = previous_hash"),
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE escalation_auditevent SET {change} WHERE id = %s", [pk])


def test_evidence_and_the_signed_decision_stay_and_a_sealed_export_still_checks(people, tmp_path):
    ticket = on_floor(3, people, body="First words")
    words = Message.objects.filter(ticket=ticket).first()
    other = conversation.note(ticket.pk, actor=people.legal, body=SECRET, now=T0)
    evidence.add(ticket.pk, actor=people.legal, message=words.pk, description="what was said", now=T0)
    asked = moves.resolve(ticket.pk, actor=people.legal, summary="We refund and apologise.", now=T0)
    approvals.approve(asked.pk, actor=people.risk, note="I agree with it", now=T0)
    erase(ticket, people.legal, confirm="Carla Conti")
    words.refresh_from_db()
    other.refresh_from_db()
    asked.refresh_from_db()
    assert words.body == "First words" and other.body == "[erased]"
    assert asked.justification == "We refund and apologise." and asked.signatures.get().note == "I agree with it"
    made, _digest = sealed_export.make(ticket.pk, actor=people.legal)
    zipfile.ZipFile(made).extractall(tmp_path)
    assert list(export_verify.faults(tmp_path / f"case-{ticket.pk}")) == []


@pytest.mark.parametrize("what", ["open", "held", "legal", "customer", "merged"])
def test_what_stands_in_the_way_refuses_it_as_a_whole_and_the_attempt_is_kept(people, what):
    ticket, second = solved(people), solved(people)
    if what == "open":
        open_ticket()
    elif what == "held":
        moves.reopen(second.pk, actor=people.specialist, reason="once more please", now=T0 + minutes(6))
        holds.place(second.pk, actor=people.specialist, reason=GROUND, blocks=["erase"], now=T0 + minutes(6))
        moves.resolve(second.pk, actor=people.specialist, summary="done again", now=T0 + minutes(7))
    elif what == "legal":
        legal_holds.on_ticket(
            second.pk, actor=people.legal, reason=GROUND, review_on=(T0 + timedelta(9)).date(), now=T0
        )
    elif what == "customer":
        legal_holds.on_customer(
            second.customer_id, actor=people.risk, reason=GROUND, review_on=(T0 + timedelta(9)).date(), now=T0
        )
    else:
        merging.merge(
            second.pk, into=open_ticket(customer_email="y@example.org").pk, actor=people.supervisor,
            reason="both are the same person", now=T0 + minutes(6),
        )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        erase(ticket, people.legal)
    assert refused.value.code == "kept" and refused.value.data["obstacles"]
    assert PrivacyRequest.objects.get().state == "refused" and PrivacyRequest.objects.get().refusal
    assert not Ticket.objects.filter(erased_at__isnull=False).exists() and len(hits()) > 8
    blocked = AuditEvent.objects.filter(action="action_blocked", data__attempted="erase")
    assert blocked.exists() == (what in ("held", "legal"))


def test_only_legal_and_administrators_erase_and_only_with_the_name_typed(people):
    ticket = solved(people)
    for name in set(vars(people)) - {"legal", "admin"}:
        with pytest.raises(NotAllowed):
            erase(ticket, getattr(people, name))
    for wrong in ({"confirm": "somebody"}, {"confirm": ""}, {"reason": "ok"}):
        with pytest.raises(Invalid):
            erase(ticket, people.legal, **wrong)
    with pytest.raises(NotFound):
        privacy.erase_customer(10**9, actor=people.legal, reason=GROUND, confirm="x")
    assert not PrivacyRequest.objects.exists()


def test_interrupted_erasure_goes_on_where_it_stopped(people, monkeypatch):
    first, second = solved(people), solved(people)
    real = erasure.erase

    def crash(number, **more):
        if number == second.pk:
            raise RuntimeError("the machine went away")
        return real(number, **more)

    monkeypatch.setattr(erasure, "erase", crash)
    with pytest.raises(RuntimeError):
        erase(first, people.legal)
    assert PrivacyRequest.objects.get().state == "running"
    monkeypatch.undo()
    assert erase(first, people.legal).state == "done"
    assert hits() == [] and PrivacyRequest.objects.count() == 1


def test_files_of_a_crash_after_the_commit_go_later(people):
    ticket = solved(people)
    name = Attachment.objects.get().file.name
    erase(ticket, people.legal)  # no commit here, so nothing has run after it
    assert default_storage.exists(name)
    assert files.remove_discarded() == 1 and files.remove_discarded() == 0
    assert not default_storage.exists(name)


def test_what_was_written_to_a_merged_ticket_of_another_address_goes_too(people):
    ticket, other = solved(people, customer_email="work@example.org"), open_ticket()
    merging.merge(ticket.pk, into=other.pk, actor=people.supervisor, reason="both are one person", now=LATER)
    said = conversation.customer_message(ticket.pk, body=SECRET, now=LATER)
    moves.resolve(other.pk, actor=people.specialist, summary="done", now=LATER)
    erase(ticket, people.legal)
    said.refresh_from_db()
    assert said.body == "[erased]" and hits() == []
    assert other.messages.filter(body__startswith="Good morning").exists()
    assert not list(audit.verify())


def test_every_text_about_a_ticket_is_personal_or_known_to_name_nobody():
    """A new model with words about a ticket must say what erasure does with them, or be named here with its reason."""
    harmless = {
        "tickets.ticket": "language, source, currency, wish",
        "escalation.auditevent": "redacted by escalation.redaction",
        "escalation.evidence": "the case file stays (GDPR art. 17(3)(e))",
        "escalation.decisiontext": "the case file stays",
        "escalation.externalnotification": "the case file stays",
        "escalation.escalation": "a hash",
        "escalation.floorvisit": "an error of the sweep",
        "helpdesk.delivery": "goes with its notification",
        "tickets.passage": "its words follow those of the text",
        "metrics.forecast": "a name of a kind of stay",
        "escalation.unhelpful": "the short name of a text",
        "helpdesk.hookdelivery": "what another system answered to a call without words; goes after 30 days",
    }
    texts = (models.CharField, models.TextField, models.JSONField)
    missing = []
    for model in apps.get_models():
        label = model._meta.label_lower
        related = [f.related_model for f in model._meta.fields if f.many_to_one or f.one_to_one]
        about = any(m in (Ticket, Message, Rating) or m._meta.app_label == "escalation" for m in related)
        words = [f.name for f in model._meta.fields if isinstance(f, texts) and not f.choices]
        if about and words and label not in harmless and not hasattr(model, "personal"):
            missing.append((label, words))
    assert missing == []


# --- a copy ---


def test_copy_holds_what_they_gave_and_were_told_and_nothing_of_ours(people):
    ticket = solved(people)
    open_ticket(customer_email="other@example.org", body="of somebody else")
    archive = zipfile.ZipFile(customer_copy.make(ticket.customer_id, actor=people.legal))
    text = {name.split("/", 1)[1]: archive.read(name).decode() for name in archive.namelist()}
    assert json.loads(text["customer.json"])["email"] == "carla@example.org"
    said = [json.loads(line)["text"] for line in text["messages.jsonl"].splitlines()]
    assert f"Dear {SECRET}" in said and f"{SECRET} was angry" not in said
    assert json.loads(text["ratings.jsonl"])["comment"] == f"{SECRET} is not content"
    assert text[json.loads(text["files.jsonl"])["path"]] == SECRET
    whole = "".join(text.values())
    for ours in ("was angry", "denies it", "must call back", "somebody else", "specialist@"):
        assert ours not in whole
    assert PrivacyRequest.objects.get().kind == "copy"
    with pytest.raises(NotAllowed):
        customer_copy.make(ticket.customer_id, actor=people.agent)


# --- retention ---


def keep(months: int, category: Category | None = None) -> None:
    Retention.objects.create(category=category, months=months, valid_from=T0 - timedelta(days=2000))


def test_nothing_is_erased_by_time_unless_a_retention_is_in_force(people):
    solved(people)
    assert retention.counts(now=LATER) == [] and retention.run(now=T0 + timedelta(days=9000)) == 0


def test_what_is_past_its_time_goes_with_the_customer_and_says_why(people):
    ticket = solved(people)
    keep(24)
    assert retention.run(now=T0 + timedelta(days=729)) == 0
    when = T0 + timedelta(days=732)
    assert [(c.past, c.kept) for c in retention.counts(now=when)] == [(1, 0)]
    assert retention.run(now=when) == 1 and hits() == []
    event = AuditEvent.objects.filter(ticket=ticket).latest("seq")
    assert event.by == "system" and event.reason == "Retention: 24 months after it was resolved (version 1)."
    assert retention.run(now=when) == 0


def test_categories_have_times_of_their_own(people):
    returns = Category.objects.first()
    short, long = solved(people, category=returns), solved(people)
    keep(24)
    keep(1, returns)
    assert retention.run(now=T0 + timedelta(days=40)) == 1
    short.refresh_from_db()
    long.refresh_from_db()
    assert short.erased_at and not long.erased_at and Customer.objects.get().erased_at is None


def test_retention_skips_what_is_open_held_or_part_of_an_open_case(people):
    keep(1)
    legal, merged, free = (solved(people, customer_email=f"{n}@example.org") for n in "abc")
    legal_holds.on_ticket(legal.pk, actor=people.legal, reason=GROUND, review_on=(T0 + timedelta(9)).date(), now=LATER)
    lives = open_ticket(customer_email="b@example.org")
    merging.merge(merged.pk, into=lives.pk, actor=people.specialist, reason="the same parcel", now=LATER)
    when = T0 + timedelta(days=60)
    events = AuditEvent.objects.exclude(ticket=free).count()
    assert retention.run(now=when) == 1
    assert set(Ticket.objects.filter(erased_at__isnull=False)) == {free}
    assert AuditEvent.objects.exclude(ticket=free).count() == events


def test_a_run_takes_no_more_than_it_is_given(people):
    keep(1)
    for n in "abc":
        solved(people, customer_email=f"{n}@example.org")
    when = T0 + timedelta(days=60)
    assert [retention.run(now=when, limit=2), retention.run(now=when, limit=2)] == [2, 1]
