"""From words to a question for PostgreSQL: every word as written and by its stems, the last one completed."""

import re
from dataclasses import dataclass

from django.db import connection

from escalation.search.asked import Term

COMPLETIONS = 12
"""Known words that an unfinished last word may stand for: the most frequent ones."""

_UNLEARNED = 100
"""Newest passages whose words are not in the vocabulary yet and are read one by one."""

# The parser of PostgreSQL makes the words, so that a search is cut as the texts were.
_QUERIES = """
SELECT n, phraseto_tsquery('helpdesk_plain', word)::text, phraseto_tsquery('helpdesk_en', word)::text,
    phraseto_tsquery('helpdesk_it', word)::text, phraseto_tsquery('helpdesk_pt', word)::text,
    tsvector_to_array(to_tsvector('helpdesk_plain', word))
FROM (SELECT n, search_plain(word) AS word FROM unnest(%s::text[]) WITH ORDINALITY typed (word, n)) typed ORDER BY n
"""
_COMPLETIONS = """
(SELECT word, seen FROM tickets_word WHERE word ^@ %(start)s ORDER BY seen DESC LIMIT %(most)s)
UNION ALL
(SELECT found.lexeme, 0
    FROM (SELECT words FROM tickets_passage
        WHERE id > coalesce((SELECT number FROM tickets_searchmark WHERE task = 'learn'), 0)
        ORDER BY id DESC LIMIT %(newest)s) fresh, unnest(fresh.words) found
    WHERE found.lexeme ^@ %(start)s LIMIT %(most)s)
"""
_LEXEME = re.compile(r"'((?:[^']|'')+)'")
_APART = re.compile(r"(?<=' )<(?:-|\d+)>(?= ')")


@dataclass(frozen=True)
class Words:
    """A search as texts of type tsquery: a passage must be as `all` says, its ticket must lack `none`; '' is anything.

    `near` is `all` with phrases as mere words: what the index can tell without reading the passages. `wanted` is `all`
    without what must be absent, for ranking. `said` is any of the words within a text itself, not in its title.
    `lexemes` are what an excerpt marks.
    """

    all: str = ""
    near: str = ""
    wanted: str = ""
    none: str = ""
    said: str = ""
    lexemes: frozenset[str] = frozenset()
    silent: bool = False  # words were typed, and none of them is one: only signs


def compile(terms: tuple[Term, ...]) -> Words:
    """Turn TERMS into queries. Words that are stop words in some language need not be there, if others are."""
    if not terms:
        return Words()
    with connection.cursor() as cursor:
        cursor.execute(_QUERIES, [[term.text for term in terms]])
        found = [row[1:] for row in cursor.fetchall()]
    wanted, optional, without = [], [], []
    for place, (term, (plain, *stems, parts)) in enumerate(zip(terms, found, strict=True)):
        if not plain:
            continue
        ways = [plain] if term.phrase else list(dict.fromkeys(way for way in (plain, *stems) if way))
        if place == len(terms) - 1 and not term.phrase and not term.leave_out and len(parts) == 1:
            ways = list(dict.fromkeys([*ways, *_completions(parts[0])]))
        query = f"({' | '.join(ways)})"
        if term.leave_out:
            without.append(query)
        elif term.phrase or all(stems):
            wanted.append(query)
        else:
            optional.append(query)
    wanted = wanted or optional
    not_there = [f"!{query}" for query in without]
    return Words(
        all=" & ".join([*wanted, *not_there]),
        near=" & ".join([*(_APART.sub("&", query) for query in wanted), *not_there]),
        wanted=" & ".join(wanted),
        none=" | ".join(without),
        said=_weighted(" | ".join(wanted)),
        lexemes=frozenset(word.replace("''", "'") for query in wanted for word in _LEXEME.findall(query)),
        silent=not (wanted or without),
    )


def _completions(start: str) -> list[str]:
    """Return quoted words that begin with START, which is itself a whole word; digits are not completed."""
    if len(start) < 2 or not start.isalpha():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETIONS, {"start": start, "most": COMPLETIONS, "newest": _UNLEARNED})
        known = dict(sorted(cursor.fetchall(), key=lambda row: row[1]))
    best = sorted(known, key=known.get, reverse=True)[:COMPLETIONS]
    return [quoted(word) for word in best if word != start]


def quoted(lexeme: str) -> str:
    """Return LEXEME as it is written in a tsquery."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _weighted(query: str) -> str:
    return _LEXEME.sub(lambda lexeme: f"{lexeme[0]}:D", query)
