"""The statements behind foresight: past stays as they looked at four moments of their time, and open ones as of now."""

_FEATURES = """
    coalesce(t.first_response_at <= {at}, false) AS answered, coalesce(f.flagged_at <= {at}, false) AS risky,
    t.channel_id AS channel, coalesce(t.category_id, 0) AS category,
    CASE WHEN extract(isodow FROM {entered} AT TIME ZONE %(zone)s) >= 6 THEN 'weekend'
        WHEN extract(hour FROM {entered} AT TIME ZONE %(zone)s) BETWEEN 6 AND 11 THEN 'morning'
        WHEN extract(hour FROM {entered} AT TIME ZONE %(zone)s) BETWEEN 12 AND 17 THEN 'afternoon'
        ELSE 'night' END AS part
"""

_FIRST_FLAG = """
LEFT JOIN LATERAL (
    SELECT min(flagged_at) AS flagged_at FROM escalation_riskflag r WHERE r.escalation_id = {ticket}
) f ON true
"""

# A stay is looked at when it began and when a quarter, a half and three quarters of its time had gone, each time only
# if it was still there. What it looked like is read as of that moment, never from what came later.
PAST = (
    """
WITH recent AS (
    SELECT v.id, v.escalation_id, v.floor, v.entered_at, v.left_at, v.due_at, v."limit"
    FROM escalation_floorvisit v
    WHERE v.floor IN (1, 2, 3) AND v.policy_id IS NOT NULL AND v.entered_at >= %(since)s AND v.entered_at < %(now)s
    ORDER BY v.entered_at DESC LIMIT %(most)s
), followed AS (
    SELECT r.*, lead(r.floor) OVER later AS next_floor, lead(r.entered_at) OVER later AS next_at
    FROM recent r WINDOW later AS (PARTITION BY r.escalation_id ORDER BY r.id)
), known AS (
    SELECT b.*,
        coalesce(b.due_at <= coalesce(b.left_at, %(now)s), false)
            OR coalesce(b.next_at = b.left_at AND b.next_floor > b.floor, false) AS missed
    FROM followed b WHERE b.left_at IS NOT NULL OR b.due_at <= %(now)s
), cut AS (
    SELECT percentile_disc(0.8) WITHIN GROUP (ORDER BY entered_at) AS at FROM known
), moment AS (
    SELECT k.*, q.quarter,
        CASE WHEN q.quarter = 0 THEN k.entered_at ELSE k.due_at - k."limit" * (1 - q.quarter / 4.0) END AS at
    FROM known k CROSS JOIN (VALUES (0), (1), (2), (3)) q (quarter)
), example AS (
    SELECT m.entered_at >= c.at AS newest, m.entered_at, m.floor, m.quarter, m.missed,
"""
    + _FEATURES.format(at="m.at", entered="m.entered_at")
    + """
    FROM moment m CROSS JOIN cut c JOIN tickets_ticket t ON t.number = m.escalation_id
"""
    + _FIRST_FLAG.format(ticket="m.escalation_id")
    + """
    WHERE m.at >= m.entered_at AND (m.quarter = 0 OR m.left_at IS NULL OR m.left_at > m.at)
)
SELECT newest, floor, quarter, answered, risky, channel, category, part,
    count(*), count(*) FILTER (WHERE missed), min(entered_at), max(entered_at)
FROM example GROUP BY newest, floor, quarter, answered, risky, channel, category, part
"""
)

OPEN = (
    """
SELECT v.escalation_id, v.id, v.floor,
    greatest(0, least(3, floor(4 * (1 - extract(epoch FROM v.due_at - %(now)s)
        / greatest(extract(epoch FROM v."limit"), 1)))))::int AS quarter,
"""
    + _FEATURES.format(at="%(now)s", entered="v.entered_at")
    + """
FROM escalation_floorvisit v JOIN tickets_ticket t ON t.number = v.escalation_id
"""
    + _FIRST_FLAG.format(ticket="v.escalation_id")
    + """
WHERE v.left_at IS NULL AND v.due_at > %(now)s
"""
)
