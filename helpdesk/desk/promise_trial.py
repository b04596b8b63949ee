"""A draft of response times or opening hours tried on tickets of the past, for whoever may publish it (P1.2)."""

from collections import Counter
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from escalation import access, promise_trial
from escalation.promise_trial import Outcome
from helpdesk.desk import trial_period
from policies.models import PolicyDraft
from tickets.models import Ticket
from tickets.refusals import Invalid


def context(request: HttpRequest, draft: PolicyDraft, now: datetime) -> dict:
    """Return what the page shows of a trial."""
    period = trial_period.chosen(request, now)
    try:
        found = promise_trial.run(draft, since=period.since, until=period.until, now=now)
    except Invalid as refusal:  # it makes no sense any more: what it refers to has gone, or it never opens
        return {"untried": refusal.detail}
    numbers = [line.ticket.pk for line in found.listed]
    seen = set(access.visible_to(request.user, Ticket.objects.filter(pk__in=numbers)).values_list("pk", flat=True))
    sides = found.today, found.drafted
    return {
        "period_form": period.form,
        "promises": found,
        "shares": [
            (_("answered in time"), [_share(side.answered) for side in sides]),
            (_("solved in time"), [_share(side.solved) for side in sides]),
            (_("both in time"), [_share(side.both) for side in sides]),
        ],
        "lines": [
            (line.ticket, _words(line.before), _words(line.after)) for line in found.listed if line.ticket.pk in seen
        ],
        "hidden": len(numbers) - len(seen),
    }


def _share(counts: Counter) -> str:
    """Return in how many cases of those that are decided it was kept; whole percent, rounded down."""
    of = counts[True] + counts[False]
    if not of:
        return "–"
    return _("%(kept)s of %(of)s, %(percent)s %%") % {
        "kept": counts[True], "of": of, "percent": counts[True] * 100 // of,
    }  # fmt: skip


def _words(outcome: Outcome) -> str:
    """Say in a few words what became of the promise of one ticket."""
    if outcome.both:
        return _("kept")
    if outcome.both is None:
        return _("still to be kept")
    if outcome.solved is False and outcome.answered is False:
        return _("answered and solved late")
    return _("answered late") if outcome.answered is False else _("solved late")
