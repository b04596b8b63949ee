"""The matrix, and what is offered beside a decision: 10,000 rules, 1,000,000 decisions, 10,000 articles."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection

from benchmarks.measure import Figure, milliseconds, percentile, spread
from escalation import authority, matrix_trial, precedents
from policies import book, knowledge
from policies.models import DecisionRule, PolicyDraft
from policies.remedies import Problem, Remedy
from tickets.clock import database_now
from tickets.models import Ticket, User

RULES, DECISIONS, ARTICLES = 10_000, 1_000_000, 10_000
CHUNK = 100_000
TIMES = 100

# A cell of its own for each of 10,000 goods, over all problems and remedies; and as many for one single pair.
_RULES = """
INSERT INTO policies_decisionrule (slug, version, valid_from, problem, remedy, roles, up_to, currency, "window",
    product, why, customer_up_to, customer_window, agent_up_to, agent_window)
SELECT %(name)s || n, 1, %(since)s, (%(problems)s::text[])[1 + n %% %(pairs)s %% 7],
    (%(remedies)s::text[])[1 + n %% %(pairs)s / 7],
    '{agent,specialist}', 20 + n %% 80, %(currency)s, '24 hours', %(name)s || n, '', 300, '30 days', 1500, '7 days'
FROM generate_series(1, %(rules)s) n
"""

_DECISIONS = """
INSERT INTO escalation_decision (escalation_id, problem, remedy, amount, currency, rationale, decided_by_id, decided_at,
    in_force_at, verdict, verdict_why, rule_id, facts, departs_because)
SELECT 1 + n %% %(tickets)s, (%(problems)s::text[])[1 + n %% 7], (%(remedies)s::text[])[1 + n %% 3], 1 + n %% 90,
    %(currency)s, (%(sentences)s::text[])[1 + n %% 7] || ' ' || translate('7' || n %% 997, '0123456789', 'abcdefghij'),
    (%(agents)s::bigint[])[1 + n %% %(people)s], at, at, 'allowed', '', %(rule)s,
    jsonb_build_object('floor', 1, 'category', (%(categories)s::text[])[1 + n %% 7],
        'products', jsonb_build_array('goods' || n %% 1000)), ''
FROM (SELECT n, %(now)s::timestamptz - n * interval '30 seconds' AS at
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) numbered
"""

_PASSAGES = """
INSERT INTO tickets_passage (kind, source, ticket_id, words)
SELECT 'decision', d.id, d.escalation_id,
    to_tsvector('helpdesk_plain', d.rationale) || search_marks('decision', t.created_at)
FROM escalation_decision d JOIN tickets_ticket t ON t.number = d.escalation_id WHERE d.id > %s
"""

# Each says one of seven sentences among a hundred words of a vocabulary of 5,000, of which few are common.
_ARTICLES = """
INSERT INTO policies_script (slug, version, valid_from, title, kind, is_public, texts, why)
SELECT 'article-' || n, 1, %(since)s, (%(subjects)s::text[])[1 + n %% 10] || ' ' || n, 'article', true,
    jsonb_build_object('en', '# ' || (%(subjects)s::text[])[1 + n %% 10] || E'\\n\\n' || (
        SELECT (%(sentences)s::text[])[1 + n %% 7] || ' ' || string_agg(
            translate('8' || (5000 * power(random(), 3))::int, '0123456789', 'abcdefghij'), ' ')
        FROM generate_series(1, 100) k WHERE n > 0)), ''
FROM generate_series(1, %(articles)s) n
"""

_RAW_RULES = "SELECT * FROM policies_decisionrule WHERE problem = %s AND remedy = %s AND valid_until IS NULL"
_RAW_SIMILAR = """
SELECT d.id, ts_rank(p.words, %s::tsquery) AS rank FROM (
    SELECT id FROM escalation_decision WHERE problem = %s AND in_force_at IS NOT NULL
    ORDER BY in_force_at DESC LIMIT 500
) d JOIN tickets_passage p ON p.kind = 'decision' AND p.source = d.id ORDER BY rank DESC LIMIT 3
"""
_RAW_ARTICLES = """
SELECT source, ts_rank(words, %s::tsquery) AS rank FROM tickets_passage
WHERE kind = 'script' AND words @@ %s::tsquery ORDER BY rank DESC LIMIT 3
"""

ABOUT = "Lamp broken on arrival: the box looked intact from the outside, the damage was only seen on unpacking"


def policies(refer: dict) -> list[Figure]:
    """Make rules, decisions and articles once, then time the matrix, the suggestions and the trial of a draft."""
    if not DecisionRule.objects.filter(slug="spread1").exists():
        _make(refer)
    agent = User.objects.get(pk=refer["agent"])
    ticket = Ticket.objects.select_related("escalation", "customer", "category", "channel").get(pk=7)
    ticket.order_products = ["spread701", "goods5"]
    return [*_verdicts(ticket, agent), *_suggestions(ticket, agent), *_trial(agent)]


def _make(refer: dict) -> None:
    problems, remedies = list(map(str, Problem.values)), list(map(str, Remedy.values))
    now = refer["now"]
    common = refer | {
        "problems": problems, "remedies": remedies, "currency": settings.CURRENCY, "since": now - timedelta(days=400),
        "tickets": Ticket.objects.count(), "categories": ["damage", "return", "payment", "service", "", "", ""],
        "agents": list(User.objects.values_list("pk", flat=True)), "people": User.objects.count(),
        "articles": ARTICLES, "rules": RULES,
    }  # fmt: skip
    print(f"Making {RULES:,} rules, {DECISIONS:,} decisions, {ARTICLES:,} articles …", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '256MB'")
        cursor.execute(_RULES, common | {"name": "spread", "pairs": 42})
        cursor.execute("SELECT id FROM policies_decisionrule WHERE slug = 'damage-refund'")
        rule = cursor.fetchone()[0]
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'passage_words'")
        index = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(max(id), 0) FROM escalation_decision")
        before = cursor.fetchone()[0]
        cursor.execute("DROP INDEX passage_words; ALTER TABLE escalation_decision DISABLE TRIGGER search_decision_in")
        for first in range(1, DECISIONS + 1, CHUNK):
            cursor.execute(_DECISIONS, common | {"rule": rule, "first": first, "last": first + CHUNK - 1})
        cursor.execute(_PASSAGES, [before])
        cursor.execute(_ARTICLES, common)
        cursor.execute(index)
        cursor.execute("ALTER TABLE escalation_decision ENABLE TRIGGER search_decision_in")
        cursor.execute("VACUUM ANALYZE")


def _verdicts(ticket: Ticket, agent: User) -> list[Figure]:
    now = database_now()

    def ask() -> None:
        authority.verdict(
            ticket, actor=agent, problem="damage", remedy="refund", amount=Decimal(10), currency=settings.CURRENCY,
            now=now,
        )  # fmt: skip

    figures = [_figure(f"verdict, {RULES:,} rules for all cases", ask, _RAW_RULES, ["damage", "refund"], "< 5 ms")]
    with connection.cursor() as cursor:
        since = now - timedelta(days=400)
        pair = {"problems": ["damage"] * 7, "remedies": ["refund"], "name": "crowd", "pairs": 1}
        cursor.execute(_RULES, pair | {"since": since, "rules": RULES, "currency": settings.CURRENCY})
        cursor.execute("ANALYZE policies_decisionrule")
        what = f"verdict, {RULES:,} rules for one problem and remedy"
        figures.append(_figure(what, ask, _RAW_RULES, ["damage", "refund"], "< 5 ms"))
        # Versions stay for good, so these leave as they came.
        cursor.execute("ALTER TABLE policies_decisionrule DISABLE TRIGGER superseded_never_edited")
        cursor.execute("DELETE FROM policies_decisionrule WHERE slug LIKE 'crowd%'")
        cursor.execute("ALTER TABLE policies_decisionrule ENABLE TRIGGER superseded_never_edited")
        cursor.execute("VACUUM ANALYZE policies_decisionrule")
    return figures


def _suggestions(ticket: Ticket, agent: User) -> list[Figure]:
    words = "'lamp' | 'broken' | 'arrival' | 'looked' | 'intact' | 'outside' | 'damage' | 'unpacking'"
    texts = knowledge.in_force(public=True)

    def archive() -> None:
        precedents.read(precedents.search(agent, "intact unpacking", now=database_now())[:25])

    def newest() -> None:
        precedents.read(precedents.newest(agent, problem="damage")[:25])

    def none_fits() -> None:
        for narrowed in ({"facts__category": "none"}, {"verdict": "no_rule"}, {"remedy": "repair"}):
            assert not precedents.newest(agent, **narrowed)

    def alike() -> None:
        precedents.similar(ticket, agent, problem="damage", remedy="refund", words=ABOUT)

    aim = f"together < 50 ms at {DECISIONS:,} decisions"
    rare = "the archive by a category, a verdict and a remedy that none has"
    return [
        _figure("similar cases", alike, _RAW_SIMILAR, [words, "damage"], aim),
        _figure("articles that fit", lambda: knowledge.suggest(texts, ABOUT), _RAW_ARTICLES, [words, words], aim),
        Figure("words in the archive, a page", spread(milliseconds(archive, times=TIMES)), aim="< 50 ms"),
        Figure("the newest in the archive, a page", spread(milliseconds(newest, times=TIMES)), aim="< 50 ms"),
        Figure(rare, spread(milliseconds(none_fits, times=TIMES)), aim="< 100 ms"),
    ]


def _trial(agent: User) -> list[Figure]:
    now = database_now()
    kind = book.kind("decision-matrix")
    terms = kind.write(DecisionRule.objects.get(slug="damage-refund", valid_until=None)) | {"up_to": "50.00"}
    draft = PolicyDraft(kind=kind.slug, key="damage-refund", terms=terms, author=agent)
    taken = milliseconds(
        lambda: matrix_trial.run(draft, since=now - timedelta(days=30), until=now, now=now), times=10, warm_up=1
    )
    note = f"{matrix_trial.MOST:,} decisions of the last 30 days put to two matrices of {RULES:,} rules"
    return [Figure("trial of a draft", f"{taken[len(taken) // 2]:.0f} ms", note=note)]


def _figure(what: str, work, sql: str, values: list, aim: str) -> Figure:
    def raw() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            cursor.fetchall()

    raw_taken = milliseconds(raw, times=TIMES)
    taken = milliseconds(work, times=TIMES)
    beside = f"its SQL {spread(raw_taken)}"
    return Figure(what, f"{spread(taken)}, p95 {percentile(taken, 95):.1f}", beside=beside, aim=aim)
