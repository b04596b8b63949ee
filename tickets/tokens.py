"""API tokens of people: made by themselves, withdrawn by themselves or an administrator."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tickets import house
from tickets.models import ApiToken, HouseChange, User
from tickets.refusals import Conflict, NotFound
from tickets.roles import ADMIN
from tickets.texts import clean_line

MOST = 20
"""Tokens in force that one person may have."""


def in_force(now: datetime) -> QuerySet[ApiToken]:
    """Return the tokens that open something at NOW."""
    ends_later = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return ApiToken.objects.filter(ends_later, revoked_at__isnull=True, user__is_active=True)


def make(user: User, *, name: str, days: int | None, may_sign: bool, now: datetime) -> tuple[ApiToken, str]:
    """Make a token for USER that ends after DAYS, or never; return its row and the secret, which is shown once."""
    name = clean_line(name, field="name", limit=80, required=True)
    if in_force(now).filter(user=user).count() >= MOST:
        raise Conflict(_("You have %(n)s tokens already; withdraw one first.") % {"n": MOST}, code="too_many")
    ends = now + timedelta(days=days) if days else None
    return ApiToken.issue(user, name=name, may_sign=may_sign, expires_at=ends)


def withdraw(pk: int, *, actor: User, now: datetime) -> ApiToken:
    """End a token at once: one's own, or as an administrator anybody's."""
    rows = ApiToken.objects.select_related("user")
    rows = rows if actor.has_role(ADMIN) else rows.filter(user=actor)
    token = rows.filter(pk=pk).first()
    if token is None:
        raise NotFound(_("There is no such token of yours."), code="not_found")
    if token.revoked_at is None:
        token.revoked_at = now
        with transaction.atomic():
            token.save(update_fields=["revoked_at"])
            if token.user_id != actor.pk:
                house.record(actor, HouseChange.Action.TOKEN_WITHDRAWN, f"{token} ({token.user.email})")
    return token
