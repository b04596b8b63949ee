"""A draft of the decision matrix tried on decisions of the past, for whoever is about to publish it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from escalation import access, matrix_trial, signers
from escalation.matrix_trial import Elsewhere
from escalation.models import Approval, Verdict
from helpdesk.desk import trial_period
from policies.matrix import Matrix
from policies.models import PolicyDraft
from tickets.models import Ticket


@dataclass(frozen=True)
class Line:
    """A decision that would have fared differently, as it stands in the list."""

    elsewhere: Elsewhere
    whom: str


def context(request: HttpRequest, draft: PolicyDraft, now: datetime) -> dict:
    """Return what the page shows of a trial."""
    period = trial_period.chosen(request, now)
    found = matrix_trial.run(draft, since=period.since, until=period.until, now=now)
    numbers = {line.decision.escalation_id for line in found.listed}
    seen = set(access.visible_to(request.user, Ticket.objects.filter(pk__in=numbers)).values_list("pk", flat=True))
    listed = [line for line in found.listed if line.decision.escalation_id in seen]
    matrix = Matrix()
    return {
        "period_form": period.form,
        "trial": found,
        "verdicts": [
            (label, [tally.verdicts[value] for tally in (found.then, found.today, found.drafted)])
            for value, label in Verdict.choices
        ],
        "money": [
            (code, [tally.alone[code] for tally in (found.then, found.today, found.drafted)])
            for code in sorted(found.then.alone | found.today.alone | found.drafted.alone)
        ],
        "lines": [Line(line, _whom(line, matrix)) for line in listed],
        "hidden": len(found.listed) - len(listed),
    }


def _whom(line: Elsewhere, matrix: Matrix) -> str:
    """Return the roles that would have had to sign, '' when nobody."""
    decision = line.decision
    if line.after.allowed:
        return ""
    amount = None if decision.amount is None else signers.compared(decision.amount, decision.currency)
    return signers.named(matrix.rule(Approval.Kind.DECISION, floor=decision.facts.get("floor", 1), amount=amount).roles)
