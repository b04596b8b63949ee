"""The clocks of the floors: which limit holds for which ticket, and how it is changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from policies import succession
from policies.models import Calendar, FloorLimit
from policies.models.policy import SOON, PolicyQuerySet
from tickets.models import Category, Channel, User
from tickets.prepared import prepared
from tickets.refusals import Invalid, NotAllowed, NotFound
from tickets.roles import ADMIN, POLICY_OWNER

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=30)


class Limits:
    """The limits in force, a handful of rows, to be asked for any number of tickets."""

    def __init__(self, rows: Iterable[FloorLimit]):
        self._rows = {(row.floor, row.channel_id, row.category_id): row for row in rows}
        self.scoped = any(channel or category for _floor, channel, category in self._rows)

    def find(self, floor: int, channel: int | None = None, category: int | None = None) -> FloorLimit | None:
        """Return what holds on FLOOR: for channel and category, else category, else channel, else the floor's own."""
        for scope in ((channel, category), (None, category), (channel, None)):
            if scope != (None, None) and (row := self._rows.get((floor, *scope))):
                return row
        return self._rows.get((floor, None, None))

    def __iter__(self):
        return iter(self._rows.values())


@dataclass(frozen=True)
class Scope:
    """Which stays a limit is for: a floor, or there one channel, one category, or both."""

    floor: int
    channel: Channel | None = None
    category: Category | None = None


@dataclass(frozen=True)
class Terms:
    """What a limit says: working time, the calendar in which it runs (none: always), the share that warns."""

    limit: timedelta
    calendar: Calendar | None = None
    warn_share: float = 1 / 3


def limits(at: datetime | None = None) -> Limits:
    """Return the limits in force at AT (default: now)."""
    return Limits(FloorLimit.objects.in_force(at).select_related("calendar", "channel", "category", "team"))


@prepared
def held(*, since: datetime, until: datetime) -> QuerySet[FloorLimit]:
    """Return the limits that held at any time from SINCE to UNTIL, with their calendar and team."""
    rows = FloorLimit.objects.filter(Q(valid_until=None) | Q(valid_until__gt=since), valid_from__lte=until)
    hours = ("calendar__zone", "calendar__week", "calendar__holidays", "calendar__closures")
    rows = rows.select_related("calendar", "team").order_by("floor", "-version")
    return rows.only("floor", "version", "channel", "category", "valid_from", "valid_until", "team__name", *hours)


def cite(limit: FloorLimit) -> dict:
    """Return what the record keeps of the limit that a stay runs under: which version, and what it said."""
    cited = {"floor_limit": limit.floor, "version": limit.version, "seconds": int(limit.limit.total_seconds())}
    if limit.channel:
        cited["channel"] = limit.channel.slug
    if limit.category:
        cited["category"] = limit.category.slug
    if limit.calendar:
        cited["calendar"] = {"slug": limit.calendar.slug, "version": limit.calendar.version}
    return cited


def terms_of(limit: FloorLimit) -> Terms:
    return Terms(limit.limit, limit.calendar, limit.warn_share)


def change_limit(
    *,
    floor: int,
    limit: timedelta,
    actor: User,
    now: datetime,
    channel: Channel | None = None,
    category: Category | None = None,
) -> FloorLimit:
    """Supersede how long a ticket may stay on FLOOR; calendar and warning stay.

    It holds from NOW on; stays that have begun keep the version they began with (P2).
    """
    scope = Scope(floor, channel, category)
    return _change(scope, lambda terms: replace(terms, limit=limit), actor=actor, now=now)


def put_in_force(scope: Scope, terms: Terms, *, actor: User, now: datetime) -> FloorLimit:
    """Let TERMS hold for SCOPE from NOW on, for stays that begin after it."""
    return _change(scope, lambda _terms: terms, actor=actor, now=now)


def withdraw(scope: Scope, *, actor: User, now: datetime) -> None:
    """End the limit of one channel or category: what is wider holds again, for stays that begin after NOW."""
    require_owner(actor)
    if scope.channel is None and scope.category is None:
        raise Invalid(_("A floor always has a limit of its own; change it instead."), code="invalid", field="floor")
    with transaction.atomic():
        lock(scope.floor)
        current = _current(scope, now)
        if current is None:
            raise NotFound(_("No such limit is in force."), code="not_found")
        succession.end_at(_versions(scope), max(now, current.valid_from + succession.TICK))


def follow(calendar: Calendar, *, actor: User, now: datetime) -> None:
    """Let every limit that runs in an earlier version of CALENDAR run in this one. Call it with all floors locked."""
    rows = FloorLimit.objects.standing(now).filter(calendar__slug=calendar.slug).exclude(calendar=calendar)
    for row in list(rows.select_related("channel", "category")):
        versions = _versions(Scope(row.floor, row.channel, row.category))
        start = row.valid_from if row.is_to_come(now) else max(now, row.valid_from + succession.TICK)
        successor = _successor(row, replace(terms_of(row), calendar=calendar), actor=actor)
        succession.follow(versions, successor, start=start, until=row.valid_until)


def lock(floor: int) -> None:
    """Serialise changes of FLOOR on its first version, the only row that every change of it can rely on."""
    first = FloorLimit.objects.filter(floor=floor, channel=None, category=None, version=1)
    if first.select_for_update().first() is None:
        raise NotFound(_("There is no Floor %(floor)s; floors are 1, 2 and 3.") % {"floor": floor}, code="not_found")


def require_owner(actor: User) -> None:
    """Refuse those who may not change a clock."""
    if not actor.has_role(POLICY_OWNER, ADMIN):
        raise NotAllowed(_("Only a policy owner or an administrator may change a floor's clock."), code="role")


def check(terms: Terms) -> None:
    """Refuse terms that cannot work."""
    if not SHORTEST <= terms.limit <= LONGEST:
        raise Invalid(_("A floor's limit must lie between one second and 30 days."), code="out_of_range", field="limit")
    if not 0 <= terms.warn_share < 1:
        raise Invalid(_("Warn in a share of the time between 0 and 1."), code="out_of_range", field="warn_share")


def _change(scope: Scope, make: Callable[[Terms], Terms], *, actor: User, now: datetime) -> FloorLimit:
    require_owner(actor)
    with transaction.atomic():
        lock(scope.floor)
        current = _current(scope, now)
        own = current or _current(Scope(scope.floor), now)
        old = terms_of(own)
        new = make(old)
        check(new)
        if new.calendar:  # it may have been superseded while we waited for the lock
            new = replace(new, calendar=Calendar.objects.get(slug=new.calendar.slug, valid_until__isnull=True))
        if current and new == old and current.holds_at(now + SOON):
            return current
        successor = _successor(own, new, actor=actor)
        for name, value in vars(scope).items():
            setattr(successor, name, value)
        return succession.at_once(_versions(scope), successor, now=now)


def _versions(scope: Scope) -> PolicyQuerySet:
    return FloorLimit.objects.filter(**vars(scope))


def _current(scope: Scope, now: datetime) -> FloorLimit | None:
    return succession.held(_versions(scope).select_related("calendar"), now)


def _successor(like: FloorLimit, terms: Terms, *, actor: User) -> FloorLimit:
    return FloorLimit(
        floor=like.floor,
        channel=like.channel,
        category=like.category,
        **vars(terms),
        team=like.team,
        owner=like.owner,
        created_by=actor,
    )
