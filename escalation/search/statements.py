"""The SQL of a finding: where passages come from, how they are ranked, and which tickets are read without words."""

WITHOUT = """
AND NOT EXISTS (SELECT FROM tickets_passage n WHERE n.ticket_id = c.ticket_id AND n.words @@ %(none)s::tsquery OFFSET 0)
"""

EXACTLY = """
AND EXISTS (SELECT FROM tickets_passage p WHERE p.id = c.id AND p.words @@ %(all)s::tsquery OFFSET 0)
"""

WALK = """
SELECT p.id, p.ticket_id FROM unnest(%(steps)s::text[]) step (mark) CROSS JOIN LATERAL (
    SELECT p.id, p.ticket_id FROM tickets_passage p
    WHERE p.words @@ (%(near)s::tsquery && step.mark::tsquery) {of_kind}
    ORDER BY p.ticket_id DESC, p.id DESC
) p
"""

RARE = """
SELECT p.id, p.ticket_id FROM tickets_passage p WHERE p.words @@ %(near)s::tsquery AND p.ticket_id IS NOT NULL {of_kind}
ORDER BY (SELECT t.created_at FROM tickets_ticket t WHERE t.number = p.ticket_id) DESC, p.ticket_id DESC, p.id DESC
"""

PICK = """
SELECT p.id, p.ticket_id FROM tickets_passage p
WHERE p.ticket_id = ANY(%(few)s) AND p.words @@ %(near)s::tsquery
ORDER BY p.ticket_id DESC, p.id DESC
"""

# LIMIT and OFFSET keep PostgreSQL from asking which of a million tickets may be seen before it knows which are found.
# Half of a hit's worth is gone when its ticket came in 120 days before.
RANKED = """
SELECT ts_rank('{{0.15, 0.3, 0.6, 1}}', p.words, %(wanted)s::tsquery)
        / (1 + greatest(0, extract(epoch FROM %(now)s - f.created_at)::float8) / 10368000),
    f.ticket_id, f.id, p.kind, p.source, p.words @@ %(said)s::tsquery, f.created_at IS NOT NULL AS fits
FROM (
    SELECT c.id, c.ticket_id, v.created_at
    FROM (SELECT c.*, row_number() OVER () AS n FROM ({candidates} LIMIT %(looked_at)s) c) c
    LEFT JOIN LATERAL (
        SELECT v.created_at FROM ({tickets}) v
        WHERE v.number = c.ticket_id AND v.created_at <= %(now)s {exactly} {without} LIMIT 1
    ) v ON true
    WHERE v.created_at IS NOT NULL OR c.n = %(looked_at)s LIMIT %(most)s
) f CROSS JOIN LATERAL (SELECT p.kind, p.source, p.words FROM tickets_passage p WHERE p.id = f.id OFFSET 0) p
"""

ALONE = """
SELECT ts_rank('{{0.15, 0.3, 0.6, 1}}', p.words, %(wanted)s::tsquery), NULL, p.id, p.kind, p.source
FROM tickets_passage p
WHERE p.kind = %(kind)s AND p.words @@ %(all)s::tsquery AND {seen} LIMIT %(most)s
"""

# The excerpt is of what was said last.
NEWEST = """
SELECT 0, c.ticket_id, coalesce(p.id, 0), coalesce(p.kind, ''), coalesce(p.source, 0)
FROM (
    SELECT c.ticket_id, c.created_at FROM (SELECT v.number AS ticket_id, v.created_at FROM ({tickets}) v) c
    WHERE c.created_at <= %(now)s {picked} {without} ORDER BY c.created_at DESC, c.ticket_id DESC LIMIT %(counted)s
) c LEFT JOIN LATERAL (
    SELECT p.id, p.kind, p.source FROM tickets_passage p WHERE p.ticket_id = c.ticket_id ORDER BY p.id DESC LIMIT 1
) p ON true
ORDER BY c.created_at DESC, c.ticket_id DESC
"""

EXPECTED = "EXPLAIN (FORMAT JSON) SELECT FROM tickets_passage WHERE words @@ %s::tsquery"
