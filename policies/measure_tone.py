"""How well the word lists in force read a labelled set of replies: precision and recall per kind and language."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass

from policies import tone
from policies.measure import LABELLED, Score
from policies.models import Wording

PARTS = ("tune", "check", "later")
WORDING = (Wording.Kind.BLAMING, Wording.Kind.DEMEANING, Wording.Kind.ABSOLUTE, Wording.Kind.SHOUTING)
FRAME = (Wording.Kind.ACKNOWLEDGEMENT, Wording.Kind.NEXT_STEP)
_GOOD = {"fine", "complete"}


@dataclass(frozen=True)
class Sentence:
    """One sentence, or one whole short reply, with what is wrong with it."""

    language: str
    part: str
    text: str
    kinds: frozenset[str]
    is_reply: bool


@dataclass(frozen=True)
class Mistake:
    """A sentence that was read wrongly: the kinds that were missed, and what was found wrongly with its words."""

    sentence: Sentence
    missed: frozenset[str]
    wrong: dict[str, list[str]]


def sentences(language: str, part: str) -> list[Sentence]:
    """Return the labelled sentences and replies of one part."""
    page = tomllib.loads((LABELLED / "tone" / f"{language}.toml").read_text(encoding="utf-8"))[part]
    replies = page.pop("replies")
    found = []
    for is_reply, groups in ((False, page), (True, replies)):
        for label, texts in groups.items():
            kinds = frozenset(kind.removeprefix("no_") for kind in label.split("+") if kind not in _GOOD)
            found += [Sentence(language, part, text, kinds, is_reply) for text in texts]
    return found


def measure(part: str | None = None) -> tuple[dict[tuple[str, str], Score], list[Mistake]]:
    """Return a score per (language, kind) on PART (all when None), and the mistakes.

    Sentences are asked for their wording, replies for their frame and for having no hurtful wording.
    """
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    mistakes = []
    for path in sorted((LABELLED / "tone").glob("*.toml")):
        for sentence in (s for name in ([part] if part else PARTS) for s in sentences(path.stem, name)):
            kinds = (*WORDING, *FRAME) if sentence.is_reply else WORDING
            found: dict[str, list[str]] = defaultdict(list)
            for finding in tone.check(sentence.text, sentence.language):
                if finding.kind in kinds:
                    found[finding.kind].append(finding.text)
            for kind in kinds:
                for key in ((sentence.language, kind), ("all", kind)):
                    scores[key].add(found=kind in found, there=kind in sentence.kinds)
            if set(found) != sentence.kinds:
                wrong = {kind: words for kind, words in found.items() if kind not in sentence.kinds}
                mistakes.append(Mistake(sentence, sentence.kinds - set(found), wrong))
    return dict(scores), mistakes
