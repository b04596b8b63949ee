"""Approved texts: found by words without accents, suggested for what people write, counted once a visitor."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from policies import book, knowledge, languages, proposals, readings
from policies.models import Look, Script, Vote
from tests.builders import T0, minutes
from tickets.clock import database_now
from tickets.refusals import Invalid, NotFound

TEXTS = book.kind("scripts")


def found(asked: str, *, public: bool = True) -> list[str]:
    return [text.slug for text in knowledge.search(knowledge.in_force(public=public), asked)]


def suggested(about: str) -> list[str]:
    return [text.slug for text in knowledge.suggest(knowledge.in_force(public=True), about)]


def test_search_finds_beginnings_of_words_in_every_language_without_accents_or_case(people):
    assert found("RING siz") == ["find-your-ring-size"]
    assert found("diâmetro INTERIOR") == found("diametro interior") == ["find-your-ring-size"]
    assert "charge-i-do-not-know" in found("addebito")
    assert found("zebra") == found("ab") == found("") == []
    assert found("rhodium") == [] and found("rhodium", public=False) == ["jewelry-and-luxury"]


@pytest.mark.parametrize(
    "hostile", ["'; DROP TABLE x; --", "a:* & | ! <-> (", "\\n\\'", "%s %(x)s", "💍" * 500, "x" * 9_000]
)
def test_no_question_breaks_the_search(people, hostile):
    assert isinstance(found(hostile), list) and isinstance(suggested(hostile), list)


def test_what_somebody_wrote_in_their_own_words_leads_to_what_fits_best(people):
    assert (
        suggested("The tracking says delivered, but where is my parcel? The carrier knows nothing")[0]
        == "where-is-my-order"
    )
    assert suggested("Vorrei restituire gli orecchini e avere il rimborso")[0] == "return-an-item"
    assert suggested("Há uma cobrança no cartão que não reconheço")[0] == "charge-i-do-not-know"
    assert suggested("and the with that this") == []


def test_a_title_and_a_text_are_in_the_language_asked_for_or_said_to_be_in_another(people):
    text = knowledge.get("your-data", public=True)
    assert knowledge.title_in(text, "it-IT") == "I suoi dati da noi"
    body, really = knowledge.body_in(text, "pt")
    assert really == "pt" and body.startswith("Usamos")
    text.texts = {"en": "Only this."}
    assert (knowledge.title_in(text, "it"), *knowledge.body_in(text, "it")) == ("Your data with us", "Only this.", "en")


def test_a_text_lives_as_every_policy_does(people):
    said = {
        "slug": "gift-wrap",
        "title": "Gift wrap",
        "kind": "article",
        "is_public": True,
        "texts": {"it": "# Pacco\n\nSì."},
    }
    draft = proposals.begin(TEXTS, said, actor=people.policy, now=T0)
    with pytest.raises(NotFound):
        knowledge.get("gift-wrap", public=True)
    proposals.publish(draft.pk, actor=people.admin, revision=1, now=T0)
    assert knowledge.title_in(knowledge.get("gift-wrap", public=True), "en") == "Pacco"
    for wrong in (
        {"kind": "reply"},
        {"kind": "playbook"},
        {"texts": {}},
        {"floor": 4},
        {"texts": {"de": "Ja"}},
        {"category": "x"},
    ):
        with pytest.raises(Invalid):
            TEXTS.read(said | wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Script.objects.create(slug="x", title="X", kind="playbook", is_public=True, texts={})


def test_the_first_texts_are_such_as_the_desk_itself_would_take_and_in_all_languages(people):
    texts = Script.objects.exclude(kind="reply")
    assert texts.count() >= 11
    for text in texts:
        TEXTS.read(TEXTS.write(text))
        assert set(text.texts) == set(languages.LANGUAGES) and all(t.startswith("# ") for t in text.texts.values())


def test_a_visitor_counts_once_and_may_say_otherwise(people):
    text = knowledge.get("your-data", public=True)
    for helped in (True, True, False):
        readings.vote(text, "anna", helped=helped)
    readings.vote(text, "bruno", helped=True)
    assert Vote.objects.count() == 2 and readings.votes([text]) == {"your-data": (1, 1)}


def test_deflection_counts_forms_that_were_not_sent_after_articles_were_shown(people):
    for token in ("sent", "left", "opened"):
        readings.shown(token, ["your-data"])
    readings.shown("left", ["return-an-item"])
    readings.shown("", ["your-data"])
    readings.shown("nothing", [])
    readings.opened("opened", "your-data")
    readings.opened("unknown", "your-data")
    readings.sent("sent")
    assert Look.objects.get(pk="left").shown == ["your-data", "return-an-item"]
    now = database_now()
    assert readings.deflection(now - minutes(5), now + minutes(61)) == readings.Deflection(3, 1, 2)
    assert readings.deflection(now - minutes(5), now) == readings.Deflection(0, 0, 0)
    assert readings.forget(now) == 0 and readings.forget(now + timedelta(days=401)) == 3


def test_what_fits_is_one_question_of_kept_words_and_never_reads_the_texts_anew(people):
    with CaptureQueriesContext(connection) as asked:
        assert suggested("Which ring size do I need?")
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "".join(line for (line,) in cursor.fetchall())
    assert "using passage_" in plan or "on passage_" in plan
    assert "to_tsvector" not in plan


@pytest.mark.parametrize("about", ["Which ring size do I need?", "return an item that is broken", "my data, please"])
def test_what_fits_best_is_the_same_however_few_are_asked_first(people, monkeypatch, about):
    best = suggested(about)
    assert best
    for few in (1, 2, 5):
        monkeypatch.setattr(knowledge, "_NEAREST", few)
        assert suggested(about) == best
