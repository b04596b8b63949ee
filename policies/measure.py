"""How well the triggers in force read a labelled set: precision and recall per risk and language."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policies import triggers
from policies.models import Trigger
from policies.risks import Risk

LABELLED = Path(__file__).parent / "labelled"
PARTS = ("tune", "check")
RISKS = tuple(risk for risk in Risk.values if risk != Risk.HIGH_VALUE)
"""What is found in words; the value of an order is not."""


@dataclass(frozen=True)
class Sentence:
    """One sentence with the risks that it shows; none when it is innocent."""

    language: str
    part: str
    text: str
    risks: frozenset[str]


@dataclass
class Score:
    """How often a risk was found rightly, wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, *, found: bool, there: bool) -> None:
        """Count one answer."""
        self.right += found and there
        self.wrong += found and not there
        self.missed += there and not found

    @property
    def precision(self) -> float | None:
        """Share of what was found that was there; None when nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of what was there that was found; None when nothing was there."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


@dataclass(frozen=True)
class Mistake:
    """A sentence that was read wrongly: what was missed, and what was found with which words."""

    sentence: Sentence
    missed: frozenset[str]
    wrong: dict[str, tuple[str, ...]]


def sentences() -> Iterator[Sentence]:
    """Yield the labelled sentences of all languages."""
    for path in sorted(LABELLED.glob("*.toml")):
        page = tomllib.loads(path.read_text(encoding="utf-8"))
        for part in PARTS:
            for label, texts in page[part].items():
                risks = frozenset() if label == "innocent" else frozenset(label.split("+"))
                for text in texts:
                    yield Sentence(path.stem, part, text, risks)


def measure(rules: list[Trigger], part: str | None = None) -> tuple[dict[tuple[str, str], Score], list[Mistake]]:
    """Put each sentence of PART (default: all) to RULES; return scores by (language, risk), "all" included."""
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    mistakes = []
    for sentence in sentences():
        if part is not None and sentence.part != part:
            continue
        findings = triggers.read(rules, triggers.Reading(text=sentence.text), on_fault=_raise)
        found = {finding.trigger.risk: finding.words for finding in findings if finding.trigger.risk in RISKS}
        for risk in RISKS:
            for key in ((sentence.language, risk), (sentence.language, "all"), ("all", risk), ("all", "all")):
                scores[key].add(found=risk in found, there=risk in sentence.risks)
        if set(found) != sentence.risks:
            wrong = {risk: words for risk, words in found.items() if risk not in sentence.risks}
            mistakes.append(Mistake(sentence, sentence.risks - set(found), wrong))
    return dict(scores), mistakes


def _raise(rule: Trigger, why: str) -> None:
    raise ValueError(f"{rule.slug}: {why}")
