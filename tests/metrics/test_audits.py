"""The quarterly audit of policies (P3.3): drawn, answered by somebody else, frozen, corrected by a new edition."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from escalation import conversation, decisions, moves, outbox, privacy
from escalation.models import Escalation, OutboxMessage
from helpdesk import letters
from helpdesk.models import Notification
from metrics import adherence, audit_calendar, audit_tickets, audits, quarters
from metrics.audits import Said
from metrics.fridays import Span
from metrics.models import AuditFigure, AuditFinding, PolicyAudit
from policies.models import Right
from tests.builders import CAST, T0, minutes, on_floor, open_ticket
from tickets.models import Category, Ticket
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

QUARTER = date(2026, 10, 1)
AFTER = datetime(2027, 1, 8, 9, 0, tzinfo=UTC)
RESPONSE = Right.Against.RESPONSE_TIMES


def solved(people, count: int, *, late: int = 0):
    """Let COUNT tickets come in and be answered and solved, LATE of them hours after what was promised."""
    for place in range(count):
        ticket = open_ticket(now=T0)
        at = T0 + (timedelta(hours=5) if place < late else minutes(3))
        conversation.reply(ticket.pk, actor=people.legal, body="Here it is", now=at)
        moves.resolve(ticket.pk, actor=people.legal, summary="Sent again.", now=at)


def begun(people, **changes) -> PolicyAudit:
    given = {"actor": people.manager, "now": AFTER, "size": 5} | changes
    return audits.begin(QUARTER, RESPONSE, **given)


def answer_all(audit: PolicyAudit, actor, answer="met", note="", now=AFTER):
    for number in sorted(set(audit.findings.values_list("ticket", flat=True))):
        rights = audit.findings.filter(ticket=number).values_list("right", flat=True)
        audits.answer(audit.pk, number, {right: Said(answer, note) for right in rights}, actor=actor, now=now)


def close(audit, actor, now=AFTER, conclusion="Kept, by and large."):
    return audits.close(audit.pk, conclusion=conclusion, actor=actor, now=now)


@pytest.fixture
def closed(people) -> PolicyAudit:
    solved(people, 8, late=2)
    audit = begun(people)
    answer_all(audit, people.manager)
    return close(audit, people.manager)


@pytest.mark.parametrize(
    ("day", "name", "following", "previous"),
    [
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "2026-Q4", "2027-Q1", "2026-Q3"),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "2026-Q1", "2026-Q2", "2025-Q4"),
    ],
)
def test_quarters_follow_each_other(settings, day, name, following, previous):
    settings.ORGANISATION_TIME_ZONE = "UTC"
    quarter = quarters.of(day)
    assert [quarters.name(q) for q in (quarter, quarters.after(quarter), quarters.before(quarter))] == [
        name, following, previous,
    ]  # fmt: skip
    assert quarters.parse(name) == quarter
    assert quarters.span(quarter).end == quarters.span(quarters.after(quarter)).start


@pytest.mark.parametrize("words", ["2026-Q5", "2026Q1", "", "2026-Q1 ", "٢٠٢٦-Q1", "1999-Q1"])
def test_what_is_no_quarter_is_refused(words):
    with pytest.raises(Invalid):
        quarters.parse(words)


def test_sample_is_the_smallest_hashes_so_anybody_can_draw_it_again(people):
    solved(people, 9)
    audit = begun(people)
    numbers = sorted(set(audit.findings.values_list("ticket", flat=True)))
    everybody = Ticket.objects.values_list("pk", flat=True)
    drawn = sorted(everybody, key=lambda n: sha256(f"{audit.seed}:{n}".encode()).digest())[:5]
    assert numbers == sorted(drawn) and audit.population == 9
    assert audit.findings.count() == 5 * Right.objects.in_force().filter(policy=RESPONSE).count()


def test_figures_are_counted_from_tickets_and_nothing_counted_is_no_figure(people, closed):
    figure = closed.figures.get()
    assert (figure.kept, figure.of, figure.percent, len(figure.tickets), len(figure.missed)) == (6, 8, 75, 8, 2)
    assert figure.tickets == sorted(figure.tickets) and set(figure.missed) < set(figure.tickets)
    empty = AuditFigure(kept=0, of=0)
    assert empty.percent is None


def test_behind_a_figure_are_the_same_tickets_before_and_after_closing(people):
    solved(people, 4, late=1)
    Escalation.objects.filter(ticket=Ticket.objects.earliest("pk")).update(resolved_on_floor=3)
    audit = begun(people, actor=people.risk)
    open_ = {reader: audit_tickets.behind(audit, "promises", getattr(people, reader)) for reader in ("legal", "agent")}
    assert [(found.hidden, len(found.numbers)) for found in open_.values()] == [(0, 4), (1, 3)]
    assert (open_["agent"].figure.kept, open_["agent"].figure.of) == (3, 4)
    answer_all(audit, people.risk)
    close(audit, people.risk)
    audit.refresh_from_db()
    for reader, before in open_.items():
        after = audit_tickets.behind(audit, "promises", getattr(people, reader))
        assert (after.numbers, after.missed, after.hidden) == (before.numbers, before.missed, before.hidden)
        assert after.numbers[: len(after.missed)] == sorted(after.missed)
    assert audit_tickets.behind(audit, "matrix", people.legal) is None


def test_measures_of_every_policy(people):
    span = Span(T0 - timedelta(days=1), T0 + timedelta(days=40))
    ticket = open_ticket()
    asked = {"actor": people.agent, "problem": "damage", "rationale": "It arrived broken"}
    decisions.decide(ticket.pk, remedy="refund", amount=Decimal(20), currency="EUR", now=T0 + minutes(2), **asked)
    decisions.decide(ticket.pk, remedy="apology", now=T0 + timedelta(minutes=3), **asked)
    on_floor(3, people)
    open_ticket(category=Category.objects.get(slug="privacy"))
    counted = {key: adherence.over(key, span) for key in adherence.MEASURES}
    assert (counted["refunds"].kept, counted["refunds"].of) == (1, 1)
    assert (counted["matrix"].kept, counted["matrix"].of) == (2, 2)
    assert (counted["signed_moves"].kept, counted["signed_moves"].of) == (1, 1)
    assert counted["clocks"].of >= 2 and counted["promises"].percent is None
    assert (counted["data_requests"].kept, counted["data_requests"].of) == (0, 1), "open for more than a month"
    assert set(adherence.MEASURES) == set(Right.Measure.values)


def test_who_answers_for_a_policy_does_not_audit_it(people):
    solved(people, 1)
    with pytest.raises(NotAllowed) as refusal:  # no version has an owner yet, so all policy owners answer for them
        begun(people, actor=people.policy)
    assert refusal.value.code == "four_eyes"
    Right.objects.filter(policy=RESPONSE).update(owner=people.manager)
    audit_owner = audits.owners(RESPONSE, AFTER)
    assert people.manager.pk in audit_owner
    with pytest.raises(NotAllowed):
        begun(people)
    assert begun(people, actor=people.risk).begun_by == people.risk


def test_each_role(people):
    solved(people, 1)
    for name in CAST:
        person = getattr(people, name)
        with transaction.atomic():
            if name in ("manager", "risk", "legal", "admin"):
                begun(people, actor=person)
            else:
                with pytest.raises(NotAllowed):
                    begun(people, actor=person)
            transaction.set_rollback(True)


def test_one_open_audit_at_a_time_and_a_sample_is_not_drawn_again(people):
    solved(people, 1)
    begun(people)
    with pytest.raises(Conflict) as refusal:
        begun(people, actor=people.risk)
    assert refusal.value.code == "open"
    with pytest.raises(Conflict):
        audits.begin(date(2027, 4, 1), RESPONSE, actor=people.manager, now=AFTER)
    for size in (4, 51):
        with pytest.raises(Invalid):
            begun(people, size=size)


def test_close_needs_every_answer_and_an_action_for_what_was_not_met(people):
    solved(people, 2)
    audit = begun(people)
    with pytest.raises(Conflict) as refusal:
        close(audit, people.manager)
    assert refusal.value.code == "unanswered"
    with pytest.raises(Invalid):
        answer_all(audit, people.manager, "not_met")
    answer_all(audit, people.manager, "not_met", "Nobody had read it.")
    with pytest.raises(Conflict) as refusal:
        close(audit, people.manager)
    assert refusal.value.code == "action_needed"
    action = audits.act(
        audit.pk, words="Read before writing", owner=people.agent, due_on=date(2027, 2, 1), actor=people.manager,
        now=AFTER,
    )  # fmt: skip
    with pytest.raises(Invalid):
        close(audit, people.manager, conclusion="  ")
    close(audit, people.manager)
    with pytest.raises(NotAllowed):
        audits.done(action.pk, actor=people.agent2, now=AFTER)
    assert audits.done(action.pk, actor=people.agent, now=AFTER).done_by == people.agent
    with pytest.raises(Conflict):
        audits.done(action.pk, actor=people.manager, now=AFTER)


def test_nobody_judges_a_ticket_they_wrote_on_or_may_not_see(people):
    solved(people, 1)
    audit = begun(people)
    with pytest.raises(NotAllowed) as refusal:
        answer_all(audit, people.legal)
    assert refusal.value.code == "four_eyes"
    with pytest.raises(NotFound):
        audits.answer(audit.pk, on_floor(3, people).pk, {1: Said("met")}, actor=people.manager, now=AFTER)
    with pytest.raises(NotFound):
        audits.answer(audit.pk, open_ticket().pk, {1: Said("met")}, actor=people.manager, now=AFTER)


def test_what_was_published_never_changes_and_a_correction_is_a_new_edition(people, closed):
    for change in (
        lambda: PolicyAudit.objects.filter(pk=closed.pk).update(conclusion="Splendid"),
        lambda: closed.figures.update(kept=8),
        lambda: closed.findings.update(answer="not_applicable"),
        lambda: closed.figures.all().delete(),
        lambda: AuditFigure.objects.create(audit=closed, key="more", kept=0, of=0),
        lambda: PolicyAudit.objects.filter(pk=closed.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(Conflict):
        answer_all(closed, people.manager)
    with pytest.raises(Invalid):
        begun(people)
    second = begun(people, reason="One case was read wrongly", actor=people.risk)
    assert (second.edition, second.seed, second.findings.count()) == (2, closed.seed, closed.findings.count())
    close(second, people.risk)
    assert [audit.edition for audit in audit_calendar.published()] == [2]
    assert PolicyAudit.objects.get(pk=closed.pk).conclusion == "Kept, by and large."


def test_database_refuses_a_publication_by_an_owner(people):
    solved(people, 1)
    audit = begun(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyAudit.objects.filter(pk=audit.pk).update(
            published_at=AFTER, published_by=people.policy, conclusion="Fine", owners=[people.policy.pk]
        )


def test_an_interim_audit_covers_what_has_passed_and_the_next_edition_the_whole_quarter(people):
    solved(people, 2)
    now = T0 + timedelta(days=2)
    audit = begun(people, now=now)
    assert audit.ends_at == now
    answer_all(audit, people.manager, now=now)
    close(audit, people.manager, now=now)
    assert audit_calendar.missing(QUARTER) == list(Right.Against.values)
    whole = begun(people, reason="The quarter is over now")
    assert whole.ends_at > now and not whole.findings.exclude(answer="").exists()


def test_words_about_an_erased_ticket_go_from_a_published_audit_and_nothing_else(people):
    solved(people, 1)
    audit = begun(people)
    answer_all(audit, people.manager, "met", "Carla was told")
    close(audit, people.manager)
    ticket = audit.findings.first().ticket
    privacy.erase_customer(
        ticket.customer_id, actor=people.legal, reason="Asked for it in writing", confirm=ticket.customer.email,
        now=AFTER,
    )  # fmt: skip
    assert set(AuditFinding.objects.values_list("note", "answer")) == {("[erased]", "met")}


def test_auditors_are_reminded_once_a_week_until_all_is_published(people):
    solved(people, 1)
    OutboxMessage.objects.all().delete()
    assert audit_calendar.remind(datetime(2026, 12, 30, tzinfo=UTC)) == 0
    for day in (8, 9, 16):
        audit_calendar.remind(datetime(2027, 1, day, tzinfo=UTC))
    assert OutboxMessage.objects.filter(topic="audit_due").count() == 2
    OutboxMessage.objects.update(next_attempt_at=T0)
    outbox.relay(letters.send)
    told = set(Notification.objects.filter(topic="audit_due").values_list("recipient__email", flat=True))
    assert told == {f"{name}@example.com" for name in ("manager", "risk", "legal", "policy", "admin")}


def test_nothing_is_due_of_a_time_without_a_helpdesk(people):
    assert audit_calendar.missing(QUARTER) == []
    open_ticket(now=AFTER)
    assert audit_calendar.remind(AFTER) == 0
