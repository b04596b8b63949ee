"""The approval matrix: which rule holds for a request, and how it is changed (P2)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from policies import succession
from policies.kinds import ApprovalKind
from policies.models import ApprovalRule
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict, Invalid, NotAllowed


class Matrix:
    """The matrix in force at AT (default: now), read once and asked many times; RULES are its rows where known."""

    def __init__(self, at: datetime | None = None, *, rules: list[ApprovalRule] | None = None):
        self.rules = list(ApprovalRule.objects.in_force(at)) if rules is None else rules

    def rule(self, kind: str, *, floor: int, amount: Decimal | None = None) -> ApprovalRule:
        """Return the row for KIND: a row of FLOOR before one for all floors, then the highest amount reached."""
        fitting = [
            rule
            for rule in self.rules
            if rule.kind == kind
            and rule.floor in (None, floor)
            and (rule.amount_from is None or (amount is not None and amount >= Decimal(rule.amount_from)))
        ]
        if not fitting:
            raise Conflict(
                _(
                    "The approval matrix has no row for '%(kind)s' on Floor %(floor)s; load the starter policies "
                    "(manage.py starter)."
                )
                % {"kind": kind, "floor": floor},
                code="no_policy",
            )
        return max(fitting, key=lambda rule: (rule.floor is not None, Decimal(rule.amount_from or -1)))

    def kinds_signed_by(self, names: Iterable[str]) -> set[str]:
        """Return the kinds that at least one row lets one of the roles NAMES sign."""
        names = set(names)
        return {rule.kind for rule in self.rules if names.intersection(rule.roles)}


def change(
    *,
    kind: str,
    floor: int | None = None,
    amount_from: Decimal | None = None,
    signers: Iterable[str],
    signatures: int = 1,
    alone: Iterable[str] = (),
    excludes_author: bool = False,
    actor: User,
    now: datetime,
) -> ApprovalRule:
    """Put a row of the matrix in force from NOW on, in place of the one for the same kind, floor and amount."""
    if not actor.has_role(roles.POLICY_OWNER, roles.ADMIN):
        raise NotAllowed(_("Only a policy owner or an administrator may change the approval matrix."), code="role")
    if kind not in ApprovalKind.values:
        raise Invalid(_("There is no such kind of request."), code="unknown", field="kind")
    named, exempt = sorted(set(signers)), sorted(set(alone))
    if not named or not set(named + exempt) <= set(roles.ALL):
        raise Invalid(_("Name at least one role, and only roles that exist."), code="unknown", field="roles")
    if not 1 <= signatures <= 5:
        raise Invalid(_("Between one and five signatures."), code="out_of_range", field="signatures")
    if floor not in (None, 1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")
    with transaction.atomic():
        scope = ApprovalRule.objects.filter(kind=kind, floor=floor, amount_from=amount_from)
        scope.select_for_update().filter(valid_until__isnull=True).first()
        current = succession.held(scope, now)
        successor = ApprovalRule(
            kind=kind,
            floor=floor,
            amount_from=amount_from,
            roles=named,
            signatures=signatures,
            alone=exempt,
            excludes_author=excludes_author,
            created_by=actor,
            owner=current.owner if current else None,
        )
        return succession.at_once(scope, successor, now=now)
