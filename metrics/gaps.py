"""The weekly review of the decision matrix (P4.5): no rule, overruled, or a bad rating after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from escalation import access
from escalation.justification import justified
from escalation.models import Approval, Decision, Verdict
from metrics.models import GapAnswer, Rating
from policies import book, life, proposals
from policies.book import Kind
from policies.models import PolicyDraft
from policies.remedies import MONEY
from tickets import roles
from tickets.models import User
from tickets.refusals import Conflict, NotAllowed, NotFound

BAD = 2
"""A rating of so many of five, or fewer, is bad (P7.2)."""

LOOKBACK = timedelta(days=90)
MOST = 200


@dataclass(frozen=True)
class Gap:
    """A decision that shows a gap in the matrix, with what it shows."""

    decision: Decision
    why: tuple[str, ...]


def reviewers(user: User) -> bool:
    """Whether USER reviews the matrix: managers, and those who own policies."""
    return user.has_role(roles.MANAGER, roles.POLICY_OWNER, roles.ADMIN, roles.SUPERVISOR)


def waiting(user: User, now: datetime) -> list[Gap]:
    """Return the gaps of the last 90 days that nobody has answered, as far as USER may see their tickets."""
    bad = Rating.objects.filter(ticket=OuterRef("escalation_id"), score__lte=BAD, rated_at__gte=OuterRef("decided_at"))
    rows = (
        Decision.objects.filter(decided_at__gte=now - LOOKBACK, gap_answer__isnull=True)
        .filter(escalation__ticket__in=access.visible_to(user))
        .annotate(rated_badly=Exists(bad))
        .select_related("approval", "decided_by", "rule", "escalation__ticket__customer")
        .order_by("-decided_at")
    )
    overruled = rows.filter(approval__state=Approval.State.REJECTED)
    found = {row.pk: row for part in (rows.filter(verdict=Verdict.NO_RULE), overruled, rows.filter(rated_badly=True))
             for row in part[:MOST]}  # fmt: skip
    newest = sorted(found.values(), key=lambda row: row.decided_at, reverse=True)
    return [Gap(row, tuple(_why(row))) for row in newest[:MOST]]


def answered(user: User, most: int = 20) -> list[GapAnswer]:
    """Return the last answers to gaps, as far as USER may see their tickets."""
    rows = GapAnswer.objects.filter(decision__escalation__ticket__in=access.visible_to(user))
    return list(rows.select_related("answered_by", "decision")[:most])


def dismiss(decision_id: int, *, reason: str, actor: User, now: datetime) -> GapAnswer:
    """Put on record why a gap needs no change; a gap is answered once."""
    with transaction.atomic():
        return _answer(decision_id, GapAnswer.Answer.DISMISSED, reason=reason, actor=actor, now=now)


def draft_change(decision_id: int, *, reason: str, actor: User, now: datetime) -> PolicyDraft:
    """Begin the draft of a better cell, or of a first one, for a gap; an open draft of that cell is gone on with."""
    life.require_writer(actor)
    kind = book.kind("decision-matrix")
    with transaction.atomic():
        made = _answer(decision_id, GapAnswer.Answer.DRAFTED, reason=reason, actor=actor, now=now).decision
        written = _cell(made, kind)
        waiting = PolicyDraft.objects.filter(kind=kind.slug, key=written["slug"]).first()
        return waiting or proposals.begin(kind, written, actor=actor, now=now, why=made.gap_answer.reason)


def _cell(decision: Decision, kind: Kind) -> dict:
    """Return the cell in force that a gap is about, or one that would have allowed the decision to a supervisor."""
    slug = decision.rule.slug if decision.rule_id else f"{decision.problem}-{decision.remedy}".replace("_", "-")
    if current := kind.current().filter(slug=slug).first():
        return kind.write(current)
    cell = {"slug": slug, "problem": decision.problem, "remedy": decision.remedy, "roles": [roles.SUPERVISOR]}
    if decision.amount is not None:
        cell |= {"up_to": f"{decision.amount:.2f}", "currency": decision.currency}
    elif decision.remedy in MONEY:
        cell |= {"up_to": "0.00", "currency": settings.CURRENCY}
    return cell


def _answer(decision_id: int, answer: str, *, reason: str, actor: User, now: datetime) -> GapAnswer:
    if not reviewers(actor):
        raise NotAllowed(_("Gaps are reviewed by managers, supervisors and policy owners."), code="role")
    why = justified(reason, field="reason")
    visible = Decision.objects.filter(escalation__ticket__in=access.visible_to(actor)).select_related("rule")
    decision = visible.filter(pk=decision_id).first()
    if decision is None:
        raise NotFound(_("There is no such decision."), code="not_found")
    made, is_new = GapAnswer.objects.get_or_create(
        decision=decision, defaults={"answer": answer, "reason": why, "answered_by": actor, "answered_at": now}
    )
    if not is_new:
        raise Conflict(_("This gap was answered already."), code="answered")
    return made


def _why(decision: Decision):
    if decision.verdict == Verdict.NO_RULE:
        yield _("no rule")
    if decision.approval_id and decision.approval.state == Approval.State.REJECTED:
        yield _("overruled")
    if decision.rated_badly:
        yield _("bad rating after it")
