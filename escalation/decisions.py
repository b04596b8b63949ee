"""Deciding on a remedy: alone within the latitude, else by a rapid review that starts by itself (P4)."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, Sum

from escalation import access, audit, holds, notices, signatures
from escalation.case import Case, locked
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, Decision
from policies import latitude
from policies.latitude import Problem, Remedy
from policies.models import Latitude
from tickets.models import Customer, User
from tickets.refusals import Conflict, Invalid


def decide(
    number: int,
    *,
    actor: User,
    problem: str,
    remedy: str,
    rationale: str,
    amount: Decimal | None = None,
    currency: str = "",
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Decision:
    """Decide on a remedy. Beyond the latitude (P4.1) its `approval` is the request that others must sign first.

    AMOUNT is in CURRENCY (ISO 4217; the shop's when empty). The latitude holds on Floors 1 and 2 and in the shop's
    currency.
    """
    if problem not in Problem.values:
        raise Invalid("There is no such problem.", code="unknown", field="problem")
    if remedy not in Remedy.values:
        raise Invalid("There is no such remedy.", code="unknown", field="remedy")
    if remedy in latitude.MONEY and not amount:
        raise Invalid("A refund or a store credit names its amount.", code="required", field="amount")
    if amount is not None and (not amount.is_finite() or not 0 <= amount < Decimal("1e10")):
        raise Invalid("An amount is zero or more.", code="invalid", field="amount")
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor is None:
            raise Conflict("This ticket is resolved; reopen it before deciding.", code="resolved")
        why = justified(rationale, field="rationale")
        holds.forbid(case, Blocked.DECIDE, audit.person(actor))
        rule = latitude.in_force(case.now)
        decision = Decision(
            escalation=case.escalation,
            problem=problem,
            remedy=remedy,
            amount=None if amount is None else amount.quantize(Decimal("0.01")),
            currency="" if amount is None else currency or settings.CURRENCY,
            rationale=why,
            decided_by=actor,
            decided_at=case.now,
            latitude=rule,
        )
        if _within(case, decision, rule, actor):
            decision.in_force_at = case.now
            decision.save()
            case.record(Action.DECIDED, audit.person(actor), reason=why, data=_cite(decision))
        else:
            decision.approval = signatures.request(
                case,
                kind=Approval.Kind.DECISION,
                actor=actor,
                justification=why,
                content=_put(decision),
            )
            decision.save()
            notices.under_review(number, approval=decision.approval.pk, now=case.now)
        return decision


def put_in_force(case: Case, approval: Approval, *, actor: User) -> None:
    """Let a decision hold from now on, its request being signed."""
    holds.forbid(case, Blocked.DECIDE, audit.person(actor))
    decision = Decision.objects.select_related("latitude").get(approval=approval)
    decision.in_force_at = case.now
    decision.save(update_fields=["in_force_at"])
    case.record(
        Action.DECIDED, audit.person(actor), reason=decision.rationale, data=_cite(decision) | {"approval": approval.pk}
    )


def given_lately(case: Case, rule: Latitude) -> Decimal:
    """Return what the ticket's customer was given within the latitude's window, in the shop's currency."""
    recent = Decision.objects.filter(
        escalation__ticket__customer=case.ticket.customer_id, currency=settings.CURRENCY
    ).filter(Q(in_force_at__gt=case.now - rule.window))
    return recent.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _within(case: Case, decision: Decision, rule: Latitude, actor: User) -> bool:
    """Whether ACTOR may decide this alone. What was given before counts, so that an amount is not split."""
    if case.escalation.floor == 3 or not actor.has_role(*rule.roles):
        return False
    if decision.amount is None:
        return True
    if decision.currency != settings.CURRENCY:
        return False
    # Two decisions for one customer on two tickets wait for each other here, so that both see the sum.
    Customer.objects.select_for_update(no_key=True).get(pk=case.ticket.customer_id)
    return given_lately(case, rule) + decision.amount <= rule.amount


def _put(decision: Decision) -> dict:
    """Return a decision as it is put to the signers."""
    put = {"problem": str(decision.problem), "remedy": str(decision.remedy)}
    if decision.amount is not None:
        put["amount"] = {"amount": f"{decision.amount:.2f}", "currency": decision.currency}
    return put


def _cite(decision: Decision) -> dict:
    """Return what the audit trail keeps of a decision."""
    rule = decision.latitude
    return _put(decision) | {"decision": decision.pk, "latitude": {"up_to": f"{rule.amount}", "version": rule.version}}
