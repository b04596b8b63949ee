"""Two bare Django views: the queue's 50 rows and one ticket's conversation, from raw SQL into a plain template."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare_settings")

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
SELECT t.number, t.subject, c.name AS customer, e.state, v.due_at
FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id
JOIN escalation_escalation e ON e.ticket_id = t.number
LEFT JOIN escalation_floorvisit v ON v.escalation_id = t.number AND v.left_at IS NULL WHERE t.number = %s
"""
MESSAGES = "SELECT body, created_at, author_id FROM tickets_message WHERE ticket_id = %s ORDER BY created_at, id"


def queue(request: HttpRequest) -> HttpResponse:
    """Render the 50 most urgent tickets for whoever is signed in."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    return render(request, "bare_queue.html", {"rows": _rows(QUEUE)})


def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Render one ticket and what was said in it."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    (found,) = _rows(TICKET, [number])
    return render(request, "bare_ticket.html", {"ticket": found, "messages": _rows(MESSAGES, [number])})


def _rows(statement: str, values: list | None = None) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


urlpatterns = [path("desk/", queue), path("desk/tickets/<int:number>/", ticket)]
application = get_wsgi_application()
