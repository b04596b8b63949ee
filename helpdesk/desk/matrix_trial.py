"""A draft of the decision matrix tried on decisions of the past, for whoever is about to publish it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalation import access, matrix_trial, signers
from escalation.matrix_trial import Elsewhere
from escalation.models import Approval, Verdict
from helpdesk.portal.forms import DayInput
from policies.matrix import Matrix
from policies.models import PolicyDraft
from tickets.models import Ticket

USUAL = timedelta(days=30)
LONGEST = timedelta(days=366)


def _day() -> DayInput:
    return DayInput({"class": "input"})


class PeriodForm(forms.Form):
    """From which day to which the past is read. A GET form, so that two people look at the same."""

    since = forms.DateField(label=gettext_lazy("From"), widget=_day())
    until = forms.DateField(label=gettext_lazy("until"), widget=_day())

    def clean(self) -> dict:
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        if since and until and not since <= until <= since + LONGEST:
            raise forms.ValidationError(_("Choose a period that ends after it begins, of a year at most."))
        return data


@dataclass(frozen=True)
class Line:
    """A decision that would have fared differently, as it stands in the list."""

    elsewhere: Elsewhere
    whom: str


def context(request: HttpRequest, draft: PolicyDraft, now: datetime) -> dict:
    """Return what the page shows of a trial; a period that makes no sense is refused, and the usual one read."""
    today = timezone.localdate(now)
    usual = {"since": today - USUAL, "until": today}
    form = PeriodForm(request.GET if "since" in request.GET else None, initial=usual)
    period = form.cleaned_data if form.is_bound and form.is_valid() else usual
    found = matrix_trial.run(draft, since=_start(period["since"]), until=min(now, _end(period["until"])), now=now)
    numbers = {line.decision.escalation_id for line in found.listed}
    seen = set(access.visible_to(request.user, Ticket.objects.filter(pk__in=numbers)).values_list("pk", flat=True))
    listed = [line for line in found.listed if line.decision.escalation_id in seen]
    matrix = Matrix()
    return {
        "period_form": form,
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


def _start(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _end(day) -> datetime:
    return _start(day + timedelta(days=1))
