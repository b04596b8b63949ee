"""Taking, signing and lifting a step of the ladder against abuse (P5.4).

Each step tells the customer by a reply script, in their language. A warning holds at once; to limit a customer to
writing, or to end contact, somebody else signs (the approval matrix says who).
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from escalation import access, audit, contact, conversation, holds, signatures
from escalation.case import Case, locked
from escalation.justification import justified
from escalation.models import Action, Approval, Blocked, ContactStep
from policies import scripts
from tickets.models import User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

Step = ContactStep.Step

SCRIPTS = {Step.WARNED: "abuse-warning", Step.LIMITED: "contact-in-writing", Step.ENDED: "contact-ended"}
"""Slugs of the letters; a step whose letter is not in force is refused, since the customer must be told."""

WARNING_HOLDS = timedelta(days=365)
"""For how long a warning is the ground for the next step."""

LONGEST = {Step.LIMITED: timedelta(days=180), Step.ENDED: timedelta(days=365)}

BEFORE = {Step.LIMITED: Step.WARNED, Step.ENDED: Step.LIMITED}


def warn(number: int, *, actor: User, reason: str, now: datetime | None = None) -> ContactStep:
    """Warn the customer of ticket NUMBER in words of the house; it holds at once."""
    with locked(number, now=now) as case:
        access.require_worker(actor, case.escalation)
        step = _step(case, Step.WARNED, actor=actor, reason=reason, until=case.now + WARNING_HOLDS)
        step.in_force_at = case.now
        step.save()
        _tell(case, step, actor=actor)
        return step


def ask(
    number: int, *, actor: User, step: str, reason: str, until: datetime, now: datetime | None = None
) -> ContactStep:
    """Ask for a signature under STEP (2_limited or 3_ended) until UNTIL.

    Each needs the step before it, in force within a year; on Floor 3, which has threats and harassment, it does not.
    """
    with locked(number, now=now) as case:
        access.require_worker(actor, case.escalation)
        if step not in LONGEST:
            raise Invalid(_("Ask for writing only, or for the end of contact."), code="unknown", field="step")
        if not case.now < until <= case.now + LONGEST[Step(step)]:
            words = _("Name a day from tomorrow on, at most %(days)s days ahead.") % {"days": LONGEST[Step(step)].days}
            raise Invalid(words, code="out_of_range", field="until")
        _require_ground(case, Step(step))
        asked = _step(case, Step(step), actor=actor, reason=reason, until=until)
        asked.approval = signatures.request(
            case,
            kind=Approval.Kind.CONTACT,
            actor=actor,
            justification=asked.reason,
            content={"step": asked.step, "until": until.isoformat(timespec="seconds"), "customer": asked.customer_id},
        )
        asked.save()
        return asked


def put_in_force(case: Case, approval: Approval, *, actor: User) -> None:
    """Let a step hold from now on, its request being signed, and tell the customer."""
    step = ContactStep.objects.select_related("customer").get(approval=approval)
    if step.until <= case.now:
        raise Conflict(_("The day until which this was to hold is over. Ask anew."), code="too_old")
    step.in_force_at = case.now
    step.save(update_fields=["in_force_at"])
    _tell(case, step, actor=actor)


def lift(pk: int, *, number: int, actor: User, reason: str, now: datetime | None = None) -> ContactStep:
    """End a step before its day; those who may still write to such a customer may do so."""
    with locked(number, now=now) as case:
        step = ContactStep.objects.filter(pk=pk, customer=case.ticket.customer_id, in_force_at__isnull=False).first()
        if step is None:
            raise NotFound(_("There is no such step."), code="not_found")
        if not actor.has_role(*contact.ANSWERS_ALL_THE_SAME):
            raise NotAllowed(_("A supervisor, Risk or Legal lifts a step."), code="role")
        if step.lifted_at or (step.until and step.until <= case.now):
            raise Conflict(_("This step does not hold any more."), code="over")
        step.lifted_at, step.lifted_by, step.lift_reason = case.now, actor, justified(reason, field="reason")
        step.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        case.record(
            Action.CONTACT_LIFTED, audit.person(actor), reason=step.lift_reason, data={"step": step.step, "of": step.pk}
        )
        return step


def _step(case: Case, step: Step, *, actor: User, reason: str, until: datetime) -> ContactStep:
    return ContactStep(
        escalation=case.escalation,
        customer=case.ticket.customer,
        step=step,
        reason=justified(reason, field="reason"),
        until=until,
        asked_by=actor,
        asked_at=case.now,
    )


def _require_ground(case: Case, step: Step) -> None:
    if case.escalation.floor == 3:
        return
    since = case.now - WARNING_HOLDS
    before = ContactStep.objects.filter(
        customer=case.ticket.customer_id, step=BEFORE[step], in_force_at__gte=since, lifted_at__isnull=True
    )
    if not before.exists():
        raise Conflict(
            _("This needs the step before it within a year: %(step)s.") % {"step": BEFORE[step].label}, code="no_ground"
        )


def _tell(case: Case, step: ContactStep, *, actor: User) -> None:
    """Record the step and write to the customer."""
    holds.forbid(case, Blocked.SEND, audit.person(actor))
    case.record(
        Action.CONTACT_STEP,
        audit.person(actor),
        reason=step.reason,
        data={"step": step.step, "of": step.pk, "until": step.until.isoformat(timespec="seconds")},
    )
    script = scripts.current(SCRIPTS[Step(step.step)])
    last_day = date_format(timezone.localtime(step.until), "Y-m-d")
    text = scripts.fill(script, case.ticket, actor, until=last_day)
    conversation.send(case, actor=actor, text=text, used=script)
