"""How many tickets stand in each view of the navigation."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now

from escalation import signers
from escalation.access import visible_to
from escalation.models import Hold
from helpdesk.desk.views import midnight, snoozed
from tickets.models import Ticket, User

COUNT_CAP = 1000
"""Counts above it are shown as '1000+'."""

FRESH_FOR = 5
"""Seconds for which counts are kept: those of Floors 1 and 2 for everybody, what is a person's own for that person."""

AT_RISK = Q(
    escalation__visits__due_at__lte=Now()
    + ExpressionWrapper(F("escalation__visits__limit") / 3, output_field=DurationField())
)
"""Late, or in the last third of the floor's own window (P2.5). Needs a queryset joined to the open visit."""


@dataclass(frozen=True)
class Cell:
    """So many open tickets stand on one floor, have one owner, and are at risk or not; None for a clock that waits."""

    floor: int
    owner: int | None
    at_risk: bool | None
    number: int


def nav_counts(user: User) -> dict[str, int]:
    """Return the counts for USER by name: open, mine, floor_1 to floor_3, unassigned, risk, mine_at_risk, and so on."""
    if not hasattr(user, "nav_counts"):  # a page asks in three places, and USER is read anew for each request
        user.nav_counts = cache.get_or_set(f"nav-counts:{user.pk}", lambda: _count(user), FRESH_FOR)
    return user.nav_counts


def _count(user: User) -> dict[str, int]:
    cells = [*(_of_everybody() if user.roles else []), *_cells(visible_to(user, _live(3)))]

    def number(belongs: Callable[[Cell], bool]) -> int:
        return sum(cell.number for cell in cells if belongs(cell))

    waiting = signers.waiting_for(user)
    held = Ticket.objects.filter(escalation__holds__in=Hold.objects.filter(released_at__isnull=True))
    today = Ticket.objects.filter(escalation__resolved_at__gte=midnight())
    lists = sizes({"held": visible_to(user, held), "today": visible_to(user, today)})
    asleep = _cells(visible_to(user, _live(1, 2, 3).filter(snoozed(user), assignee=user)))
    return {
        "open": number(lambda cell: True),
        "mine": number(lambda cell: cell.owner == user.pk) - sum(cell.number for cell in asleep if not cell.at_risk),
        "floor_1": number(lambda cell: cell.floor == 1),
        "floor_2": number(lambda cell: cell.floor == 2),
        "floor_3": number(lambda cell: cell.floor == 3),
        "unassigned": number(lambda cell: cell.owner is None and cell.floor == 1),
        "risk": number(lambda cell: cell.at_risk),
        "mine_at_risk": number(lambda cell: cell.at_risk and cell.owner == user.pk),
        "waiting": number(lambda cell: cell.at_risk is None),
        "held": lists.get("held", 0),
        "today": lists.get("today", 0),
        "approvals": len(waiting),
        "owed": len({request.escalation_id for request in waiting if request.justification_owed}),
    }


def sizes(lists: dict[Any, QuerySet[Ticket]]) -> dict[Any, int]:
    """Count LISTS by their names, each up to one more than is shown, in one statement."""
    parts, values = [], []
    for name, tickets in lists.items():
        with suppress(EmptyResultSet):  # of somebody who may see none
            sql, arguments = tickets.order_by().values("pk")[: COUNT_CAP + 1].query.sql_with_params()
            parts.append(f"SELECT %s, (SELECT count(*) FROM ({sql}) shown)")
            values += [name, *arguments]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return dict(cursor.fetchall())


def _of_everybody() -> list[Cell]:
    """Count Floors 1 and 2, which all who have a role see (`access.visible_to`), once for all of them."""
    return cache.get_or_set("nav-counts", lambda: _cells(_live(1, 2)), FRESH_FOR)


def _live(*floors: int) -> QuerySet[Ticket]:
    # Both in one condition: it is an inner join then, and history, however long, stays out of the count.
    return Ticket.objects.filter(escalation__visits__left_at__isnull=True, escalation__visits__floor__in=floors)


def _cells(live: QuerySet[Ticket]) -> list[Cell]:
    visit = {"floor": F("escalation__visits__floor"), "at_risk": ExpressionWrapper(AT_RISK, BooleanField())}
    rows = live.order_by().values("assignee", **visit).annotate(number=Count("pk"))
    return [Cell(row["floor"], row["assignee"], row["at_risk"], row["number"]) for row in rows]
