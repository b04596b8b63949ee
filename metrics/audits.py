"""The quarterly audit of each policy (P3.3): measured from tickets, looked at by hand in a sample, published.

A policy of the matrix of rights (P3.1) is audited by somebody who does not answer for it. Their checklist is drawn: the
rights in force against the policy, asked of a random sample of the quarter's tickets that anybody can draw again from
its seed. What was published never changes; a correction is a new edition.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from escalation import access
from metrics import audit_sample, audit_tickets, quarters
from metrics.fridays import Span
from metrics.models import AuditAction, AuditFinding, PolicyAudit
from policies import book
from policies.models import Right
from tickets import roles
from tickets.models import Message, User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound
from tickets.texts import clean_text

AUDITORS = (roles.MANAGER, roles.HEAD_OF_RISK, roles.LEGAL, roles.POLICY_OWNER, roles.ADMIN)
"""Roles that audit, except the policies that they answer for themselves."""

SAMPLE, SMALLEST, LARGEST = 10, 5, 50
"""How many tickets are looked at by hand unless the auditor wants another number, and between which bounds."""

KINDS = {
    Right.Against.RESPONSE_TIMES: ("response-times",),
    Right.Against.ESCALATION_PATHS: ("floor-limits", "approval-matrix"),
    Right.Against.CREDITS: ("decision-matrix",),
    Right.Against.DATA_HANDLING: ("retention",),
}
"""The kinds of the policy book that make up each policy of the matrix of rights."""


@dataclass(frozen=True)
class Said:
    """An answer of the checklist, as it comes in."""

    answer: str
    note: str = ""


def owners(policy: str, now: datetime) -> set[int]:
    """Return the ids of those who answer for POLICY; what has no owner belongs to all policy owners."""
    versions = [Right.objects.filter(policy=policy), *(book.kind(slug).model.objects.all() for slug in KINDS[policy])]
    found = {owner for rows in versions for owner in rows.in_force(now).values_list("owner", flat=True)}
    if None in found or not found:
        found |= set(User.objects.filter(groups__name=roles.POLICY_OWNER, is_active=True).values_list("pk", flat=True))
    return found - {None}


def answering(audit: PolicyAudit, now: datetime) -> set[int]:
    """Return the ids of those who answer for the policy of AUDIT, or did when it was closed."""
    return set(audit.owners) if audit.published_at else owners(audit.policy, now)


def may_audit(user: User, policy: str, now: datetime) -> bool:
    return user.has_role(*AUDITORS) and user.pk not in owners(policy, now)


def begin(
    quarter: date, policy: str, *, actor: User, now: datetime, size: int = SAMPLE, reason: str = ""
) -> PolicyAudit:
    """Begin the audit of POLICY for QUARTER and draw its sample; with an edition published, the next one, for REASON.

    An audit of a quarter that still runs covers it up to NOW. Over the same time the next edition takes sample and
    answers over; over a longer time it draws anew. There is one open audit at a time, and it is not drawn again.
    """
    _require_auditor(actor, policy, now)
    span = quarters.span(quarter)
    if span.start >= now:
        raise Conflict(_("This quarter has not begun."), code="too_early")
    if not SMALLEST <= size <= LARGEST:
        words = _("Between %(least)s and %(most)s tickets.") % {"least": SMALLEST, "most": LARGEST}
        raise Invalid(words, code="out_of_range", field="size")
    why = clean_text(reason, field="reason", limit=2000)
    with transaction.atomic():
        earlier = PolicyAudit.objects.select_for_update().filter(quarter=quarter, policy=policy)
        last = earlier.order_by("-edition").first()
        if last and last.published_at is None:
            raise Conflict(_("This audit is under way already."), code="open", data={"audit": last.pk})
        if last and len(why) < 10:
            raise Invalid(
                _("Say in at least 10 characters what this edition corrects."), code="too_short", field="reason"
            )
        ends_at = min(span.end, now)
        again = last is not None and last.ends_at == ends_at
        tickets = audit_sample.population(policy, Span(span.start, ends_at))
        audit = PolicyAudit.objects.create(
            quarter=quarter,
            policy=policy,
            edition=last.edition + 1 if last else 1,
            starts_at=span.start,
            ends_at=ends_at,
            seed=last.seed if again else secrets.token_hex(8),
            population=last.population if again else tickets.count(),
            begun_by=actor,
            begun_at=now,
            reason=why if last else "",
        )
        if again:
            _copy(last, audit)
        else:
            _ask(audit, audit_sample.draw(tickets, audit.seed, size), now)
    return audit


def answer(pk: int, number: int, said: dict[int, Said], *, actor: User, now: datetime) -> None:
    """Answer the questions about ticket NUMBER, by the id of their right; nobody judges a ticket they wrote on."""
    with transaction.atomic():
        audit = _open(pk, actor, now)
        access.get_ticket(actor, number)
        findings = {row.right_id: row for row in audit.findings.filter(ticket=number)}
        if not findings or set(said) - set(findings):
            raise NotFound(_("This is not asked in this audit."), code="not_found")
        if Message.objects.filter(ticket=number, author=actor).exists():
            raise NotAllowed(_("You wrote on this ticket, so somebody else must judge it."), code="four_eyes")
        for right, given in said.items():
            _answer(findings[right], given, actor, now)


def act(pk: int, *, words: str, owner: User, due_on: date, actor: User, now: datetime) -> AuditAction:
    """Put down what is done from now on, by whom and until when."""
    with transaction.atomic():
        audit = _open(pk, actor, now)
        what = clean_text(words, field="words", limit=2000, required=True)
        if not owner.is_active or not owner.roles:
            raise Invalid(_("Somebody of the staff does it."), code="unknown", field="owner")
        if due_on < now.date():
            raise Invalid(_("This day is over already."), code="out_of_range", field="due_on")
        return AuditAction.objects.create(audit=audit, words=what, owner=owner, due_on=due_on)


def drop(pk: int, action: int, *, actor: User, now: datetime) -> None:
    """Take an action out of an audit that is still open."""
    with transaction.atomic():
        gone, _rows = _open(pk, actor, now).actions.filter(pk=action).delete()
        if not gone:
            raise NotFound(_("There is no such action."), code="not_found")


def done(action: int, *, actor: User, now: datetime) -> AuditAction:
    """Note that an action is done: by who was to do it, or by an auditor of the policy."""
    with transaction.atomic():
        row = AuditAction.objects.select_for_update(of=("self",)).select_related("audit").filter(pk=action).first()
        if row is None or not actor.roles:
            raise NotFound(_("There is no such action."), code="not_found")
        if row.owner_id != actor.pk and not may_audit(actor, row.audit.policy, now):
            raise NotAllowed(_("An action is ended by who does it, or by an auditor."), code="role")
        if row.done_at:
            raise Conflict(_("This is done already."), code="done")
        row.done_at, row.done_by = now, actor
        row.save(update_fields=["done_at", "done_by"])
    return row


def close(pk: int, *, conclusion: str, actor: User, now: datetime) -> PolicyAudit:
    """Measure, freeze and publish an audit whose checklist is answered; what was not kept needs an action."""
    with transaction.atomic():
        audit = _open(pk, actor, now)
        words = clean_text(conclusion, field="conclusion", limit=4000, required=True)
        left = audit.findings.filter(answer="").count()
        if left:
            raise Conflict(_("%(n)s questions are not answered yet.") % {"n": left}, code="unanswered")
        if audit.findings.filter(answer=AuditFinding.Answer.NOT_MET).exists() and not audit.actions.exists():
            raise Conflict(_("Something was not met. Put down what is done about it."), code="action_needed")
        audit_tickets.freeze(audit)
        audit.conclusion, audit.owners = words, sorted(owners(audit.policy, now))
        audit.published_at, audit.published_by = now, actor
        audit.save()
    return audit


def _ask(audit: PolicyAudit, numbers: Iterable[int], now: datetime) -> None:
    rights = list(Right.objects.in_force(now).filter(policy=audit.policy))
    AuditFinding.objects.bulk_create(
        AuditFinding(audit=audit, ticket_id=number, right=right) for number in numbers for right in rights
    )


def _copy(before: PolicyAudit, audit: PolicyAudit) -> None:
    for rows in (before.findings.all(), before.actions.all()):
        copies = list(rows)
        for row in copies:
            row.pk, row.audit = None, audit
        rows.model.objects.bulk_create(copies)


def _answer(finding: AuditFinding, given: Said, actor: User, now: datetime) -> None:
    note = clean_text(given.note, field="note", limit=2000)
    if given.answer not in AuditFinding.Answer.values:
        raise Invalid(_("Met, not met, or not applicable."), code="unknown", field="answer")
    if given.answer == AuditFinding.Answer.NOT_MET and not note:
        raise Invalid(_("Say what was not met."), code="required", field="note")
    finding.answer, finding.note = given.answer, note
    finding.answered_by, finding.answered_at = actor, now
    finding.save()


def _require_auditor(actor: User, policy: str, now: datetime) -> None:
    if policy not in Right.Against.values:
        raise NotFound(_("There is no such policy."), code="not_found")
    if not actor.has_role(*AUDITORS):
        raise NotAllowed(
            _("Policies are audited by managers, Risk, Legal, policy owners and administrators."), code="role"
        )
    if actor.pk in owners(policy, now):
        raise NotAllowed(_("You answer for this policy, so somebody else must audit it."), code="four_eyes")


def _open(pk: int, actor: User, now: datetime) -> PolicyAudit:
    """Return an audit under its row lock, once it is clear that ACTOR may work on it and that it is open."""
    audit = PolicyAudit.objects.select_for_update().filter(pk=pk).first()
    if audit is None:
        raise NotFound(_("There is no such audit."), code="not_found")
    _require_auditor(actor, audit.policy, now)
    if audit.published_at:
        raise Conflict(_("What was published never changes; begin a new edition."), code="published")
    return audit
