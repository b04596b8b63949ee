"""The first triggers read real wording in three languages and leave ordinary complaints alone (P2.2)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from policies import succession, triggers
from policies.models import Trigger
from tests.builders import T0

ORDINARY = [
    "Where is my parcel? It should have come on Friday.",
    "The ring is too small, can I exchange it for size 56?",
    "La lampada è arrivata rotta, vorrei un'altra.",
    "Vorrei sapere quando arriva il mio ordine, grazie.",
    "A encomenda chegou com a caixa aberta, podem trocar?",
    "Quero devolver o relógio, a bracelete é demasiado curta.",
    "The class action of the lamp's switch is stiff; please issue a refund.",
    "My issue: the courtyard gate was closed when the courier came.",
]

RISKY = [
    ("You are a bunch of idiots!", "abuse"),
    ("Siete degli IDIOTI e mi fate schifo.", "abuse"),
    ("São uns imbecis, vão à merda!", "abuse"),
    ("I never received it, and that is not true what your driver says.", "dispute"),
    ("Non ho mai ricevuto il pacco.", "dispute"),
    ("Nunca recebi a encomenda.", "dispute"),
    ("Another customer's data was in my box, that is a data breach.", "privacy_breach"),
    ("Scriverò al Garante della privacy.", "privacy_breach"),
    ("Houve uma violação de dados.", "privacy_breach"),
    ("There is a fraudulent charge on my account.", "fraud"),
    ("È una truffa, carta clonata!", "fraud"),
    ("Isto é uma burla, cartão clonado.", "fraud"),
    ("My lawyer will take you to court.", "legal"),
    ("Il mio avvocato vi scriverà, vie legali.", "legal"),
    ("Vou processar a loja, fale com a minha advogada.", "legal"),
    ("I know where you live.", "harassment"),
    ("So dove abiti.", "harassment"),
    ("Sei onde moras.", "harassment"),
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_complaints_fire_nothing(people, text):
    assert triggers.evaluate(text=text, at=T0) == []


@pytest.mark.parametrize(("text", "risk"), RISKY)
def test_risky_wording_is_found(people, text, risk):
    assert risk in {finding.trigger.risk for finding in triggers.evaluate(text=text, at=T0)}


@pytest.mark.parametrize("text", ["NON È VERO", "non e vero", "Non e\u0300 vero", "non  è\nvero"])
def test_case_accents_and_spacing_do_not_matter(people, text):
    assert [finding.trigger.risk for finding in triggers.evaluate(text=text, at=T0)] == ["dispute"]


def test_words_that_fired_are_named(people):
    (finding,) = triggers.evaluate(text="This is a scam, a SCAM!", at=T0)
    assert finding.citation == {"trigger": "potential-fraud", "version": 1, "words": ["scam"]}


@pytest.mark.parametrize(("value", "floors"), [("499.99", []), ("500.00", [2]), ("4999.99", [2]), ("5000.00", [3, 2])])
def test_high_value_orders_go_up_from_the_limit_on(people, value, floors):
    found = triggers.evaluate(text="", order_value=Decimal(value), order_in_shop_currency=True, at=T0)
    assert [finding.trigger.floor for finding in found] == floors


def test_order_in_another_currency_is_not_compared(people):
    assert triggers.evaluate(text="", order_value=Decimal("9000"), order_in_shop_currency=False, at=T0) == []


def test_superseded_trigger_no_longer_fires_and_both_versions_stay_readable(people):
    changed = Trigger(slug="legal-risk", name="Legal", risk="legal", floor=3, phrases={"en": ["tribunal"]})
    succession.follow(Trigger.objects.filter(slug="legal-risk"), changed, start=T0)
    assert triggers.evaluate(text="my lawyer", at=T0) == []
    assert triggers.evaluate(text="the tribunal", at=T0)[0].trigger.version == 2
    assert triggers.evaluate(text="my lawyer", at=T0.replace(year=2026, month=1))[0].trigger.version == 1


def test_two_versions_are_never_current_at_once(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        Trigger.objects.create(slug="legal-risk", name="Twin", risk="legal", floor=3, version=2)


def test_policy_text_cannot_make_matching_slow(people):
    Trigger.objects.create(slug="nasty", name="Nasty", risk="legal", floor=3, phrases={"en": ["(a+)+$", "a*a*a*"]})
    triggers.evaluate(text="a" * 50_000 + "!", at=None)  # would not come back if phrases were regular expressions
