"""Policies that are to be looked at again (P3.3): which, and who is asked."""

from datetime import datetime

from django.db.models import DateField, Value
from django.db.models.functions import Coalesce

from policies import book, life
from policies.book import Kind
from policies.models import Policy
from tickets import roles
from tickets.models import User


def overdue(now: datetime) -> list[tuple[Kind, Policy]]:
    """Return the versions in force whose day of review has come, the oldest first."""
    found = [(kind, policy) for kind in book.KINDS.values() for policy in _due(kind, now)]
    return sorted(found, key=lambda pair: (pair[1].review_on, pair[0].slug, pair[1].pk))


def adopt(owner: User, now: datetime) -> None:
    """Let OWNER answer for every policy that has no owner, and look at it again a quarter from NOW."""
    day = (now + life.REVIEWED_AFTER).date()
    for kind in book.KINDS.values():
        rows = kind.model.objects.filter(owner=None, valid_until=None)
        rows.update(owner=owner, review_on=Coalesce("review_on", Value(day, DateField())))


def adopt_by_first_administrator(now: datetime) -> None:
    """Give what has no owner, such as what an upgrade added, to whoever has administered the house for longest."""
    first = User.objects.filter(groups__name=roles.ADMIN, is_active=True).order_by("pk").first()
    if first:
        adopt(first, now)


def people(policy: Policy) -> list[User]:
    """Return the policy's owner; without an active one, all policy owners."""
    active = User.objects.filter(is_active=True)
    return list(active.filter(pk=policy.owner_id) or active.filter(groups__name=roles.POLICY_OWNER))


def _due(kind: Kind, now: datetime) -> list[Policy]:
    rows = [field.name for field in kind.model._meta.fields if field.many_to_one]
    return list(kind.model.objects.in_force(now).filter(review_on__lte=now.date()).select_related(*rows)[:200])
