"""Who has seen a version of a policy, and what is new to somebody: a rule helps nobody who does not know of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce

from policies import book
from policies.book import Kind
from policies.models import Policy, Seen
from tickets.models import User

NEW_FOR = timedelta(days=30)
"""How long after its publication a version is new to those who have not opened it."""

MOST = 20


@dataclass(frozen=True)
class Sight:
    """Who has seen a version, the first of them first, and who on the staff has not yet."""

    seen: list[Seen]
    not_yet: list[User]


def note(kind: Kind, policy: Policy, person: User, *, now: datetime) -> None:
    """Remember that PERSON opened POLICY at NOW; the first time counts."""
    Seen.objects.bulk_create([Seen(kind=kind.slug, version=policy.pk, by=person, at=now)], ignore_conflicts=True)


def of(kind: Kind, policy: Policy) -> Sight:
    """Return who has seen POLICY among those who are on the staff now."""
    staff = User.objects.filter(is_active=True, groups__isnull=False).distinct()
    seen = list(Seen.objects.filter(kind=kind.slug, version=policy.pk, by__in=staff).select_related("by"))
    return Sight(seen, list(staff.exclude(pk__in=[row.by_id for row in seen]).order_by("name")))


def new_to(person: User, now: datetime) -> list[tuple[Kind, Policy]]:
    """Return what others published lately and PERSON has not opened yet, the newest first."""
    parts = [
        kind.model.objects.standing(now)
        .alias(put=Coalesce("published_at", "created_at"))
        .filter(put__gt=now - NEW_FOR, created_by__isnull=False)
        .exclude(published_by=person)
        .exclude(created_by=person)
        .order_by()
        .values_list(Value(kind.slug, CharField()), "pk", Coalesce("published_at", "created_at"))
        for kind in book.KINDS.values()
    ]
    published = sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[2], reverse=True)
    seen = set(Seen.objects.filter(by=person, at__gt=now - NEW_FOR).values_list("kind", "version"))
    news = [(slug, pk) for slug, pk, _at in published if (slug, pk) not in seen][:MOST]
    found = {
        (slug, row.pk): row
        for slug in {slug for slug, _pk in news}
        for row in book.KINDS[slug].standing(now).filter(pk__in=[pk for of, pk in news if of == slug])
    }
    return [(book.KINDS[slug], found[slug, pk]) for slug, pk in news if (slug, pk) in found]
