"""The archive of decisions (P4.4): earlier ones that look like this case, and why they do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from escalation import access
from escalation.models import Decision
from escalation.search import run
from escalation.search.kinds import DECISIONS
from policies.languages import LANGUAGES
from policies.remedies import Remedy
from tickets.models import Ticket, User
from tickets.statements import embedded

NEWEST = 500
"""So many of the newest decisions on the same problem are looked at, so that a large archive costs no more."""

LISTED = 1_000
"""Decisions that are listed at most, the newest or the best finds; what is older is found by narrowing."""

OFFERED = 3
COMPARED = 20
"""So many of the best are compared letter by letter."""

NEAR = 0.3
"""From this share of common trigrams on, two texts are similar; it is what PostgreSQL itself takes."""

ENOUGH = 3
"""From so many similar decisions on, one that differs from most of them is asked why."""


_NEWEST = """
newest AS MATERIALIZED (
    SELECT id, escalation_id, remedy, facts, in_force_at FROM escalation_decision
    WHERE problem = %(problem)s AND in_force_at IS NOT NULL AND escalation_id <> %(ticket)s
    ORDER BY in_force_at DESC LIMIT %(newest)s
)
"""

# What search keeps of each reason is read: reading the reasons themselves anew takes many times as long. The best are
# sorted first and their tickets looked at then, so that only those few are asked whether they may be seen. Words count
# as written and by their stems; of the few, what is spelt alike goes first (trigrams find slips of the pen too).
_ALIKE = f"""
WITH {_NEWEST}, asked AS MATERIALIZED (
    SELECT to_tsquery('helpdesk_plain', %(words)s) || to_tsquery(%(stems)s::regconfig, %(words)s) AS asked
), best AS MATERIALIZED (
    SELECT n.id, n.escalation_id, kept.rank,
        CASE WHEN %(category)s <> '' AND n.facts ->> 'category' = %(category)s THEN 4 ELSE 0 END
        + CASE WHEN n.remedy = %(remedy)s THEN 2 ELSE 0 END
        + 3 * (SELECT count(*) FROM unnest(%(goods)s::text[]) goods (name) WHERE n.facts -> 'products' ? goods.name)
        + 3 * kept.rank AS worth
    FROM newest n CROSS JOIN LATERAL (
        SELECT coalesce(max(ts_rank('{{{{1, 0, 0, 0}}}}', words, asked, 32)), 0) AS rank
        FROM tickets_passage, asked WHERE kind = 'decision' AND source = n.id
    ) kept ORDER BY worth DESC, n.in_force_at DESC
), seen AS MATERIALIZED (
    SELECT *, row_number() OVER () AS place FROM best
    WHERE id <> ALL (%(without)s::bigint[])
    AND EXISTS (SELECT FROM ({{visible}}) v WHERE v.number = best.escalation_id OFFSET 0) LIMIT %(compared)s
)
SELECT s.id, rank > 0 OR near >= %(near)s FROM seen s JOIN escalation_decision d ON d.id = s.id
CROSS JOIN LATERAL (SELECT similarity(left(d.rationale, 500), %(text)s) AS near) letters
ORDER BY worth + 3 * CASE WHEN near >= %(near)s THEN near ELSE 0 END DESC, place LIMIT %(offered)s
"""

_GAVE = f"""
WITH {_NEWEST} SELECT remedy, count(*) FROM newest WHERE %(category)s IN ('', facts ->> 'category')
GROUP BY remedy ORDER BY count(*) DESC
"""

_FOUND = """
SELECT d.id FROM unnest(%(found)s::bigint[]) WITH ORDINALITY hit (id, place) JOIN ({fitting}) d ON d.id = hit.id
ORDER BY hit.place
"""

# Only what is listed is asked whether it may be seen.
_SEEN = """
SELECT d.id FROM ({fitting}) d
WHERE EXISTS (SELECT FROM ({visible}) v WHERE v.number = d.escalation_id OFFSET 0) LIMIT %(listed)s
"""


@dataclass(frozen=True)
class Similar:
    """An earlier decision, and why it is like this case."""

    decision: Decision
    reasons: tuple[str, ...]


def archive(user: User) -> QuerySet[Decision]:
    """Return what was decided and is in force, as far as USER may see its ticket."""
    return _whole(Decision.objects.filter(escalation__ticket__in=access.visible_to(user)))


def newest(user: User, **filters) -> list[int]:
    """Return the decisions in force that fit FILTERS and that USER may know of, newest first, LISTED at most."""
    try:
        visible, values = embedded(access.visible_to(user).order_by().values("number"))
    except EmptyResultSet:
        return []
    rows = Decision.objects.filter(in_force_at__isnull=False, **filters).order_by("-in_force_at", "-pk")
    fitting, more = embedded(rows.values("id", "escalation_id"), "fit")
    with connection.cursor() as cursor:
        cursor.execute(_SEEN.format(fitting=fitting, visible=visible), values | more | {"listed": LISTED})
        return [pk for (pk,) in cursor.fetchall()]


def search(user: User, text: str, *, now: datetime, **filters) -> list[int]:
    """Return those in force that fit FILTERS and that the general search finds for TEXT, best first, LISTED at most."""
    hits = run.begin(user, text, now=now).finding.hits(DECISIONS)
    fitting, values = embedded(Decision.objects.filter(in_force_at__isnull=False, **filters).order_by().values("id"))
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(fitting=fitting), values | {"found": [hit.source for hit in hits]})
        return [pk for (pk,) in cursor.fetchall()]


def read(found: list[int]) -> list[Decision]:
    """Return the decisions FOUND in their order, each with how often it was followed (`cited`)."""
    rows = _whole(Decision.objects.all()).annotate(cited=times_cited()).in_bulk(found)
    return [rows[pk] for pk in found if pk in rows]


def times_cited() -> Coalesce:
    """Count for each row of decisions how many followed it; joined to many, counting would group them all."""
    followed = Decision.cites.through.objects.filter(to_decision=OuterRef("pk")).order_by().values("to_decision")
    return Coalesce(Subquery(followed.values(times=Count("pk")), output_field=IntegerField()), 0)


def similar(
    ticket: Ticket, user: User, *, problem: str, remedy: str = "", words: str = "", without: Iterable[int] = ()
) -> list[Similar]:
    """Return the earlier decisions most like a case of PROBLEM on TICKET, at most three, each with the reasons.

    WITHOUT are primary keys of decisions that are not wanted; the next best take their places.
    """
    try:
        visible, values = embedded(access.visible_to(user).order_by().values("number"))
    except EmptyResultSet:
        return []
    said = f"{ticket.subject} {words}"
    values |= _near(ticket, problem) | {
        "remedy": remedy, "goods": ticket.order_products[:5], "offered": OFFERED, "compared": COMPARED, "near": NEAR,
        "words": _any_word(said), "stems": _stems(ticket), "text": said[:500],
        "without": list(without),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE.format(visible=visible), values)
        best = dict(cursor.fetchall())
    return [Similar(row, tuple(_reasons(row, best[row.pk], ticket, remedy))) for row in read(list(best))]


def differs(ticket: Ticket, *, problem: str, remedy: str) -> tuple[int, str]:
    """Return how many similar decisions gave another remedy, and which, when most of them did; else (0, "")."""
    with connection.cursor() as cursor:
        cursor.execute(_GAVE, _near(ticket, problem))
        gave = dict(cursor.fetchall())
    usual, times = next(iter(gave.items()), ("", 0))
    if sum(gave.values()) < ENOUGH or usual == remedy or times * 2 <= sum(gave.values()):
        return 0, ""
    return times, str(Remedy(usual).label)


def facts_of(ticket: Ticket, *, floor: int, risks: list[str]) -> dict:
    """Return what a decision keeps of its case, without anything that names the customer."""
    facts = {
        "floor": floor,
        "category": _category(ticket),
        "channel": ticket.channel.slug,
        "language": ticket.language,
        "risks": risks,
        "products": list(ticket.order_products)[:20],
    }
    if ticket.order_value is not None:
        facts["order"] = {"amount": f"{ticket.order_value:.2f}", "currency": ticket.order_currency}
    return {name: fact for name, fact in facts.items() if fact}


def _near(ticket: Ticket, problem: str) -> dict[str, object]:
    return {"ticket": ticket.pk, "problem": problem, "newest": NEWEST, "category": _category(ticket)}


def _any_word(text: str) -> str:
    """Return a question for any of the longer words of TEXT."""
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return " | ".join(f"'{word}'" for word in list(dict.fromkeys(word for word in words if len(word) > 3))[:12])


def _stems(ticket: Ticket) -> str:
    """Return the name of PostgreSQL's configuration for the language in which a ticket is written."""
    language = (ticket.language or ticket.customer.language or "en")[:2].lower()
    return f"helpdesk_{language if language in LANGUAGES else 'en'}"


def _reasons(decision: Decision, in_words: bool, ticket: Ticket, remedy: str):
    yield _("same problem")
    if ticket.category_id and decision.facts.get("category") == _category(ticket):
        yield _("same category")
    if remedy and decision.remedy == remedy:
        yield _("same remedy")
    if shared := sorted(set(decision.facts.get("products", [])) & set(ticket.order_products)):
        yield _("same goods: %(goods)s") % {"goods": shared[0]}
    if in_words:
        yield _("similar words")


def _whole(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    return decisions.select_related(
        "escalation__ticket__category", "escalation__ticket__customer", "decided_by", "rule"
    )


def _category(ticket: Ticket) -> str:
    return ticket.category.slug if ticket.category_id else ""
