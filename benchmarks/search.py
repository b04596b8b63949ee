"""Search by words of every frequency, with operators and without: the verb and its page, beside the SQL alone."""

import statistics
import time
from collections.abc import Callable

from django.db import connection

from benchmarks import web
from benchmarks.measure import Figure, milliseconds, percentile
from benchmarks.processes import running
from escalation.search import run
from tickets import vocabulary
from tickets.clock import database_now
from tickets.models import User

TIMES = 40
AIM = "p95 < 50 ms"

SEARCHES = {
    "a word of every second message": "parcel",
    "one of 97 messages": "hbc",
    "one of 1,009": "ibcd",
    "one of 10,007": "jbcde",
    "four common words": "invoice address stock colleague",
    "a common word and a rare one": "parcel ibcd",
    "a phrase": '"present for the weekend"',
    "a phrase of common words that nobody said": '"weekend present"',
    "a phrase of words that always go together": '"refund still not on my account"',
    "two common words that never go together": "lamp voucher",
    "an unfinished word": "week",
    "a word to leave out": "parcel -broken",
    "a customer": "customer 4711",
    "an address": "customer4711@example.org",
    "an order": "CA-43210",
    "nothing found": "qwertyuiop",
    "an operator alone": "is:resolved",
    "another": "is:open",
    "one that fits nothing": "is:late",
    "a common word with operators": "parcel is:open floor:1",
    "a common word where no ticket fits": "parcel floor:2 is:late",
    "a common word, long ago": "parcel before:2026-03-01",
    "the same with two letters": "pa",
    # Every operator with the commonest word: those that leave few tickets, and those that leave nearly all.
    **{
        f"with `{operator}`": f"parcel {operator}"
        for operator in (
            "floor:1", "floor:2", "floor:3", "is:open", "is:resolved", "is:closed", "is:waiting", "is:mine",
            "is:unassigned", "status:pending", "owner:none", "owner:supervisor@example.com", "team:first-line",
            "team:specialists", "tag:vip", "category:damage", "channel:web", "channel:phone",
            "customer:customer4711@example.org", "risk:legal", "held:yes", "held:no", "after:2026-11-01",
        )
    },
}  # fmt: skip

# What a search without walking does: all that match, ranked, then the best.
_PLAIN = """
SELECT ticket_id, max(ts_rank(words, 'parcel'::tsquery)) FROM tickets_passage WHERE words @@ 'parcel'::tsquery
GROUP BY 1 ORDER BY 2 DESC LIMIT 25
"""


def search() -> list[Figure]:
    """Time each search: hits of the first page and counts of all kinds, as the page and the API ask for them."""
    vocabulary.learn(seconds=3600, now_too=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tickets_passage, tickets_word")
    agent = User.objects.get(email="agent@example.com")
    figures = []
    for what, text in SEARCHES.items():
        taken, sql = _timed(lambda text=text: _whole(agent, text))
        note = f"`{text}`"
        figures.append(Figure(f"search: {what}", _p95(taken), beside=f"its SQL {_p95(sql)}", aim=AIM, note=note))
    return [*figures, *_page(), _plain()]


def _whole(agent: User, text: str) -> None:
    found = run.begin(agent, text, now=database_now())
    found.page("tickets")
    assert found.counts


def _page() -> list[Figure]:
    port = web.free_port()
    with running([part.format(app="helpdesk.wsgi", port=port) for part in web.SERVER]):
        ask = web._get(web.connect(port), "/desk/search/?q=parcel", web.session())
        taken = milliseconds(ask, times=TIMES)
    return [Figure("search page, a common word", _p95(taken), note="HTTP, signed in")]


def _plain() -> Figure:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        taken = milliseconds(lambda: cursor.execute(_PLAIN), times=3, warm_up=1)
    return Figure("the same word by plain SQL", _p95(taken), note="all matches ranked, one kind, nobody's sight asked")


def _timed(work: Callable[[], None]) -> tuple[list[float], list[float]]:
    """Return how long WORK took, and how much of that its statements."""
    spent = 0.0

    def watch(execute, sql, params, many, context):
        nonlocal spent
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += (time.perf_counter() - begun) * 1000

    sql = []

    def watched() -> None:
        nonlocal spent
        spent = 0.0
        work()
        sql.append(spent)

    with connection.execute_wrapper(watch):
        taken = milliseconds(watched, times=TIMES)
    return taken, sorted(sql[3:])


def _p95(taken: list[float]) -> str:
    return f"{statistics.median(taken):.1f} ms (p95 {percentile(taken, 95):.1f})"
