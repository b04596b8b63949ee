"""Policies that are to be looked at again (P3.3): which, who is asked, and that somebody did."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import DateField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from policies import book, life
from policies.book import Kind
from policies.models import Policy, PolicyReview
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict, NotFound
from tickets.texts import clean_text


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


def confirm(kind: Kind, pk: int, *, actor: User, note: str, next_on: date | None = None, now: datetime) -> PolicyReview:
    """Put on record that ACTOR looked at a version in force and let it stay, until NEXT_ON or for a quarter."""
    life.require_writer(actor)
    words = clean_text(note, field="note", limit=2000, required=True)
    day = next_on or (now + life.REVIEWED_AFTER).date()
    life.require_days(day, now, field="next_on")
    with transaction.atomic():
        policy = kind.model.objects.select_for_update(no_key=True).filter(pk=pk).first()
        if policy is None:
            raise NotFound(_("There is no such version."), code="not_found")
        if not policy.holds_at(now):
            raise Conflict(_("Only what is in force is looked at again."), code="not_in_force")
        kind.model.objects.filter(pk=pk).update(review_on=day)
        return PolicyReview.objects.create(kind=kind.slug, version=pk, by=actor, at=now, note=words, next_on=day)


def of(kind: Kind, policy: Policy) -> QuerySet[PolicyReview]:
    """Return the reviews of one version, the last first."""
    return PolicyReview.objects.filter(kind=kind.slug, version=policy.pk).select_related("by")


def people(policy: Policy) -> list[User]:
    """Return the policy's owner; without an active one, all policy owners."""
    active = User.objects.filter(is_active=True)
    return list(active.filter(pk=policy.owner_id) or active.filter(groups__name=roles.POLICY_OWNER))


def _due(kind: Kind, now: datetime) -> list[Policy]:
    rows = [field.name for field in kind.model._meta.fields if field.many_to_one]
    return list(kind.model.objects.in_force(now).filter(review_on__lte=now.date()).select_related(*rows)[:200])
