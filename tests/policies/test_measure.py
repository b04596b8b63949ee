"""The detectors are measured on labelled sentences, and docs/triggers.md states what they reach."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from policies import measure, triggers
from policies.models import Trigger
from tests.builders import T0

DOCS = Path(__file__).parents[2] / "docs" / "triggers.md"


def table(part: str) -> str:
    out = StringIO()
    call_command("measure_triggers", part=part, stdout=out)
    return out.getvalue()


def test_docs_state_the_figures_as_they_are(people):
    for part in measure.PARTS:
        assert table(part) in DOCS.read_text(encoding="utf-8"), table(part)


def test_the_figures_do_not_fall(people):
    scores, _mistakes = measure.measure(triggers.in_force(T0), "check")
    assert scores["all", "all"].precision >= 0.84
    assert scores["all", "all"].recall >= 0.83
    scores, _mistakes = measure.measure(triggers.in_force(T0))
    assert scores["all", "all"].precision >= 0.90
    assert scores["all", "all"].recall >= 0.91


def test_the_set_is_large_and_even(people):
    sentences = list(measure.sentences())
    for language in ("en", "it", "pt"):
        own = [sentence for sentence in sentences if sentence.language == language]
        assert len(own) >= 40
        assert sum(bool(sentence.risks) for sentence in own) / len(own) >= 0.5
        assert {risk for sentence in own for risk in sentence.risks} == set(measure.RISKS)
    assert len({sentence.text for sentence in sentences}) == len(sentences)


def test_an_excepted_wording_hides_only_itself(people):
    def found(text: str) -> list[tuple[str, ...]]:
        return [f.words for f in triggers.evaluate(text=text, at=T0) if f.trigger.risk == "abuse"]

    assert found("An idiot-proof clasp.") == []
    assert found("An idiot-proof clasp for you idiots.") == [("idiots",)]
    Trigger.objects.create(slug="only", name="Only", floor=2, phrases={"en": ["!nothing else"]}, valid_from=T0)
    assert "only" not in {f.trigger.slug for f in triggers.evaluate(text="nothing else", at=T0)}
