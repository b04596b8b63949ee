"""How one version of a policy follows another, also while a change is published for a later day.

VERSIONS are all versions of one rule; call these with its writers locked out.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from policies.models import Policy
from policies.models.policy import SOON

TICK = timedelta(microseconds=1)


def follow(versions: QuerySet[Policy], successor: Policy, *, start: datetime, until: datetime | None = None) -> Policy:
    """Let SUCCESSOR hold from START on, UNTIL then if that is given; what is to begin within that time never holds."""
    end_at(versions if until is None else versions.filter(valid_from__lt=until), start)
    last = versions.order_by("-version").first()
    successor.version = last.version + 1 if last else 1
    successor.valid_from, successor.valid_until = start, until
    if last:
        successor.review_on = successor.review_on or last.review_on
    successor.save(force_insert=True)
    return successor


def at_once(versions: QuerySet[Policy], successor: Policy, *, now: datetime) -> Policy:
    """Let SUCCESSOR hold from NOW on; a change that two people published for a later day still comes on its day."""
    coming = versions.standing(now).filter(valid_from__gt=now + SOON).order_by("valid_from").first()
    holding = held(versions, now)
    start = max(now, holding.valid_from + TICK) if holding else now
    return follow(versions, successor, start=start, until=coming and coming.valid_from)


def held(versions: QuerySet[Policy], now: datetime) -> Policy | None:
    """Return the version that holds at NOW, or that somebody else put in force a moment ago."""
    return versions.standing(now).filter(valid_from__lte=now + SOON).order_by("-version").first()


def end_at(versions: QuerySet[Policy], end: datetime) -> None:
    """Let none of VERSIONS hold from END on; one that would have begun later never holds."""
    late = versions.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=end))
    late.update(valid_until=Greatest(F("valid_from"), end))


def take_back(versions: QuerySet[Policy], coming: Policy) -> None:
    """Let COMING never hold: what it was to end goes on."""
    versions.filter(pk=coming.pk).update(valid_until=coming.valid_from)
    before = versions.filter(valid_until=coming.valid_from, valid_from__lt=coming.valid_from)
    before.update(valid_until=None)
