"""What a person finds at the desk: their notifications, how many are unread, and reading them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet

from escalation.access import visible_to
from helpdesk.models import Notification
from tickets.models import User

COUNT_CAP = 99
"""Unread ones above it are shown as '99+'."""

FRESH_FOR = 30
"""Seconds for which a person's count is kept, so that idle tabs ask the database next to nothing; news forgets it."""

KEPT_READ = timedelta(days=30)
KEPT = timedelta(days=180)
"""How long notifications are kept: read ones, and any."""


def listed(user: User) -> QuerySet[Notification]:
    """Return the notifications of USER that are listed and about nothing that is out of their sight by now."""
    seen = Q(ticket__isnull=True) | Q(ticket__in=visible_to(user))
    return Notification.objects.filter(seen, recipient=user, in_app=True)


def unread(user: User) -> QuerySet[Notification]:
    return listed(user).filter(read_at__isnull=True)


def unread_first(rows: QuerySet[Notification]) -> QuerySet[Notification]:
    """Return ROWS in the order of the list: unread ones first, then the newest."""
    return rows.annotate(was_read=Q(read_at__isnull=False)).order_by("was_read", "-id")


def unread_count(user: User) -> int:
    """Return how many notifications wait for USER, counted to COUNT_CAP + 1.

    Most of the time nothing does, which came along when the person was read (see `helpdesk.accounts`).
    """
    if not getattr(user, "has_news", True):
        return 0
    key = _key(user.pk)
    found = cache.get(key)
    if found is None:
        found = unread(user).order_by("-id")[: COUNT_CAP + 1].count()
        cache.set(key, found, FRESH_FOR)
    return found


def shown(count: int) -> str:
    """Return a count as the bell shows it: nothing for none."""
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count or "")


def read(user: User, rows: QuerySet[Notification], *, now: datetime) -> int:
    """Mark those of ROWS that are USER's as read; return how many were unread."""
    done = rows.filter(recipient=user, read_at__isnull=True).update(read_at=now)
    transaction.on_commit(lambda: forget_count([user.pk]))
    return done


def read_about(user: User, row: Notification, *, now: datetime) -> int:
    """Mark ROW, and whatever else was said of its ticket until now, as read."""
    same = Q(pk=row.pk) | Q(ticket_id=row.ticket_id, ticket__isnull=False)
    return read(user, Notification.objects.filter(same), now=now)


def forget_count(people: Iterable[int]) -> None:
    """Let the counts of PEOPLE be made anew."""
    cache.delete_many([_key(person) for person in people])


def forget_old(now: datetime) -> int:
    """Delete notifications that were read long ago, and any that are older than KEPT; return how many rows went."""
    old = Q(at__lt=now - KEPT) | Q(at__lt=now - KEPT_READ, read_at__lt=now - KEPT_READ)
    rows = Notification.objects.filter(old).order_by("at").values("pk")[:5000]
    return Notification.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]


def _key(person: int) -> str:
    return f"unread:{person}"
