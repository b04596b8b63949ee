"""What the triggers in force do to a ticket: flag risks and name the floor it belongs on (P2.2).

What else they do (tags, team, hold, warning) is in `escalation.effects`.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from escalation import access, audit, effects, history, moves, signatures
from escalation.case import Case, locked
from escalation.models import Action, FloorVisit, RiskFlag
from policies import triggers
from policies.triggers import Finding, Occasion, Reading
from tickets.models import Ticket, User
from tickets.refusals import Conflict
from tickets.texts import clean_text


def findings_for(ticket: Ticket, *, text: str, occasion: Occasion, now: datetime) -> list[Finding]:
    """Ask the triggers in force about TEXT in TICKET."""
    reading = reading_of(ticket, text=text, occasion=occasion, now=now)
    return triggers.read(triggers.in_force(now), reading, on_fault=triggers.note_fault)


def reading_of(ticket: Ticket, *, text: str, occasion: Occasion, now: datetime) -> Reading:
    """Return what the rules are told of TEXT in TICKET; tags and customer are looked up only when a rule asks."""
    return Reading(
        text=text,
        occasion=occasion,
        subject=ticket.subject,
        language=ticket.language,
        channel=ticket.channel.slug,
        category=ticket.category.slug if ticket.category_id else "",
        tags=lambda: tuple(ticket.tags.values_list("slug", flat=True)),
        order_reference=ticket.order_reference,
        order_value=ticket.order_value,
        order_currency=ticket.order_currency,
        order_products=tuple(ticket.order_products),
        history=lambda: history.of_customer(ticket, now=now),
    )


def floor_named_by(findings: list[Finding]) -> int:
    """Return the highest floor that a finding names; 1 when nothing fired."""
    return max((finding.trigger.floor or 1 for finding in findings), default=1)


def flag_found(case: Case, findings: list[Finding]) -> list[Finding]:
    """Write a flag for each risk found that the ticket does not bear yet; return the findings that were news."""
    known = set(case.escalation.risk_flags.values_list("risk", flat=True))
    news: dict[str, Finding] = {}
    for finding in findings:
        if finding.trigger.risk and finding.trigger.risk not in known:
            news.setdefault(finding.trigger.risk, finding)
    RiskFlag.objects.bulk_create(
        RiskFlag(
            escalation=case.escalation,
            risk=risk,
            trigger=finding.trigger,
            words=list(finding.words),
            flagged_at=case.now,
        )
        for risk, finding in news.items()
    )
    return list(news.values())


def apply(case: Case, findings: list[Finding]) -> None:
    """Do to a live ticket what FINDINGS say: flag, move up where a rule names a higher floor, then the rest."""
    news = flag_found(case, findings)
    if news:
        case.record(Action.RISK_FLAGGED, audit.RULE, data={"found": [finding.citation for finding in news]})
    floor = floor_named_by(findings)
    if case.escalation.floor is not None and floor > case.escalation.floor:
        cited = next(finding for finding in findings if finding.trigger.floor == floor)
        moves.climb(
            case,
            floor,
            how=FloorVisit.How.RULE,
            actor=audit.RULE,
            reason=cited.trigger.name,
            data={"rule": cited.citation},
        )
    effects.carry_out(case, findings)


def flag(
    number: int,
    *,
    actor: User,
    risk: str,
    note: str,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> None:
    """Flag a risk by hand; the rule in force for it decides where the ticket goes (P2.2)."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor is None:
            raise Conflict(_("This ticket is resolved; reopen it before flagging a risk."), code="resolved")
        why = clean_text(note, field="note", limit=10_000, required=True)
        rule = triggers.floor_for(risk, case.now)
        if case.escalation.risk_flags.filter(risk=risk).exists():
            raise Conflict(_("This ticket bears the risk '%(risk)s' already.") % {"risk": risk}, code="already_flagged")
        RiskFlag.objects.create(
            escalation=case.escalation, risk=risk, trigger=rule, flagged_by=actor, flagged_at=case.now, note=why
        )
        case.record(
            Action.RISK_FLAGGED,
            audit.person(actor),
            reason=why,
            data={"risk": risk, "trigger": rule.slug, "version": rule.version},
        )
        if rule.floor > case.escalation.floor:
            moves.climb(
                case,
                rule.floor,
                how=FloorVisit.How.RULE,
                actor=audit.person(actor),
                reason=why,
                data={"rule": {"trigger": rule.slug, "version": rule.version}},
            )
        signatures.void_outdated(case, audit.person(actor))
