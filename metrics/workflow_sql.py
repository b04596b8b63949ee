"""The statements behind the review of the workflow. Figures and lists read the same rows, so that they agree.

A stay belongs to the week in which it began, and its fate is read as things stood when that week ended (`until`). The
stay that follows began in between, so it is among the rows of the same week.
"""

STAYS = """
WITH week AS (
    SELECT * FROM unnest(%(weeks)s::date[], %(starts)s::timestamptz[], %(untils)s::timestamptz[]) w (week, start, until)
), begun AS (
    SELECT w.week, w.until, v.id, v.escalation_id AS ticket, v.floor, v.how AS came_by, v.policy_id,
        v.entered_at, v.due_at, CASE WHEN v.left_at < w.until THEN v.left_at END AS left_at,
        lead(v.floor) OVER later AS next_floor, lead(v.how) OVER later AS next_how,
        lead(v.entered_at) OVER later AS next_at
    FROM week w JOIN escalation_floorvisit v
        ON v.entered_at >= w.start AND v.entered_at < w.until
    -- The bounds of all weeks once more, as constants: the planner then knows how few stays there are.
    WHERE v.floor IN (1, 2, 3) AND v.policy_id IS NOT NULL AND v.entered_at >= %(first)s AND v.entered_at < %(until)s
    WINDOW later AS (PARTITION BY w.week, v.escalation_id ORDER BY v.id)
), stay AS (
    SELECT b.*, coalesce(l.team_id, c.team_id) AS team, t.channel_id AS channel,
        coalesce(b.left_at, b.until) AS ended,
        CASE WHEN b.left_at IS NULL THEN 'open'
            WHEN b.next_at = b.left_at AND b.next_floor > b.floor THEN b.next_how
            WHEN b.next_at = b.left_at AND b.next_floor < b.floor THEN 'down'
            ELSE 'closed' END AS fate,
        coalesce(b.due_at <= coalesce(b.left_at, b.until), false) AS passed
    FROM begun b
    JOIN policies_floorlimit l ON l.id = b.policy_id
    JOIN tickets_ticket t ON t.number = b.ticket
    JOIN tickets_channel c ON c.id = t.channel_id
), waiting AS (
    SELECT s.id, sum(extract(epoch FROM
        greatest(least(coalesce(p.ended_at, s.ended), s.ended) - p.started_at, '0')))::float8 AS waited
    FROM stay s JOIN escalation_pause p ON p.visit_id = s.id GROUP BY s.id
), chosen AS (
    SELECT s.*, coalesce(w.waited, 0) AS waited, extract(epoch FROM s.ended - s.entered_at)::float8 AS lasted
    FROM stay s LEFT JOIN waiting w ON w.id = s.id
    WHERE (%(floor)s::int IS NULL OR s.floor = %(floor)s)
        AND (%(team)s::bigint IS NULL OR s.team = %(team)s)
        AND (%(channel)s::bigint IS NULL OR s.channel = %(channel)s)
        AND (%(trigger)s::text IS NULL OR EXISTS (
            SELECT 1 FROM escalation_riskflag f JOIN policies_trigger r ON r.id = f.trigger_id
            WHERE f.escalation_id = s.ticket AND r.slug = %(trigger)s AND f.flagged_at < s.until))
)
"""

CELLS = (
    STAYS
    + """
SELECT week, floor, team, channel, came_by, fate, count(*), count(*) FILTER (WHERE passed), sum(lasted), sum(waited)
FROM chosen GROUP BY week, floor, team, channel, came_by, fate
"""
)

STAY_LIST = (
    STAYS
    + """
SELECT ticket, floor, came_by, fate, passed, entered_at, left_at, lasted, waited FROM chosen
WHERE (%(came_by)s::text IS NULL OR came_by = %(came_by)s) AND (%(fate)s::text IS NULL OR fate = %(fate)s)
    AND (%(passed)s::boolean IS NULL OR passed = %(passed)s)
ORDER BY entered_at, id
"""
)

# Nobody has a ticket when a stay begins; from then on each assignment, until the next one or the end of the stay.
OWNERS = (
    STAYS
    + """
, had AS (
    SELECT id, floor, ended, entered_at AS since, NULL::bigint AS owner, 0 AS seq FROM chosen
    UNION ALL
    SELECT s.id, s.floor, s.ended, e.at, (e.data ->> 'to')::bigint, e.seq
    FROM chosen s JOIN escalation_auditevent e
        ON e.ticket_id = s.ticket AND e.action = 'assigned' AND e.at >= s.entered_at AND e.at < s.ended
    WHERE e.at >= %(start)s AND e.at < %(until)s
), part AS (
    SELECT id, floor, owner, since, lead(since, 1, ended) OVER (PARTITION BY id ORDER BY since, seq) AS until FROM had
)
SELECT p.floor, p.owner, count(DISTINCT p.id), sum(extract(epoch FROM p.until - p.since)::float8),
    coalesce(sum(w.waited), 0)
FROM part p LEFT JOIN LATERAL (
    SELECT sum(extract(epoch FROM greatest(
        least(coalesce(x.ended_at, p.until), p.until) - greatest(x.started_at, p.since), '0')))::float8 AS waited
    FROM escalation_pause x WHERE x.visit_id = p.id
) w ON true
WHERE p.until > p.since
GROUP BY p.floor, p.owner
"""
)

_WHERE_IT_STOOD = """
JOIN tickets_ticket t ON t.number = {row}.escalation_id
JOIN tickets_channel c ON c.id = t.channel_id
JOIN LATERAL (
    SELECT v.floor, v.due_at, v.policy_id FROM escalation_floorvisit v
    WHERE v.escalation_id = {row}.escalation_id AND v.entered_at <= {row}.{at} ORDER BY v.id DESC LIMIT 1
) v ON v.policy_id IS NOT NULL
JOIN policies_floorlimit l ON l.id = v.policy_id
WHERE {row}.{at} >= %(start)s AND {row}.{at} < %(until)s
    AND (%(floor)s::int IS NULL OR v.floor = %(floor)s)
    AND (%(team)s::bigint IS NULL OR coalesce(l.team_id, c.team_id) = %(team)s)
    AND (%(channel)s::bigint IS NULL OR t.channel_id = %(channel)s)
"""

REQUESTS = (
    """
WITH chosen AS (
    SELECT a.id, a.escalation_id AS ticket, a.kind, a.state, v.floor,
        a.state = 'overtaken' AND a.decided_at IS NULL AS owed,
        a.state = 'overtaken'
            OR a.state <> 'void' AND coalesce(coalesce(a.decided_at, %(now)s) > v.due_at, false) AS late
    FROM escalation_approval a
"""
    + _WHERE_IT_STOOD.format(row="a", at="requested_at")
    + """
        AND (%(trigger)s::text IS NULL OR EXISTS (
            SELECT 1 FROM escalation_riskflag f JOIN policies_trigger r ON r.id = f.trigger_id
            WHERE f.escalation_id = a.escalation_id AND r.slug = %(trigger)s AND f.flagged_at < %(until)s))
)
"""
)

REQUEST_CELLS = REQUESTS + "SELECT kind, state, owed, late, count(*) FROM chosen GROUP BY kind, state, owed, late"

REQUEST_LIST = (
    REQUESTS
    + """
SELECT ticket, kind, state, owed, late, id FROM chosen
WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(owed)s::boolean IS NULL OR owed = %(owed)s) AND (%(late)s::boolean IS NULL OR late = %(late)s)
ORDER BY ticket, id
"""
)

FLAGS = (
    """
WITH chosen AS (
    SELECT f.id, f.escalation_id AS ticket, f.risk, f.flagged_by_id IS NOT NULL AS by_hand, r.slug AS trigger, v.floor,
        EXISTS (SELECT 1 FROM escalation_floorvisit h
            WHERE h.escalation_id = f.escalation_id AND h.floor = 3 AND h.entered_at < %(until)s
                AND (h.entered_at >= f.flagged_at OR h.left_at IS NULL OR h.left_at > f.flagged_at)) AS reached
    FROM escalation_riskflag f LEFT JOIN policies_trigger r ON r.id = f.trigger_id
"""
    + _WHERE_IT_STOOD.format(row="f", at="flagged_at")
    + """
        AND (%(trigger)s::text IS NULL OR r.slug = %(trigger)s)
)
"""
)

FLAG_CELLS = FLAGS + "SELECT trigger, by_hand, reached, count(*) FROM chosen GROUP BY trigger, by_hand, reached"

FLAG_LIST = (
    FLAGS
    + """
SELECT ticket, risk, trigger, by_hand, reached FROM chosen
WHERE (%(by_hand)s::boolean IS NULL OR by_hand = %(by_hand)s)
    AND (%(reached)s::boolean IS NULL OR reached = %(reached)s)
ORDER BY ticket, id
"""
)
