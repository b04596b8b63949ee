"""Generated data: so many tickets, 20,000 of them open, every audit chain valid. Made in bulk SQL."""

import json
from datetime import timedelta

from django.db import connection
from psycopg2.extras import execute_values

import metrics.starter
import policies.starter
import tickets.starter
from escalation import audit
from escalation.models.escalation import GENESIS
from helpdesk.demo import people
from tickets.clock import database_now

OPEN = 20_000
CHUNK = 50_000
CUSTOMERS = 50_000

SUBJECTS = [
    "Where is my parcel",
    "Ring arrived in the wrong size",
    "Lamp broken on arrival",
    "Refund still not on my account",
    "Question about the care of linen",
    "Voucher is not accepted",
    "Wrong colour in the box",
    "Invoice needed for the company",
    "Engraving is off centre",
    "Delivery date moved again",
]
SENTENCES = [
    "I ordered at the beginning of the month and was told that it would take three days.",
    "The box looked intact from the outside, the damage was only seen on unpacking.",
    "I have attached the invoice and two photos so that you can see what I mean.",
    "It is meant as a present for the weekend, so a quick answer would help me a lot.",
    "Your colleague on the phone was friendly but could not tell me what happens next.",
    "I would prefer a replacement to a refund if you still have one in stock.",
    "Please tell me which address I should send it back to and who pays for the parcel.",
]

# One statement for all, as triggers would write them; the index on the words is built anew afterwards.
PASSAGES = """
INSERT INTO tickets_passage (kind, source, ticket_id, words)
SELECT 'message', m.id, t.number, search_words_of_ticket(t, c, m.body) || search_marks('message', t.created_at)
FROM tickets_message m JOIN tickets_ticket t ON t.number = m.ticket_id JOIN tickets_customer c ON c.id = t.customer_id
WHERE t.number BETWEEN %(first)s AND %(last)s ORDER BY m.id
"""

# Besides the sentences, which are very common words, a message has a word of 97, one of 1,009 and one of 10,007.
CLOSED = """
WITH made AS (
    INSERT INTO tickets_ticket (number, subject, channel_id, customer_id, team_id, language, order_reference,
        order_currency, order_products, source, source_key, created_at, updated_at, first_response_at)
    SELECT n, (%(subjects)s::text[])[1 + n %% 10] || ' ' || n, %(channel)s, %(customer)s + n %% %(customers)s, %(team)s,
        'en', 'CA-' || n, '', '[]', '', '', at, at + interval '14 minutes', at + interval '6 minutes'
    FROM (SELECT n, %(now)s - interval '1 day' - (n %% 525600) * interval '1 minute' AS at
          FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) numbered
    RETURNING number, created_at
), told AS (
    INSERT INTO tickets_message (ticket_id, author_id, visibility, body, created_at)
    SELECT number, CASE WHEN part = 1 THEN %(agent)s END, 'public',
        (SELECT string_agg((%(sentences)s::text[])[1 + (number + k) %% 7], ' ') FROM generate_series(0, number %% 5) k)
        || ' ' || translate('7' || number %% 97 || ' 8' || number %% 1009 || ' 9' || number %% 10007,
            '0123456789', 'abcdefghij'),
        created_at + part * interval '6 minutes'
    FROM made, generate_series(0, 1) part
), recorded AS (
    INSERT INTO escalation_auditevent
        (ticket_id, seq, at, by, action, floor_to, reason, data, previous_hash, hash)
    SELECT number, 1, created_at, 'system', 'imported', 1, '', '{}', %(genesis)s, encode(sha256(convert_to(
        '[' || number || ',1,"' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || '+00:00","system",null,null,"imported",null,1,"",{},"' || %(genesis)s || '"]', 'UTF8')), 'hex')
    FROM made
    RETURNING ticket_id, hash, at
), stood AS (
    INSERT INTO escalation_escalation (ticket_id, state, version, head_hash, resolved_at, resolved_on_floor)
    SELECT ticket_id, 'resolved', 1, hash, at + interval '14 minutes', 1 FROM recorded
)
INSERT INTO escalation_floorvisit
    (escalation_id, floor, entered_at, due_at, left_at, "limit", policy_id, how, failures, last_error)
SELECT number, 1, created_at, created_at + interval '15 minutes', created_at + interval '14 minutes',
    interval '15 minutes', %(policy)s, 'arrival', 0, '' FROM made
"""


def prepare() -> dict:
    """Load the starter content, hire the demo's people and make the customers; return what rows refer to."""
    tickets.starter.load()
    policies.starter.load()
    metrics.starter.load()
    now = database_now()
    with connection.cursor() as cursor:
        for table in ("policies_floorlimit", "policies_trigger", "policies_script", "policies_responsetime"):
            cursor.execute(f"UPDATE {table} SET valid_from = %s", [now - timedelta(days=500)])
        cursor.execute(
            "INSERT INTO tickets_customer (email, name, language, created_at)"
            " SELECT 'customer' || n || '@example.org', 'Customer ' || n, 'en', now() FROM generate_series(1, %s) n"
            " RETURNING id",
            [CUSTOMERS],
        )
        first_customer = cursor.fetchone()[0]
        cursor.execute("SELECT id, team_id FROM tickets_channel WHERE slug = 'web'")
        channel, team = cursor.fetchone()
        cursor.execute("SELECT id FROM policies_floorlimit WHERE floor = 1")
        policy = cursor.fetchone()[0]
    staff = people.hire(password="not-used-for-signing-in", now=now)
    return {
        "now": now,
        "channel": channel,
        "team": team,
        "customer": first_customer,
        "customers": CUSTOMERS,
        "agent": staff["agent"].pk,
        "policy": policy,
        "subjects": SUBJECTS,
        "sentences": SENTENCES,
        "genesis": GENESIS,
    }


def grow(refer: dict, *, until: int) -> None:
    """Make resolved tickets until there are UNTIL in all; the index of words is built anew, which is quicker."""
    with connection.cursor() as cursor:
        there = _highest(cursor)
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'passage_words'")
        index = cursor.fetchone()[0]
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '256MB'")
        cursor.execute("DROP INDEX passage_words; ALTER TABLE tickets_message DISABLE TRIGGER search_message_in")
        for first in range(there + 1, until + 1, CHUNK):
            span = {"first": first, "last": min(first + CHUNK - 1, until)}
            cursor.execute(CLOSED, refer | span)
            cursor.execute(PASSAGES, span)
        cursor.execute(index)
        cursor.execute("ALTER TABLE tickets_message ENABLE TRIGGER search_message_in")
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'number'), %s)", [until])
        cursor.execute("VACUUM ANALYZE")


def open_tickets(refer: dict) -> list[int]:
    """Make the open tickets, all on Floor 1 and due far in the future; return their numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        first = _highest(cursor) + 1
        numbers = list(range(first, first + OPEN))
        cursor.execute(
            "INSERT INTO tickets_ticket (number, subject, channel_id, customer_id, team_id, language, order_reference,"
            " order_currency, order_products, source, source_key, created_at, updated_at)"
            " SELECT n, (%(subjects)s::text[])[1 + n %% 10] || ' ' || n, %(channel)s,"
            " %(customer)s + n %% %(customers)s, %(team)s, 'en', '', '', '[]', '', '', at, at"
            " FROM (SELECT n, %(now)s - n * interval '1 second' AS at"
            " FROM generate_series(%(first)s, %(last)s) n) made",
            refer | {"first": first, "last": numbers[-1]},
        )
        cursor.execute(
            "INSERT INTO tickets_message (ticket_id, visibility, body, created_at)"
            " SELECT n, 'public', array_to_string((%(sentences)s::text[])[1:1 + n %% 5], ' '),"
            " %(now)s - n * interval '1 second' FROM generate_series(%(first)s, %(last)s) n",
            refer | {"first": first, "last": numbers[-1]},
        )
        cursor.execute(
            "INSERT INTO escalation_escalation (ticket_id, state, version, head_hash)"
            " SELECT n, 'floor_1', 0, %(genesis)s FROM generate_series(%(first)s, %(last)s) n",
            refer | {"first": first, "last": numbers[-1]},
        )
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'number'), %s)", [numbers[-1]])
    put_on_floor_1(refer, numbers)
    return numbers


def _highest(cursor) -> int:
    cursor.execute("SELECT coalesce(max(number), 0) FROM tickets_ticket")
    return cursor.fetchone()[0]


def put_on_floor_1(refer: dict, numbers: list[int]) -> None:
    """Bring NUMBERS to Floor 1 with a new clock of a year, each by a recorded move, and forget their letters."""
    now = database_now()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            "SELECT ticket_id, version, head_hash FROM escalation_escalation WHERE ticket_id = ANY(%s)", [numbers]
        )
        events = []
        for number, version, head in cursor.fetchall():
            fields = {
                "seq": version + 1,
                "at": now,
                "by": "system",
                "person_id": None,
                "customer_id": None,
                "action": "moved",
                "floor_from": None,
                "floor_to": 1,
                "reason": "",
                "data": {},
                "previous_hash": head,
            }
            sealed = audit.seal(ticket=number, **fields)
            events.append((number, version + 1, now, "system", "moved", 1, "", json.dumps({}), head, sealed))
        raw = cursor.cursor  # execute_values needs the driver's own
        execute_values(
            raw,
            "INSERT INTO escalation_auditevent (ticket_id, seq, at, by, action, floor_to, reason, data, previous_hash,"
            " hash) VALUES %s",
            events,
            page_size=1000,
        )
        execute_values(
            raw,
            "UPDATE escalation_escalation e SET state = 'floor_1', version = v.seq, head_hash = v.hash"
            " FROM (VALUES %s) v (ticket, seq, hash) WHERE e.ticket_id = v.ticket",
            [(event[0], event[1], event[9]) for event in events],
            page_size=1000,
        )
        cursor.execute(
            "UPDATE escalation_floorvisit SET left_at = %s WHERE left_at IS NULL AND escalation_id = ANY(%s)",
            [now, numbers],
        )
        cursor.execute(
            "INSERT INTO escalation_floorvisit"
            ' (escalation_id, floor, entered_at, due_at, "limit", policy_id, how, failures, last_error)'
            " SELECT n, 1, %s, %s + interval '365 days' + place * interval '1 second', interval '15 minutes', %s,"
            " 'arrival', 0, '' FROM unnest(%s) WITH ORDINALITY u (n, place)",
            [now, now, refer["policy"], numbers],
        )
        cursor.execute("DELETE FROM escalation_outboxmessage")
        cursor.execute(
            "VACUUM ANALYZE escalation_floorvisit, escalation_escalation, escalation_outboxmessage,"
            " escalation_auditevent, tickets_ticket"
        )
