"""Who signs what: four eyes in one place for every door. Nobody signs a request of their own, superusers included (P2).

The rows are in `policies.matrix`; a deputy signs in the name of somebody absent (`policies.delegations`) and is held to
the same rules as both of them together.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from escalation import access
from escalation.models import Approval, Escalation
from policies import delegations
from policies.matrix import Matrix
from policies.models import ApprovalRule, Delegation
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict, NotAllowed
from tickets.sorting import BY_NAME


@dataclass(frozen=True)
class Capacity:
    """In which right somebody signs: under which row of the matrix, and for whom, if for somebody absent."""

    rule: ApprovalRule
    in_the_name_of: User | None = None


def may_alone(kind: str, user: User, escalation: Escalation, at: datetime | None = None) -> bool:
    """Whether the matrix lets USER do without anybody's signature."""
    return user.has_role(*Matrix(at).rule(kind, floor=escalation.sensitive_floor).alone)


def rule_for(approval: Approval, matrix: Matrix) -> ApprovalRule:
    """Return the row that holds for a request where its ticket stands now."""
    # What is owed after the clock moved a ticket is owed by those who would have signed on Floor 2.
    floor = 2 if approval.justification_owed else approval.escalation.sensitive_floor
    return matrix.rule(approval.kind, floor=floor, amount=amount_of(approval))


def amount_of(approval: Approval) -> Decimal | None:
    """Return the amount that a request is about, as the approval matrix compares it."""
    value = approval.content.get("amount")
    return compared(Decimal(value["amount"]), value["currency"]) if value else None


def compared(amount: Decimal, currency: str) -> Decimal:
    """Return AMOUNT in the shop's currency; one in another counts as above any limit."""
    return amount if currency == settings.CURRENCY else Decimal("Infinity")


def require_signer(user: User, approval: Approval, *, now: datetime | None = None) -> Capacity:
    """Return the right in which USER may decide this request, or refuse in words."""
    rule = rule_for(approval, Matrix(now))
    apart = _kept_apart(approval, rule)
    if user.pk in apart:
        raise apart[user.pk]
    if user.has_role(*rule.roles):
        return Capacity(rule)
    refusal = None
    for delegation in delegations.absent_for(user, now):
        if delegation.kind in ("", approval.kind) and delegation.absent.has_role(*rule.roles):
            if delegation.absent_id not in apart:
                return Capacity(rule, delegation.absent)
            refusal = NotAllowed(
                _("You stand in for %(name)s, who has a part in this already; somebody else must sign.")
                % {"name": delegation.absent},
                code="four_eyes",
            )
    raise refusal or NotAllowed(_("This is signed by: %(roles)s.") % {"roles": named(rule.roles)}, code="role")


def may_sign(user: User, approval: Approval) -> bool:
    """Whether USER could decide this request now."""
    return capacity(user, approval) is not None and access.can_see(user, approval.escalation_id)


def capacity(user: User, approval: Approval) -> Capacity | None:
    """Return the right in which USER may decide this request, or None."""
    try:
        return require_signer(user, approval)
    except (NotAllowed, Conflict):
        return None


def names(approval: Approval, matrix: Matrix | None = None) -> str:
    """Return the roles that may decide this request, in words."""
    return named(rule_for(approval, matrix or Matrix()).roles)


def asked_of(kind: str, escalation: Escalation) -> list[str]:
    """Return the roles that would be asked for a signature of KIND where the ticket stands."""
    return Matrix().rule(kind, floor=escalation.sensitive_floor).roles


def people(approval: Approval) -> QuerySet[User]:
    """Return those who may decide this request by their own role or as a deputy, without those kept apart from it."""
    rule = rule_for(approval, Matrix())
    able = User.objects.filter(is_active=True, groups__name__in=rule.roles)
    apart = _kept_apart(approval, rule)
    absences = Delegation.objects.in_force().filter(
        Q(kind="") | Q(kind=approval.kind), absent__in=able.exclude(pk__in=apart)
    )
    found = User.objects.filter(Q(pk__in=able) | Q(pk__in=absences.values("deputy")), is_active=True)
    return found.exclude(pk__in=apart).order_by(*BY_NAME)


def kinds_signed_by(user: User) -> set[str]:
    """Return the kinds that some row lets USER sign, in their own right or for somebody absent."""
    if not user.roles:
        return set()
    matrix = Matrix()
    kinds = matrix.kinds_signed_by(user.roles)
    for delegation in delegations.absent_for(user):
        theirs = matrix.kinds_signed_by(delegation.absent.roles)
        kinds |= theirs if not delegation.kind else theirs & {delegation.kind}
    return kinds


def waiting_for(user: User, requests: QuerySet[Approval] | None = None) -> list[Approval]:
    """Return what waits for USER's signature or justification, oldest first, out of REQUESTS (default: all).

    It stands in the navigation of every page, so rows of the matrix and absences come along in the same query.
    """
    requests = Approval.objects.all() if requests is None else requests
    open_requests = Q(state=Approval.State.PENDING) | Q(state=Approval.State.OVERTAKEN, decided_at__isnull=True)
    cells = ("kind", "floor", "amount_from", "roles", "excludes_author")
    rules = ApprovalRule.objects.in_force().filter(kind=OuterRef("kind"))
    absences = Delegation.objects.in_force().filter(
        Q(kind="") | Q(kind=OuterRef("kind")), deputy=user, absent__is_active=True
    )
    their_roles = ArraySubquery(Group.objects.filter(user=OuterRef("absent")).values("name"))
    rows = (
        requests.filter(open_requests, escalation__ticket__in=access.visible_to(user))
        .exclude(requested_by=user)
        .exclude(signatures__signer=user)
        .select_related("escalation__ticket__customer", "requested_by")
        .annotate(
            rules=ArraySubquery(rules.values(json=JSONObject(**{cell: cell for cell in cells}))),
            absent=ArraySubquery(absences.values(json=JSONObject(pk="absent_id", roles=their_roles))),
        )
    )
    return [row for row in rows if _is_asked(user, row)]


def _is_asked(user: User, approval: Approval) -> bool:
    rule = rule_for(approval, Matrix(rules=[ApprovalRule(**cell) for cell in approval.rules]))
    author = author_of(approval) if rule.excludes_author else None
    if author == user.pk:
        return False
    return user.has_role(*rule.roles) or any(
        set(rule.roles).intersection(absent["roles"]) and absent["pk"] not in (approval.requested_by_id, author)
        for absent in approval.absent
    )


def author_of(approval: Approval) -> int | None:
    """Return who proposed the decision text that a request is bound to."""
    return (approval.content.get("text") or {}).get("by")


def named(allowed: list[str]) -> str:
    """Return roles in words, in the order of the protocol."""
    return ", ".join(str(roles.LABELS[role]) for role in roles.ALL if role in allowed)


def _kept_apart(approval: Approval, rule: ApprovalRule) -> dict[int, NotAllowed | Conflict]:
    """Return who may not sign this request whatever their role, each with the reason."""
    apart: dict[int, NotAllowed | Conflict] = {}
    for signed in approval.signatures.all():
        again = Conflict(_("You have signed this already; somebody else must sign too."), code="already_signed")
        apart |= {pk: again for pk in (signed.signer_id, signed.in_the_name_of_id) if pk}
    author = author_of(approval)
    if rule.excludes_author and author:
        apart[author] = NotAllowed(
            _("You proposed the decision text yourself; somebody else must sign."), code="four_eyes"
        )
    apart[approval.requested_by_id] = NotAllowed(
        _("You asked for this signature yourself; somebody else must sign."), code="four_eyes"
    )
    return apart
