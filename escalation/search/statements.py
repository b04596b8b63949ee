"""The SQL of a finding: where passages come from, how they are ranked, and which tickets are read without words."""

# Before each statement, for it alone: what is read lies in memory by its index, sooner than other processes begin.
SETTINGS = "SET LOCAL random_page_cost = 1.1; SET LOCAL max_parallel_workers_per_gather = 0; "

WITHOUT = """
AND NOT EXISTS (SELECT FROM tickets_passage n WHERE n.ticket_id = c.ticket_id AND n.words @@ %(none)s::tsquery OFFSET 0)
"""

EXACTLY = "p.words @@ %(all)s::tsquery"

# `place` is where the row lies: reading it again by that costs a quarter of what its key costs.
_CANDIDATE = "SELECT p.ctid AS place, p.id, p.ticket_id, {exactly} AS exact FROM tickets_passage p"

WALK = f"""
SELECT p.* FROM unnest(%(steps)s::text[]) step (mark) CROSS JOIN LATERAL (
    {_CANDIDATE} WHERE p.words @@ (%(near)s::tsquery && step.mark::tsquery) {{of_kind}}
    ORDER BY p.ticket_id DESC, p.id DESC
) p
"""

RARE = f"""
{_CANDIDATE} WHERE p.words @@ %(near)s::tsquery AND p.ticket_id IS NOT NULL {{of_kind}}
ORDER BY (SELECT t.created_at FROM tickets_ticket t WHERE t.number = p.ticket_id) DESC, p.ticket_id DESC, p.id DESC
"""

PICK = f"""
{_CANDIDATE} WHERE p.ticket_id = ANY(%(few)s::bigint[]) AND p.words @@ %(near)s::tsquery
ORDER BY p.ticket_id DESC, p.id DESC
"""

# LIMIT and OFFSET keep PostgreSQL from asking which of a million tickets may be seen before it knows which are found.
# Half of a hit's worth is gone when its ticket came in 120 days before. The last passage that is looked at comes along,
# without a worth, when it does not fit: it tells that there are more.
RANKED = """
SELECT ts_rank('{{0.15, 0.3, 0.6, 1}}', p.words, %(wanted)s::tsquery)
        / (1 + extract(epoch FROM %(now)s - f.created_at)::float8 / 10368000),
    f.ticket_id, f.id, p.kind, p.source, p.words @@ %(said)s::tsquery
FROM (
    SELECT c.place, c.id, c.ticket_id, v.created_at
    FROM (
        SELECT * FROM (SELECT c.*, row_number() OVER () AS n FROM ({candidates} LIMIT %(looked_at)s) c) c
        WHERE c.exact OR c.n = %(looked_at)s
    ) c
    LEFT JOIN LATERAL (
        SELECT v.created_at FROM ({tickets}) v
        WHERE v.number = c.ticket_id AND v.created_at <= %(now)s AND c.exact {without} LIMIT 1
    ) v ON true
    WHERE v.created_at IS NOT NULL OR c.n = %(looked_at)s LIMIT %(most)s
) f CROSS JOIN LATERAL (SELECT p.kind, p.source, p.words FROM tickets_passage p WHERE p.ctid = f.place OFFSET 0) p
"""

ALONE = """
SELECT ts_rank('{{0.15, 0.3, 0.6, 1}}', p.words, %(wanted)s::tsquery), NULL, p.id, p.kind, p.source, true
FROM tickets_passage p
WHERE p.kind = %(kind)s AND p.words @@ %(all)s::tsquery AND {seen} LIMIT %(most)s
"""

NEWEST = """
SELECT 0, c.ticket_id, 0, '', 0, false FROM (SELECT v.number AS ticket_id, v.created_at FROM ({tickets}) v) c
WHERE c.created_at <= %(now)s {picked} {without} ORDER BY c.created_at DESC, c.ticket_id DESC LIMIT %(counted)s
"""

FEW = """
SELECT count(*), coalesce(array_agg(number), '{{}}')::text FROM (SELECT v.number FROM ({tickets}) v LIMIT %(enough)s) v
"""

# Those of the last months first: of words that everybody writes there are enough at once.
ARE_FEW = """
SELECT (SELECT count(*) FROM (
        SELECT FROM tickets_passage WHERE words @@ (%(near)s::tsquery && %(lately)s::tsquery) LIMIT %(most)s
    ) lately) < %(most)s
    AND (SELECT count(*) FROM (
        SELECT FROM tickets_passage WHERE words @@ %(near)s::tsquery LIMIT %(rare)s
    ) ever) < %(rare)s
"""

PASSAGES = "SELECT FROM tickets_passage WHERE words @@ %(near)s::tsquery"
