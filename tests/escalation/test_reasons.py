"""What the program puts on record is English, whoever is at work, and read by each in their own language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import override

from escalation import decisions, holds, privacy, reasons
from escalation.models import AuditEvent
from tests.builders import T0, cast, minutes, open_ticket
from tickets.refusals import Conflict

WHY = "La lampada è arrivata rotta, guardi la foto."


@pytest.fixture
def people(db):
    return cast()


def decide(people, amount="10", **fields):
    ticket = open_ticket()
    fields = {"problem": "damage", "remedy": "refund", "rationale": WHY, "amount": Decimal(amount)} | fields
    with override("it"):
        return decisions.settle(ticket.pk, actor=people.agent, now=T0 + minutes(1), **fields)


@pytest.mark.parametrize(
    ("sentence", "facts", "english", "italian"),
    [
        (reasons.NOT_IN_TIME, {"floor": 2}, "Not resolved on Floor 2 in time.", "al piano 2"),
        (reasons.ALONE_UP_TO, {"limit": reasons.money(Decimal(1500), "EUR"), "time": timedelta(hours=24)},
         "You may decide this alone: up to 1,500.00 EUR for one customer within 24 hours.", "1.500,00 EUR"),
        (reasons.TWO_CURRENCIES, {"time": timedelta(days=30), "given": ["10.00 CHF", "2,000.50 USD"]},
         "Within 30 days the customer was also given 10.00 CHF, 2,000.50 USD; two currencies are not added up.",
         "10,00 CHF, 2.000,50 USD"),
        (reasons.OTHER_CURRENCY, {"limit": "EUR", "currency": "USD"},
         "The limit is in EUR and this is in USD.", "USD"),
        (reasons.HELD, {"when": datetime(2026, 11, 22, 7, 30, tzinfo=UTC), "who": "a rule", "why": "Rule “Fraud”."},
         "This ticket is on hold since 2026-11-22 07:30 UTC by a rule: Rule “Fraud”. The hold must be released by "
         "approval first.", "22/11/2026 08:30"),
        (reasons.LEGAL_HOLD, {"number": 7, "when": date(2026, 11, 22), "who": "Ada (Legal)"},
         "A legal hold keeps everything of ticket #7 since 2026-11-22 (by Ada (Legal)). Head of Risk and Legal must "
         "release it first.", "Ada (Legal)"),
    ],
)  # fmt: skip
def test_a_sentence_goes_on_record_in_english_and_is_read_in_italian(sentence, facts, english, italian):
    with override("it"):
        assert reasons.put(sentence, **facts) == english
    with override("en-gb"):
        assert sentence.split("%")[0] in reasons.shown(english)
    with override("it"), timezone.override("Europe/Rome"):
        assert italian in reasons.shown(english)


def test_what_people_wrote_stays_as_they_wrote_it():
    with override("it"):
        for words in (WHY, "Refund", "Rule of thumb: 5.00 EUR", "#7 is still open.", "Manager, Legal\nFloor 2", ""):
            assert reasons.shown(words) == words


def test_a_verdict_is_kept_in_english_and_shown_to_its_reader(people):
    made = decide(people)
    assert made.verdict_why == "You may decide this alone: up to 100.00 EUR for one customer within 24 hours."
    over = decide(people, "500")
    assert over.verdict_why.startswith("One customer gets up to 100.00 EUR within 24 hours; 10.00 EUR were given")
    assert over.approval.content["verdict"]["why"] == over.verdict_why
    none = decide(people, problem="product_question", remedy="repair", amount="5")
    assert none.verdict_why == "The matrix has no rule for “Repair” for “Product question” on Floor 1."
    with override("it"):
        assert "100,00 EUR" in reasons.shown(made.verdict_why) and "24 ore" in reasons.shown(over.verdict_why)
        assert "Riparazione" in reasons.shown(none.verdict_why)


def test_a_decision_that_resolves_says_so_in_its_writers_own_words(people):
    made = decide(people, resolve=True)
    resolved = AuditEvent.objects.get(ticket=made.escalation_id, action="resolved")
    assert resolved.reason == WHY


def test_an_attempt_that_a_hold_refuses_is_on_record_in_english(people):
    ticket = open_ticket()
    holds.place(ticket.pk, actor=people.agent, reason="Sospetta frode", now=T0)
    with override("it"), pytest.raises(Conflict) as refused:
        decisions.decide(
            ticket.pk, actor=people.agent, problem="damage", remedy="refund", rationale=WHY, amount=Decimal(5), now=T0
        )
    blocked = AuditEvent.objects.get(ticket=ticket, action="action_blocked").reason
    assert blocked.startswith("This ticket is on hold since ") and "Sospetta frode" in blocked
    assert refused.value.detail != blocked
    with override("it"):
        assert reasons.shown(blocked) == refused.value.detail


def test_what_stands_in_the_way_of_an_erasure_is_kept_in_english(people):
    ticket = open_ticket()
    with override("it"), pytest.raises(Conflict) as refused:
        privacy.erase_customer(
            ticket.customer_id, actor=people.legal, reason="asked by letter", confirm=ticket.customer.email, now=T0
        )
    kept = ticket.customer.privacy_requests.get().refusal
    assert kept == f"#{ticket.pk} is still open. Resolve it first."
    assert refused.value.data["obstacles"] != [kept]


def test_each_reads_the_verdict_in_their_own_language(people, client):
    made = decide(people)
    people.agent.language = "it"
    people.agent.save()
    client.force_login(people.agent)
    asked = {"problem": "damage", "remedy": "refund", "amount": "500", "do": "ask"}
    page = client.post(f"/desk/tickets/{made.escalation_id}/decide/", asked).content.decode()
    assert "100,00 EUR" in page and "One customer gets" not in page
    log = client.get(f"/desk/tickets/{made.escalation_id}/log/").content.decode()
    assert "100,00 EUR" in log and "You may decide this alone" not in log
