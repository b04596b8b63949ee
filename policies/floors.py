"""The clocks of the floors: which limit holds, and how it is changed."""

from datetime import datetime, timedelta

from django.db import transaction

from policies.models import FloorLimit
from tickets.models import User
from tickets.refusals import Invalid, NotAllowed, NotFound
from tickets.roles import ADMIN, POLICY_OWNER

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=30)


def limits(at: datetime | None = None) -> dict[int, FloorLimit]:
    """Return the limit in force for each floor at AT (default: now)."""
    return {limit.floor: limit for limit in FloorLimit.objects.in_force(at)}


def change_limit(*, floor: int, limit: timedelta, actor: User, now: datetime) -> FloorLimit:
    """Supersede the limit of FLOOR from NOW on; stays that have begun keep the version they began with (P2)."""
    if not actor.has_role(POLICY_OWNER, ADMIN):
        raise NotAllowed("Only a policy owner or an administrator may change a floor's clock.", code="role")
    if not SHORTEST <= limit <= LONGEST:
        raise Invalid("A floor's limit must lie between one second and 30 days.", code="out_of_range", field="limit")
    with transaction.atomic():
        # The first version is the lock of the whole line: the current one stops being current while we wait for it.
        versions = FloorLimit.objects.filter(floor=floor)
        if versions.select_for_update().filter(version=1).first() is None:
            raise NotFound(f"There is no Floor {floor}; floors are 1, 2 and 3.", code="not_found")
        current = versions.get(valid_until__isnull=True)
        if current.limit == limit:
            return current
        successor = FloorLimit(floor=floor, limit=limit, team=current.team, owner=current.owner, created_by=actor)
        return current.supersede_with(successor, now=max(now, current.valid_from + timedelta(microseconds=1)))
