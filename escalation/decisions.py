"""Deciding on a remedy: alone where the matrix allows it, else by a rapid review that starts by itself (P4)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import access, audit, authority, conversation, holds, moves, notices, precedents, signatures
from escalation.authority import Ruling
from escalation.case import Case, Held, locked, put_refusal_on_record
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, Decision
from policies.models import Right
from policies.remedies import MONEY, Problem, Remedy
from tickets.models import Customer, User
from tickets.refusals import Conflict, Invalid
from tickets.texts import clean_text

MOST_CITED = 10
CENT, LARGEST = Decimal("0.01"), Decimal("9999999999.99")


def decide(
    number: int,
    *,
    actor: User,
    problem: str,
    remedy: str,
    rationale: str,
    amount: Decimal | None = None,
    currency: str = "",
    cites: Iterable[int] = (),
    rights: Iterable[int] = (),
    departs_because: str | None = None,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> Decision:
    """Decide on a remedy. Beyond the matrix its `approval` is the request that others must sign first (P4.3).

    AMOUNT is in CURRENCY (ISO 4217; the shop's when empty). CITES are earlier decisions that it follows, RIGHTS
    those in force that it rests on (ids). With
    DEPARTS_BECAUSE given, a decision that differs from most similar ones needs words there; None does not ask.
    """
    if problem not in Problem.values:
        raise Invalid(_("There is no such problem."), code="unknown", field="problem")
    if remedy not in Remedy.values:
        raise Invalid(_("There is no such remedy."), code="unknown", field="remedy")
    if amount is not None and (not amount.is_finite() or not 0 <= amount <= LARGEST):
        raise Invalid(_("An amount is zero or more."), code="invalid", field="amount")
    amount = None if amount is None else amount.quantize(CENT, ROUND_HALF_UP)
    if remedy in MONEY and not amount:
        raise Invalid(_("A refund or a store credit names its amount."), code="required", field="amount")
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        floor = case.escalation.floor
        if floor is None:
            raise Conflict(_("This ticket is resolved; reopen it before deciding."), code="resolved")
        why = justified(rationale, field="rationale")
        holds.forbid(case, Blocked.DECIDE, audit.person(actor))
        departs = _departure(case, problem, remedy, departs_because)
        case.ticket.escalation = case.escalation
        currency = "" if amount is None else currency or settings.CURRENCY
        _wait_for_others(case, actor)
        ruling = authority.verdict(
            case.ticket, actor=actor, problem=problem, remedy=remedy, amount=amount, currency=currency, now=case.now
        )
        if amount is None and ruling.wants_amount:
            raise Invalid(
                _("Name what it costs; the matrix sets a limit for this remedy."), code="required", field="amount"
            )
        risks = sorted(case.escalation.risk_flags.values_list("risk", flat=True))
        decision = Decision(
            escalation=case.escalation,
            problem=problem,
            remedy=remedy,
            amount=amount,
            currency=currency,
            rationale=why,
            decided_by=actor,
            decided_at=case.now,
            verdict=ruling.verdict,
            verdict_why=ruling.why,
            rule=ruling.cell,
            facts=precedents.facts_of(case.ticket, floor=floor, risks=risks),
            departs_because=departs,
        )
        cited = list(precedents.archive(actor).filter(pk__in=list(cites)[:MOST_CITED]))
        if ruling.allowed:
            decision.in_force_at = case.now
            decision.save()
            case.record(Action.DECIDED, audit.person(actor), reason=why, data=_cite(decision, ruling))
        else:
            decision.approval = signatures.request(
                case,
                kind=Approval.Kind.DECISION,
                actor=actor,
                justification=why,
                content=_put(decision) | {"verdict": ruling.cite()},
            )
            decision.save()
            notices.under_review(number, approval=decision.approval.pk, now=case.now)
        decision.cites.set(cited)
        decision.rights.set(Right.objects.in_force(case.now).filter(pk__in=list(rights)[:MOST_CITED]))
        return decision


def settle(
    number: int,
    *,
    actor: User,
    reply: str = "",
    resolve: bool = False,
    seen_message: int | None = None,
    now: datetime | None = None,
    **decision,
) -> Decision:
    """Decide, tell the customer and close, as one step: all of it happens or nothing (P4.3).

    When the decision needs a signature, REPLY and closing wait; the customer hears of the review instead.
    """
    try:
        with transaction.atomic():
            made = decide(number, actor=actor, now=now, **decision)
            if made.approval_id is None and reply.strip():
                conversation.reply(number, actor=actor, body=reply, seen_message=seen_message, now=now)
            if made.approval_id is None and resolve:
                moves.resolve(number, actor=actor, summary=made.rationale[:500], now=now)
            return made
    except Held as refusal:
        put_refusal_on_record(number, refusal, now=now)
        raise


def put_in_force(case: Case, approval: Approval, *, actor: User) -> None:
    """Let a decision hold from now on, its request being signed."""
    holds.forbid(case, Blocked.DECIDE, audit.person(actor))
    decision = Decision.objects.select_related("rule").get(approval=approval)
    decision.in_force_at = case.now
    decision.save(update_fields=["in_force_at"])
    case.record(
        Action.DECIDED,
        audit.person(actor),
        reason=decision.rationale,
        data=_cite(decision, Ruling(decision.verdict, decision.verdict_why, decision.rule)) | {"approval": approval.pk},
    )


def _wait_for_others(case: Case, actor: User) -> None:
    """Let two decisions for one customer, or by one person, wait for each other, so that both see the sums.

    Always in this order, after the ticket's own lock: no two of them can wait in a circle.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=case.ticket.customer_id)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)


def _departure(case: Case, problem: str, remedy: str, because: str | None) -> str:
    if because is None:
        return ""
    words = clean_text(because, field="departs_because", limit=2000)
    times, usual = (0, "") if words else precedents.differs(case.ticket, problem=problem, remedy=remedy)
    if times:
        raise Invalid(
            _("You differ from %(n)s similar cases, which gave: %(remedy)s. Say why this one is different.")
            % {"n": times, "remedy": usual},
            code="differs",
            field="departs_because",
        )
    return words


def _put(decision: Decision) -> dict:
    """Return a decision as it is put to the signers."""
    put = {"problem": str(decision.problem), "remedy": str(decision.remedy)}
    if decision.amount is not None:
        put["amount"] = {"amount": f"{decision.amount:.2f}", "currency": decision.currency}
    return put


def _cite(decision: Decision, ruling: Ruling) -> dict:
    """Return what the audit trail keeps of a decision."""
    departs = {"departs_because": decision.departs_because} if decision.departs_because else {}
    return _put(decision) | {"decision": decision.pk} | ruling.cite() | departs
