"""Pages of a list that stay right while rows come and go: a page begins after a row, or ends before one."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q, QuerySet

SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 2**31 - 1
_CURSOR = re.compile(r"(-|\d{1,17})\.(\d{1,18})")


@dataclass(frozen=True)
class Order:
    """By which time, or whole number, a list is ordered; rows without one come last; the number breaks ties."""

    path: str
    descending: bool = False
    optional: bool = False
    number: bool = False


@dataclass(frozen=True)
class Keys:
    """The rows of one page as (number, version, time), in order, and the cursors of its neighbours ('' for none)."""

    rows: list[tuple[int, int, datetime | int | None]]
    next: str
    previous: str


def read(queryset: QuerySet, order: Order, *, after: str = "", before: str = "", size: int = SIZE) -> Keys:
    """Return one page of QUERYSET. A cursor that makes no sense is taken as the beginning."""
    backwards = bool(not _CURSOR.fullmatch(after) and _CURSOR.fullmatch(before))
    place = _CURSOR.fullmatch(before if backwards else after)
    if place:
        queryset = queryset.filter(_beyond(order, backwards, *_decode(order, place)))
    down = order.descending != backwards
    key = F(order.path).desc(nulls_first=order.optional or None) if down else F(order.path).asc()
    found = queryset.order_by(key, "-pk" if down else "pk").values_list("pk", "escalation__version", order.path)
    rows = list(found[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    return Keys(
        rows,
        next=_encode(rows[-1]) if rows and has_next else "",
        previous=_encode(rows[0]) if rows and has_previous else "",
    )


def key_of(queryset: QuerySet, order: Order, pk: int) -> str:
    """Return the cursor at which one row of QUERYSET stands in ORDER, or '' when it is not there."""
    row = queryset.filter(pk=pk).values_list("pk", "escalation__version", order.path).first()
    return _encode(row) if row else ""


def beyond(queryset: QuerySet, order: Order, *, before: str) -> QuerySet:
    """Return the rows of QUERYSET that come before the cursor BEFORE, which `key_of` gave, in ORDER."""
    return queryset.filter(_beyond(order, True, *_decode(order, _CURSOR.fullmatch(before))))


def _beyond(order: Order, backwards: bool, value: datetime | int | None, pk: int) -> Q:
    side = "lt" if order.descending != backwards else "gt"
    tie = {f"pk__{side}": pk}
    if value is None:
        missing = Q(**{f"{order.path}__isnull": True}, **tie)
        return missing | Q(**{f"{order.path}__isnull": False}) if backwards else missing
    beyond = Q(**{f"{order.path}__{side}": value}) | Q(**{order.path: value}, **tie)
    return beyond | Q(**{f"{order.path}__isnull": True}) if order.optional and not backwards else beyond


def _encode(row: tuple[int, int, datetime | int | None]) -> str:
    number, _version, value = row
    if isinstance(value, datetime):
        value = (value - _EPOCH) // timedelta(microseconds=1)
    return f"{'-' if value is None else value}.{number}"


def _decode(order: Order, place: re.Match) -> tuple[datetime | int | None, int]:
    value, number = place.groups()
    if value == "-":
        return None, int(number)
    if order.number:
        return min(int(value), _LARGEST), int(number)
    return _EPOCH + timedelta(microseconds=int(value)), int(number)
