"""Reading a reply before it is sent: does its tone stay collaborative (P5.3), is the frame of P5.2 there?

It only points out. What it looks for are the rules in force (`Wording`), so a shop can change them; matching is
one pass of a regular expression without nested repetition, linear on any text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from policies import languages, phrases
from policies.folding import fold
from policies.models import Wording

LONGEST = 20_000
"""Characters of a text that are looked at; what follows is not."""
MOST = 50
"""Findings that are told; who gets so many reads no more."""
FRAMED_FROM = 6
"""Words from which on a text is taken for a reply, which then needs the frame; shorter ones are remarks."""

_WORDS = (Wording.Kind.BLAMING, Wording.Kind.DEMEANING, Wording.Kind.ABSOLUTE)
_FRAME = (Wording.Kind.ACKNOWLEDGEMENT, Wording.Kind.NEXT_STEP)
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_LINK = re.compile(r"\bhttps?://\S+")
_SENTENCE_END = re.compile(r"[.!?\n]+")
_MARKS = re.compile(r"[!?]{2,}")
_CAPITALS = re.compile(r"[^\W\d_]++(?:['’-][^\W\d_]++)*+")
_LOUD_ALONE = 4
"""Letters from which on a word in capitals counts within a run of them; below it may be an abbreviation."""
_LOUD_TOGETHER = 8
"""Letters that a run of capital words needs to be shouting, so that "VAT" and "IBAN" side by side are not."""


@dataclass(frozen=True)
class Finding:
    """What could be said better. START and END are characters of the text; equal where something is missing there."""

    kind: str
    start: int
    end: int
    text: str
    why: str
    suggestion: str

    @property
    def label(self) -> str:
        return str(Wording.Kind(self.kind).label)


@dataclass(frozen=True)
class _Lists:
    """The rules of one language, compiled."""

    words: re.Pattern
    meanings: tuple[tuple[str, str, str], ...]
    loud: frozenset[str]
    shouting: tuple[str, str] | None
    frame: list["_Part"]


@dataclass(frozen=True)
class _Part:
    """A part of the frame of a reply: what is it wherever it stands, and what only where nothing is acknowledged."""

    kind: str
    anywhere: re.Pattern
    elsewhere: re.Pattern
    why: str
    better: str


def check(text: str, language: str = "", *, otherwise: str = "en", at: datetime | None = None) -> list[Finding]:
    """Return what could be said better in TEXT, in its order. Without LANGUAGE it is guessed, or else OTHERWISE."""
    text = text[:LONGEST]
    if not text.strip():
        return []
    language = language.split("-")[0].lower() or languages.guess(text, otherwise)
    lists = _compiled(language, tuple(Wording.objects.in_force(at).order_by("pk").values_list("pk", flat=True)))
    own = _LINK.sub(_blank, _QUOTED.sub(_blank, text))
    folded, places = _folded(own)
    found = [*_hurtful(own, folded, places, lists), *_shouted(own, lists)]
    found.sort(key=lambda finding: (finding.start, finding.end))
    return [*found[:MOST], *_missing(own, folded, lists)]


def _hurtful(text: str, folded: str, places: list[int] | None, lists: _Lists) -> Iterator[Finding]:
    for match in lists.words.finditer(folded):
        kind, why, better = lists.meanings[match.lastindex - 1]
        if kind:
            start, end = match.span()
            if places:
                start, end = places[start], places[end - 1] + 1
            yield Finding(kind, start, end, text[start:end], why, better)


def _shouted(text: str, lists: _Lists) -> Iterator[Finding]:
    if lists.shouting is None:
        return
    for match in _MARKS.finditer(text):
        yield Finding(Wording.Kind.SHOUTING, *match.span(), match.group(), *lists.shouting)
    run: list[re.Match] = []
    for word in _CAPITALS.finditer(text):
        capital = word.group().isupper()
        if run and (not capital or text[run[-1].end() : word.start()].strip(" \t\n")):
            yield from _loud(text, run, lists)
            run = []
        if capital:
            run.append(word)
    yield from _loud(text, run, lists)


def _loud(text: str, run: list[re.Match], lists: _Lists) -> Iterator[Finding]:
    """Yield the run of capital words if it is shouting; a lone abbreviation or name is not."""
    long = any(len(word.group()) >= _LOUD_ALONE for word in run)
    together = len(run) > 1 and long and sum(len(word.group()) for word in run) >= _LOUD_TOGETHER
    loud = any(len(word.group()) > 1 and fold(word.group()) in lists.loud for word in run)
    if together or loud:
        start, end = run[0].start(), run[-1].end()
        yield Finding(Wording.Kind.SHOUTING, start, end, text[start:end], *lists.shouting)


def _missing(text: str, folded: str, lists: _Lists) -> Iterator[Finding]:
    if len(folded.split(None, FRAMED_FROM)) < FRAMED_FROM:
        return
    plain = _unacknowledging(folded, lists)
    for part in lists.frame:
        asks = part.kind == Wording.Kind.NEXT_STEP and "?" in text
        if not asks and not part.anywhere.search(folded) and not part.elsewhere.search(plain):
            place = 0 if part.kind == Wording.Kind.ACKNOWLEDGEMENT else len(text.rstrip())
            yield Finding(part.kind, place, place, "", part.why, part.better)


def _unacknowledging(folded: str, lists: _Lists) -> str:
    """Return the sentences of a reply that acknowledge nothing: there "you" and "tomorrow" are about what comes."""
    said = [part.anywhere for part in lists.frame if part.kind == Wording.Kind.ACKNOWLEDGEMENT]
    return ". ".join(one for one in _SENTENCE_END.split(folded) if not any(pattern.search(one) for pattern in said))


@lru_cache(maxsize=64)
def _compiled(language: str, pks: tuple[int, ...]) -> _Lists:
    """Compile versions of rules for LANGUAGE; a version is never edited, so its number stands for what it says."""
    rules = [
        (rule.kind, _phrases(rule, language), rule.reason.get(language, ""), rule.better.get(language, ""))
        for rule in Wording.objects.filter(pk__in=pks).order_by("pk")
        if rule.phrases.get(language)
    ]
    found = [(phrase, (kind, why, better)) for kind, own, why, better in rules if kind in _WORDS for phrase in own]
    found.sort(key=lambda pair: -len(pair[0].removeprefix("!")))
    # The empty group after a phrase tells which one it was; before it, it would slow the engine down.
    branches = "|".join(f"{phrases.expression(phrase)}(?!\\w)()" for phrase, _meaning in found)
    loud = [(own, why, better) for kind, own, why, better in rules if kind == Wording.Kind.SHOUTING]
    return _Lists(
        words=re.compile(rf"(?<!\w)(?:{branches or '(?!)'})"),
        meanings=tuple(("", "", "") if phrase.startswith("!") else meaning for phrase, meaning in found),
        loud=frozenset(fold(phrase) for own, _why, _better in loud for phrase in own),
        shouting=loud[0][1:] if loud else None,
        frame=[_part(*rule) for rule in rules if rule[0] in _FRAME],
    )


def _part(kind: str, own: list[str], why: str, better: str) -> _Part:
    weak = [phrase for phrase in own if phrase.startswith("~")]
    anywhere, elsewhere = (
        re.compile(rf"(?<!\w)(?:{phrases.alternatives(group) or '(?!)'})(?!\w)")
        for group in ([phrase for phrase in own if phrase not in weak], weak)
    )
    return _Part(kind, anywhere, elsewhere, why, better)


def _phrases(rule: Wording, language: str) -> list[str]:
    return [phrase.strip() for phrase in rule.phrases[language].splitlines() if phrase.strip(" *!~.")]


def _blank(match: re.Match) -> str:
    """Hide words that are not the writer's own, and keep the places of all others."""
    return " " * len(match.group())


def _folded(text: str) -> tuple[str, list[int] | None]:
    """Return TEXT folded, and for each of its characters the place in TEXT; None when the places are the same."""
    if text.isascii():
        return text.lower(), None
    folded = [(_fold_one(character), place) for place, character in enumerate(text)]
    return "".join(part for part, _place in folded), [place for part, place in folded for _ in part]


_fold_one = lru_cache(maxsize=4096)(fold)
