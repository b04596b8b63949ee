"""The demo's first audit: the response times of the quarter that runs, looked at by Risk and Legal and published."""

from datetime import datetime, timedelta

from metrics import audits, quarters
from metrics.audits import Said
from metrics.models import AuditFinding, PolicyAudit
from policies.models import Right
from tickets.models import Message, User

MISSED = Said(AuditFinding.Answer.NOT_MET, "The first answer named no time, and the customer had to ask again.")
ACTION = "The reply scripts of the first line name the time by which the next answer comes."
CONCLUSION = (
    "Answers come in time and in a good tone. One case shows that a time was not named; the scripts are being changed."
)


def publish(staff: dict[str, User], now: datetime) -> None:
    """Audit the response times as of NOW; nobody judges a ticket that they wrote on."""
    audit = audits.begin(quarters.of(now), Right.Against.RESPONSE_TIMES, actor=staff["risk"], now=now)
    numbers = sorted(set(audit.findings.values_list("ticket", flat=True)))
    for place, number in enumerate(numbers):
        wrote = set(Message.objects.filter(ticket=number).values_list("author", flat=True))
        judge = next(staff[name] for name in ("risk", "legal", "manager") if staff[name].pk not in wrote)
        _answer(audit, number, MISSED if place == 1 else Said("met"), actor=judge, now=now)
    due = (now + timedelta(days=21)).date()
    audits.act(audit.pk, words=ACTION, owner=staff["supervisor"], due_on=due, actor=staff["risk"], now=now)
    audits.close(audit.pk, conclusion=CONCLUSION, actor=staff["risk"], now=now)


def _answer(audit: PolicyAudit, number: int, first: Said, *, actor: User, now: datetime) -> None:
    rights = audit.findings.filter(ticket=number).values_list("right", flat=True)
    said = {right: first if place == 0 else Said("met") for place, right in enumerate(rights)}
    audits.answer(audit.pk, number, said, actor=actor, now=now)
