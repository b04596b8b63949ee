"""Two bare Django views: the queue's 50 rows and one ticket's page, from raw SQL into plain templates.

They show what the product's pages show, in Django's ordinary way: translated words, addresses by name, forms with their
tokens, a navigation whose counts are kept for as long as the product keeps them. No models, no rules, no live parts.
"""

import os
import re

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare_settings")

from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

QUEUE = """
SELECT t.number, t.subject, c.name AS customer, ch.name AS channel, v.floor, v.due_at, t.updated_at,
    coalesce(u.name, '') AS owner,
    (SELECT array_agg(g.slug) FROM tickets_ticket_tags x JOIN tickets_tag g ON g.id = x.tag_id
     WHERE x.ticket_id = t.number) AS tags,
    (SELECT array_agg(r.risk) FROM escalation_riskflag r WHERE r.escalation_id = t.number) AS risks,
    (SELECT left(m.body, 90) FROM tickets_message m WHERE m.ticket_id = t.number ORDER BY m.created_at DESC LIMIT 1)
        AS snippet
FROM escalation_floorvisit v
JOIN escalation_escalation e ON e.ticket_id = v.escalation_id
JOIN tickets_ticket t ON t.number = v.escalation_id
JOIN tickets_customer c ON c.id = t.customer_id
JOIN tickets_channel ch ON ch.id = t.channel_id
LEFT JOIN tickets_user u ON u.id = t.assignee_id
WHERE v.left_at IS NULL ORDER BY v.due_at, v.id LIMIT 50
"""

TICKET = """
SELECT t.number, t.subject, t.language, t.order_reference, t.created_at, c.name AS customer, c.email,
    t.customer_id, e.state, v.due_at, v.entered_at, ch.name AS channel, g.name AS category, tm.name AS team,
    u.name AS owner,
    (SELECT x.name FROM policies_floorlimit l LEFT JOIN tickets_team x ON x.id = l.team_id
     WHERE l.floor = v.floor + 1 AND l.valid_until IS NULL AND l.channel_id IS NULL AND l.category_id IS NULL)
        AS next_team,
    (SELECT r.first_response FROM policies_responsetime r WHERE r.valid_until IS NULL AND t.first_response_at IS NULL
     AND (r.channel_id = t.channel_id OR r.channel_id IS NULL) ORDER BY r.channel_id NULLS LAST LIMIT 1)
        AS answer_within,
    ARRAY(SELECT k.slug FROM tickets_ticket_tags x JOIN tickets_tag k ON k.id = x.tag_id WHERE x.ticket_id = t.number)
        AS tags,
    ARRAY(SELECT r.risk FROM escalation_riskflag r WHERE r.escalation_id = t.number) AS risks
FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id
JOIN escalation_escalation e ON e.ticket_id = t.number
JOIN tickets_channel ch ON ch.id = t.channel_id
LEFT JOIN tickets_category g ON g.id = t.category_id LEFT JOIN tickets_team tm ON tm.id = t.team_id
LEFT JOIN tickets_user u ON u.id = t.assignee_id
LEFT JOIN escalation_floorvisit v ON v.escalation_id = t.number AND v.left_at IS NULL WHERE t.number = %s
"""
MESSAGES = """
SELECT m.id, m.body, m.created_at, m.author_id, u.name AS author
FROM tickets_message m LEFT JOIN tickets_user u ON u.id = m.author_id WHERE m.ticket_id = %s ORDER BY m.created_at, m.id
"""
EVENTS = """
SELECT e.at, e.action, e.reason, coalesce(u.name, e.by) AS who
FROM escalation_auditevent e LEFT JOIN tickets_user u ON u.id = e.person_id WHERE e.ticket_id = %s ORDER BY e.at, e.seq
"""
TEXTS = """
SELECT slug, title, kind FROM policies_script
WHERE valid_until IS NULL AND kind IN ('reply', 'handout') ORDER BY kind, title LIMIT 400
"""
FITTING = """
SELECT s.slug, s.title FROM tickets_passage p JOIN policies_script s ON s.id = p.source
WHERE p.kind = 'script' AND s.valid_until IS NULL AND p.words @@ to_tsquery('simple', %(asked)s)
ORDER BY ts_rank(p.words, to_tsquery('simple', %(asked)s)) DESC LIMIT 3
"""
TAGS = "SELECT slug, name FROM tickets_tag ORDER BY name"
COUNTS = """
SELECT count(*) AS open, count(*) FILTER (WHERE t.assignee_id = %(reader)s) AS mine,
    count(*) FILTER (WHERE v.floor = 1) AS floor_1,
    count(*) FILTER (WHERE v.floor = 1 AND t.assignee_id IS NULL) AS unassigned,
    count(*) FILTER (WHERE v.due_at <= now() + v."limit" / 3) AS risk,
    count(*) FILTER (WHERE v.due_at IS NULL) AS waiting,
    (SELECT count(*) FROM escalation_hold WHERE released_at IS NULL) AS held,
    (SELECT count(*) FROM escalation_escalation WHERE resolved_at >= date_trunc('day', now())) AS today
FROM escalation_floorvisit v JOIN tickets_ticket t ON t.number = v.escalation_id WHERE v.left_at IS NULL AND v.floor < 3
"""
PEOPLE = """
SELECT u.id, u.name, coalesce(d.on_duty, false) AS here, (SELECT count(*) FROM tickets_ticket t
    JOIN escalation_floorvisit v ON v.escalation_id = t.number AND v.left_at IS NULL WHERE t.assignee_id = u.id) AS open
FROM tickets_user u LEFT JOIN tickets_duty d ON d.user_id = u.id WHERE u.is_active ORDER BY u.name
"""
OTHERS = """
SELECT t.number, t.subject, e.state FROM tickets_ticket t JOIN escalation_escalation e ON e.ticket_id = t.number
WHERE t.customer_id = %s AND t.number <> %s ORDER BY t.created_at DESC LIMIT 5
"""


def queue(request: HttpRequest) -> HttpResponse:
    """Render the 50 most urgent tickets for whoever is signed in."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    return render(request, "bare_queue.html", {"rows": _rows(QUEUE), "counts": _counts(request)})


def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Render one ticket with what the desk shows of it: conversation, clock, actions, texts, customer and others."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    (found,) = _rows(TICKET, [number])
    said = _rows(MESSAGES, [number])
    about = " ".join([found["subject"], *(message["body"] for message in said[-1:])])
    words = list(dict.fromkeys(re.findall(r"[a-z]{4,}", about.lower())))[:24]
    context = {
        "ticket": found,
        "counts": _counts(request),
        "said": said,
        "events": _rows(EVENTS, [number]),
        "fitting": _rows(FITTING, {"asked": " | ".join(f"{word}:*" for word in words)}),
        "texts": _rows(TEXTS),
        "tags": _rows(TAGS),
        "people": _rows(PEOPLE),
        "others": _rows(OTHERS, [found["customer_id"], number]),
        "blocks": ["resolve", "decide", "notify an authority", "merge", "erase", "write to the customer"],
        "risks": ["legal", "media", "safety", "data", "fraud", "abuse", "dispute", "value"],
    }
    return render(request, "bare_ticket.html", context)


def _counts(request: HttpRequest) -> dict:
    """Return the numbers of the navigation, kept for five seconds."""
    reader = request.user.pk
    return cache.get_or_set(f"bare-counts:{reader}", lambda: _rows(COUNTS, {"reader": reader})[0], 5)


def _rows(statement: str, values: list | dict | None = None) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


urlpatterns = [
    path("desk/", queue, name="queue"),
    path("desk/tickets/<int:number>/", ticket, name="ticket"),
    path("desk/tickets/<int:number>/<slug:part>/", ticket, name="part"),
    path("desk/tickets/<int:number>/do/<slug:act>/", ticket, name="act"),
    path("desk/<slug:page>/", queue, name="page"),
]
application = get_wsgi_application()
