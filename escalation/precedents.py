"""The archive of decisions (P4.4): earlier ones that look like this case, and why they do."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from escalation import access
from escalation.models import Decision
from escalation.search import run
from escalation.search.kinds import DECISIONS
from policies.remedies import Remedy
from tickets.models import Passage, Ticket, User

NEWEST = 500
"""So many of the newest decisions on the same problem are looked at, so that a large archive costs no more."""

OFFERED = 3
ENOUGH = 3
"""From so many similar decisions on, one that differs from most of them is asked why."""


@dataclass(frozen=True)
class Similar:
    """An earlier decision, and why it is like this case."""

    decision: Decision
    reasons: tuple[str, ...]


def archive(user: User) -> QuerySet[Decision]:
    """Return what was decided and is in force, as far as USER may see its ticket."""
    decided = Decision.objects.filter(escalation__ticket__in=access.visible_to(user))
    return decided.select_related("escalation__ticket__category", "escalation__ticket__customer", "decided_by", "rule")


def search(user: User, text: str, *, now: datetime) -> QuerySet[Decision]:
    """Return the decisions that the general search finds for TEXT, in force or not, the best first; 1,000 at most."""
    hits = run.begin(user, text, now=now).finding.hits(DECISIONS)
    sources = dict(Passage.objects.filter(pk__in=[hit.passage for hit in hits]).values_list("pk", "source"))
    found = [sources[hit.passage] for hit in hits if hit.passage in sources]
    place = Func(
        Value(found, ArrayField(BigIntegerField())), F("pk"), function="array_position", output_field=IntegerField()
    )
    return archive(user).filter(pk__in=found).annotate(place=place).order_by("place")


def similar(ticket: Ticket, user: User, *, problem: str, remedy: str = "", words: str = "") -> list[Similar]:
    """Return the earlier decisions most like a case of PROBLEM on TICKET, at most three, each with the reasons."""
    newest = _newest(ticket, problem)
    same_goods = [Q(facts__products__contains=[product]) for product in ticket.order_products[:5]]
    points = _one(Q(facts__category=_category(ticket)) if ticket.category_id else None, 4) + _one(
        Q(remedy=remedy) if remedy else None, 2
    )
    for goods in same_goods:
        points = points + _one(goods, 3)
    found = archive(user).filter(pk__in=newest)
    rank = Value(0.0)
    if any_word := _any_word(f"{ticket.subject} {words}"):
        # What search keeps of each reason: reading the reasons themselves anew takes many times as long.
        kept = Passage.objects.filter(kind="decision", source=OuterRef("pk"))
        rated = kept.annotate(rank=SearchRank(F("words"), any_word, normalization=32, weights=[1.0, 0.0, 0.0, 0.0]))
        rank = Coalesce(Subquery(rated.values("rank")), Value(0.0), output_field=FloatField())
    found = found.annotate(rank=rank, points=points).order_by((F("points") + F("rank") * 3).desc(), "-in_force_at")
    # Only those that are offered are read whole, and only for them it is counted who followed them.
    best = dict(found.select_related(None).values_list("pk", "rank")[:OFFERED])
    rows = archive(user).annotate(cited=Count("cited_by")).in_bulk(best)
    return [Similar(rows[pk], tuple(_reasons(rows[pk], best[pk], ticket, remedy))) for pk in best if pk in rows]


def differs(ticket: Ticket, *, problem: str, remedy: str) -> tuple[int, str]:
    """Return how many similar decisions gave another remedy, and which, when most of them did; else (0, "")."""
    alike = Decision.objects.filter(pk__in=_newest(ticket, problem))
    if ticket.category_id:
        alike = alike.filter(facts__category=_category(ticket))
    gave = Counter(alike.values_list("remedy", flat=True))
    usual, times = gave.most_common(1)[0] if gave else ("", 0)
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


def _newest(ticket: Ticket, problem: str) -> list[int]:
    made = Decision.objects.filter(problem=problem, in_force_at__isnull=False).exclude(escalation=ticket.pk)
    return list(made.order_by("-in_force_at").values_list("pk", flat=True)[:NEWEST])


def _one(condition: Q | None, points: int):
    if condition is None:
        return Value(0)
    return Case(When(condition, then=Value(points)), default=Value(0), output_field=IntegerField())


def _any_word(text: str) -> SearchQuery | None:
    words = list(
        dict.fromkeys(word for word in "".join(c if c.isalnum() else " " for c in text).split() if len(word) > 3)
    )
    query = None
    for word in words[:12]:
        one = SearchQuery(word, config="helpdesk_plain")
        query = one if query is None else query | one
    return query


def _reasons(decision: Decision, rank: float, ticket: Ticket, remedy: str):
    yield _("same problem")
    if ticket.category_id and decision.facts.get("category") == _category(ticket):
        yield _("same category")
    if remedy and decision.remedy == remedy:
        yield _("same remedy")
    if shared := sorted(set(decision.facts.get("products", [])) & set(ticket.order_products)):
        yield _("same goods: %(goods)s") % {"goods": shared[0]}
    if rank:
        yield _("similar words")


def _category(ticket: Ticket) -> str:
    return ticket.category.slug if ticket.category_id else ""
