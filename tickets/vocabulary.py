"""Background work of search: passages of texts that were there before it, and the vocabulary of all passages.

Both go forward in small batches, each in a transaction of its own, so that they hold no lock for long and can be broken
off at any time.
"""

import time

from django.db import connection, transaction

from tickets.models import SearchMark

BATCH = 1000
"""Texts at a time; some 0.3 s of work."""

_MISSING = """
WITH batch AS (
    SELECT id, ticket_id, body FROM tickets_message WHERE id < %(mark)s ORDER BY id DESC LIMIT %(batch)s
), made AS (
    SELECT search_put_on_ticket('message', b.id, b.ticket_id, b.body) FROM batch b
    WHERE NOT EXISTS (SELECT FROM tickets_passage p WHERE p.kind = 'message' AND p.source = b.id)
)
SELECT min(id), (SELECT count(*) FROM made) FROM batch
"""
_MISSING_CUSTOMERS = """
WITH batch AS (SELECT id, name, email FROM tickets_customer WHERE id < %(mark)s ORDER BY id DESC LIMIT %(batch)s),
made AS (
    SELECT search_put('customer', b.id, search_words(b.name, b.email, '', NULL)) FROM batch b
    WHERE NOT EXISTS (SELECT FROM tickets_passage p WHERE p.kind = 'customer' AND p.source = b.id)
)
SELECT min(id), (SELECT count(*) FROM made) FROM batch
"""
_OLD_TEXTS = {"messages": _MISSING, "customers": _MISSING_CUSTOMERS}

# Words only: numbers and references are found whole. `seen` counts passages and is never taken down: it only ranks.
_LEARN = """
INSERT INTO tickets_word (word, seen)
SELECT word, ndoc FROM ts_stat(
    format('SELECT words FROM tickets_passage WHERE id > %%s AND id <= %%s', %(first)s, %(last)s)
)
WHERE length(word) BETWEEN 3 AND 30 AND word !~ '[^[:alpha:]]' ORDER BY word
ON CONFLICT (word) DO UPDATE SET seen = tickets_word.seen + excluded.seen
"""
_FORGET = """
DELETE FROM tickets_word w WHERE w.word = ANY(%(words)s)
AND NOT EXISTS (SELECT FROM tickets_passage p WHERE p.words @@ ('''' || w.word || '''')::tsquery)
"""


def catch_up(*, seconds: float) -> int:
    """Make passages of older texts, the newest first, for at most about SECONDS; return how many texts were looked at.

    When all are made this is one cheap look.
    """
    until, looked_at = time.monotonic() + seconds, 0
    for task, sql in _OLD_TEXTS.items():
        while time.monotonic() < until:
            with transaction.atomic(), connection.cursor() as cursor:
                mark = _locked(task, start=2**62)
                if mark.number == 0:
                    break
                cursor.execute(sql, {"mark": mark.number, "batch": BATCH})
                lowest, _made = cursor.fetchone()
                mark.number = lowest or 0
                mark.save()
            looked_at += BATCH
    return looked_at


def learn(*, seconds: float, now_too: bool = False) -> None:
    """Put the words of new passages into the vocabulary, for at most about SECONDS.

    Passages younger than the call before wait for the next: numbers are given before their rows can be seen, and a row
    that became visible later than its followers would be passed over. With NOW_TOO they do not wait.
    """
    until = time.monotonic() + seconds
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM tickets_passage")
        newest = cursor.fetchone()[0]
    with transaction.atomic():
        seen = _locked("seen", start=0)
        settled, seen.number = newest if now_too else seen.number, newest
        seen.save()
    while time.monotonic() < until:
        with transaction.atomic(), connection.cursor() as cursor:
            learned = _locked("learn", start=0)
            last = min(settled, learned.number + BATCH)
            if last <= learned.number:
                return
            cursor.execute(_LEARN, {"first": learned.number, "last": last})
            learned.number = last
            learned.save()


def words_of(number: int) -> list[str]:
    """Return the words in what can be found of ticket NUMBER."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unnest(tsvector_to_array(words)) FROM tickets_passage WHERE ticket_id = %s", [number]
        )
        return [word for (word,) in cursor.fetchall()]


def forget(words: list[str]) -> None:
    """Take those of WORDS out of the vocabulary that no passage has any more: after texts were erased."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"words": [word for word in words if word.isalpha()]})


def _locked(task: str, *, start: int) -> SearchMark:
    mark, _created = SearchMark.objects.select_for_update().get_or_create(task=task, defaults={"number": start})
    return mark
