"""Targets: which held when, and how they are changed (P8.4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from metrics.models import Figure, Target
from metrics.models.target import SIGNS
from tickets import roles
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Invalid, NotAllowed, NotFound
from tickets.texts import clean_text

EDITORS = (roles.MANAGER, roles.ADMIN)
"""Roles that set targets, write notes and publish corrections."""

LARGEST = Decimal(1_000_000)


PROTOCOL = ("resolved_within_24h", "guided_by_script")
"""The figures whose targets the published protocol names (P1.3)."""


@dataclass(frozen=True)
class Aim:
    """A target of the published protocol, and the figure of the last published week; None when there is none."""

    target: Target
    last: Figure | None


def may_edit(person: User) -> bool:
    return person.has_role(*EDITORS)


def sign(better: str, strict: bool) -> str:
    """Return the comparison that meets a target: ≥, >, ≤ or <."""
    return SIGNS[str(better), strict]


def in_force(at: datetime) -> dict[str, Target]:
    """Return the target of each figure at AT; weeks before the first version are measured against the first."""
    found: dict[str, Target] = {}
    for target in Target.objects.select_related("owner").order_by("key", "-valid_from"):
        if target.key not in found or not found[target.key].holds(at):
            found[target.key] = target
    return found


def aims(at: datetime) -> list[Aim]:
    """Return what P1.3 aims at, with what the last published week showed."""
    held = in_force(at)
    shown = Figure.objects.filter(key__in=PROTOCOL, team=None, scorecard__published_at__isnull=False)
    shown = shown.select_related("scorecard").defer("tickets", "amounts")
    last = {row.key: row for row in shown.order_by("key", "-scorecard__week", "-scorecard__edition").distinct("key")}
    return [Aim(held[key], last.get(key)) for key in PROTOCOL if key in held and held[key].value is not None]


def change(key: str, *, value: Decimal | None, reason: str, actor: User, now: datetime | None = None) -> Target:
    """Supersede the target of figure KEY; weeks that end after NOW are measured against VALUE, for REASON."""
    if not may_edit(actor):
        raise NotAllowed(_("Targets are set by managers and administrators."), code="role")
    why = clean_text(reason, field="reason", limit=2000, required=True)
    if value is not None and not (value.is_finite() and 0 <= value <= LARGEST):
        raise Invalid(_("A target lies between 0 and 1,000,000."), code="out_of_range", field="value")
    with transaction.atomic():
        current = Target.objects.select_for_update().filter(key=key, valid_until__isnull=True).first()
        if current is None:
            raise NotFound(_("There is no figure '%(key)s'.") % {"key": key}, code="not_found")
        instant = max(now or database_now(), current.valid_from + timedelta(microseconds=1))
        Target.objects.filter(pk=current.pk).update(valid_until=instant)
        return Target.objects.create(
            key=key,
            value=value,
            better=current.better,
            strict=current.strict,
            owner_role=current.owner_role,
            owner=current.owner,
            reason=why,
            valid_from=instant,
            set_by=actor,
        )
