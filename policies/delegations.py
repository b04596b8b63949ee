"""Signing for somebody absent: A names B for a kind of request, from a day until a day."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from policies.kinds import ApprovalKind
from policies.models import Delegation
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict, Invalid, NotAllowed

LONGEST = timedelta(days=90)
"""A longer absence needs another role holder, not a deputy."""


def delegate(
    *, absent: User, deputy: User, kind: str = "", starts_at: datetime, ends_at: datetime, actor: User, now: datetime
) -> Delegation:
    """Let DEPUTY sign requests of KIND (all when empty) in the name of ABSENT. It gives no sight of further tickets."""
    if actor != absent and not actor.has_role(roles.ADMIN):
        raise NotAllowed(_("People name their own deputy; an administrator may do it for them."), code="role")
    if actor == deputy:
        raise NotAllowed(_("Nobody makes themselves somebody's deputy."), code="four_eyes")
    if absent == deputy or not deputy.is_active or not deputy.roles:
        raise Invalid(_("A deputy is another active person with a role."), code="invalid", field="deputy")
    if kind and kind not in ApprovalKind.values:
        raise Invalid(_("There is no such kind of request."), code="unknown", field="kind")
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Invalid(_("An absence ends after it begins, within 90 days."), code="out_of_range", field="ends_at")
    if ends_at <= now:
        raise Invalid(_("This absence is over already."), code="out_of_range", field="ends_at")
    return Delegation.objects.create(
        absent=absent, deputy=deputy, kind=kind, starts_at=starts_at, ends_at=ends_at, made_by=actor, made_at=now
    )


def end(delegation: Delegation, *, actor: User, now: datetime) -> None:
    """End a delegation before its time."""
    if actor.pk not in (delegation.absent_id, delegation.deputy_id) and not actor.has_role(roles.ADMIN):
        raise NotAllowed(_("A delegation is ended by either of the two, or an administrator."), code="role")
    if not Delegation.objects.filter(pk=delegation.pk, ended_at__isnull=True).update(ended_at=now):
        raise Conflict(_("This delegation was ended already."), code="ended")


def absent_for(deputy: User, at: datetime | None = None) -> list[Delegation]:
    """Return what DEPUTY may sign for others at AT (default: the database's now)."""
    rows = Delegation.objects.in_force(at).filter(deputy=deputy, absent__is_active=True)
    return list(rows.select_related("absent"))
