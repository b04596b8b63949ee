"""Finding approved texts (P6.1): search for people, suggestions for a ticket or a form."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from django.utils.translation import gettext as _

from policies.folding import fold
from policies.languages import small_words
from policies.models import Script
from policies.scripts import text_in
from tickets.refusals import NotFound
from tickets.statements import embedded

LONGEST = 2_000
"""Characters of a question that are looked at."""
MOST_WORDS = 24
MOST_FOUND = 1_000

# The words that search keeps of each text are read: reading the texts themselves anew takes a hundred times as long.
# A title weighs as much as the text: its words are often the small ones. Whether a text may be offered is asked of the
# NEAREST first; how the last of them fits bounds of how many others it is asked at all.
_BEST = """
WITH asked AS MATERIALIZED (SELECT to_tsquery('simple', %(asked)s) AS words), found AS MATERIALIZED (
    SELECT p.source, ts_rank('{{0.1, 0.1, 0.1, 0.1}}', p.words, asked.words, 1) AS rank
    FROM tickets_passage p, asked WHERE p.kind = 'script' AND p.words @@ asked.words
), nearest AS (SELECT * FROM found ORDER BY rank DESC LIMIT %(nearest)s)
SELECT t.* FROM found JOIN ({texts}) t ON t.id = found.source
WHERE rank >= coalesce((
    SELECT rank FROM nearest JOIN ({texts}) t ON t.id = nearest.source ORDER BY rank DESC OFFSET %(most)s - 1 LIMIT 1
), 0)
ORDER BY rank DESC, t.title LIMIT %(most)s
"""
_NEAREST = 100

_NUMBERS = ArrayField(BigIntegerField())
_WORD = re.compile(r"[a-z0-9]{3,40}")
_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*(?:\n|\Z)")


def in_force(*, public: bool, kinds: Iterable[str] = (), at: datetime | None = None) -> QuerySet[Script]:
    """Return the texts that hold at AT (default: now); only what customers may read when PUBLIC."""
    texts = Script.objects.in_force(at).select_related("owner", "category")
    texts = texts.filter(is_public=True) if public else texts
    return texts.filter(kind__in=kinds) if kinds else texts


def get(slug: str, *, public: bool) -> Script:
    """Return the text SLUG in force."""
    text = in_force(public=public).filter(slug=slug).first()
    if text is None:
        raise NotFound(_("There is no such text in force."), code="not_found")
    return text


def search(texts: QuerySet[Script], asked: str) -> QuerySet[Script]:
    """Return those of TEXTS that have all words of ASKED, or words that begin like them; best first, 1,000 at most."""
    found = [text.pk for text in _best(texts.only("title"), _words_of(asked), " & ", most=MOST_FOUND)]
    place = Func(Value(found, _NUMBERS), F("pk"), function="array_position", output_field=IntegerField())
    return texts.filter(pk__in=found).order_by(place)


def suggest(texts: QuerySet[Script], about: str, *, most: int = 3) -> list[Script]:
    """Return the texts that share most words with ABOUT, which somebody wrote in their own words; best first."""
    return _best(texts, _telling(about), " | ", most=most)


def shared_words(text: Script, about: str, *, most: int = 3) -> list[str]:
    """Return some of the words of ABOUT for which `suggest` finds TEXT."""
    said = set(_WORD.findall(fold(" ".join([text.title, *text.texts.values()]))))
    return [word for word in _telling(about) if any(one.startswith(word) for one in said)][:most]


def title_in(text: Script, language: str) -> str:
    """Return the title of TEXT in LANGUAGE, or the one that staff know it by."""
    written, really = text_in(text, language)
    heading = _HEADING.match(written)
    return heading[1] if heading and really else text.title


def body_in(text: Script, language: str) -> tuple[str, str]:
    """Return TEXT without its title, and the language that it is really in."""
    written, really = text_in(text, language)
    return _HEADING.sub("", written, count=1).strip(), really


def _best(texts: QuerySet[Script], wanted: list[str], joint: str, *, most: int) -> list[Script]:
    if not wanted:
        return []
    try:
        sql, values = embedded(texts.select_related(None).order_by())
    except EmptyResultSet:
        return []
    values |= {"asked": joint.join(f"{word}:*" for word in wanted), "nearest": _NEAREST, "most": most}
    return list(Script.objects.raw(_BEST.format(texts=sql), values))


def _words_of(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(fold(text[:LONGEST]))))[:MOST_WORDS]


def _telling(about: str) -> list[str]:
    return [word for word in _words_of(about) if len(word) > 3 and word not in small_words()]
