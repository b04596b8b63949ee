"""Finding approved texts (P6.1): search for people, suggestions for a ticket or a form."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, OuterRef, QuerySet, Subquery, Value
from django.utils.translation import gettext as _

from policies.folding import fold
from policies.languages import small_words
from policies.models import Script
from policies.scripts import text_in
from tickets.models import Passage
from tickets.refusals import NotFound

LONGEST = 2_000
"""Characters of a question that are looked at."""
MOST_WORDS = 24

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
    """Return those of TEXTS that have all words of ASKED, or words that begin like them; best first."""
    return _best(_rated(texts, _words_of(asked), " & "))


def fitting(texts: QuerySet[Script], about: str) -> QuerySet[Script]:
    """Return those of TEXTS that share words with ABOUT, which somebody wrote in their own words; best first."""
    return _best(rated(texts, about))


def rated(texts: QuerySet[Script], about: str) -> QuerySet[Script]:
    """Return TEXTS, each with a `rank`: the higher, the more words it shares with ABOUT; None for none."""
    wanted = [word for word in _words_of(about) if len(word) > 3 and word not in small_words()]
    return _rated(texts, wanted, " | ")


def suggest(texts: QuerySet[Script], about: str, *, most: int = 3) -> list[Script]:
    """Return the texts that fit ABOUT best."""
    return list(fitting(texts, about)[:most])


def title_in(text: Script, language: str) -> str:
    """Return the title of TEXT in LANGUAGE, or the one that staff know it by."""
    written, really = text_in(text, language)
    heading = _HEADING.match(written)
    return heading[1] if heading and really else text.title


def body_in(text: Script, language: str) -> tuple[str, str]:
    """Return TEXT without its title, and the language that it is really in."""
    written, really = text_in(text, language)
    return _HEADING.sub("", written, count=1).strip(), really


def _rated(texts: QuerySet[Script], wanted: list[str], joint: str) -> QuerySet[Script]:
    if not wanted:
        return texts.annotate(rank=Value(None, output_field=FloatField()))
    query = SearchQuery(joint.join(f"{word}:*" for word in wanted), config="simple", search_type="raw")
    # The words that search keeps of each text: reading the texts themselves anew takes a hundred times as long.
    kept = Passage.objects.filter(kind="script", source=OuterRef("pk"), words=query)
    # A title weighs as much as the text: its words are often the small ones.
    rank = SearchRank(F("words"), query, normalization=1, weights=[0.1] * 4)
    return texts.annotate(rank=Subquery(kept.values(rank=rank)))


def _best(rated: QuerySet[Script]) -> QuerySet[Script]:
    return rated.filter(rank__isnull=False).order_by("-rank", "title")


def _words_of(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(fold(text[:LONGEST]))))[:MOST_WORDS]
