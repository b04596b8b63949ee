"""The weekly review of the decision matrix: each gap becomes a draft of a change, or is dismissed with a reason."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from escalation import masking
from helpdesk.portal.forms import CarriesRefusals
from metrics import gaps
from metrics.models import GapAnswer
from policies import life
from tickets.clock import database_now
from tickets.refusals import NotAllowed, NotFound, Refusal


class AnswerForm(CarriesRefusals):
    """What is made of a gap, with the reason."""

    reason = forms.CharField(max_length=2000)
    do = forms.ChoiceField(choices=GapAnswer.Answer.choices)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List the gaps that nobody has answered yet, and the last answers."""
    return _page(request)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Dismiss a gap, or go on to the draft of a change."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, refused=_("Say why; it goes on the record."), pk=pk, status=400)
    by = {"reason": form.cleaned_data["reason"], "actor": request.user, "now": database_now()}
    try:
        if form.cleaned_data["do"] == GapAnswer.Answer.DRAFTED:
            return redirect("desk:policy_draft", gaps.draft_change(pk, **by).pk)
        gaps.dismiss(pk, **by)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, refused=str(refusal.detail), pk=pk, status=refusal.status)
    messages.success(request, _("Dismissed, with your reason on record."))
    return redirect("desk:gaps")


def _page(request: HttpRequest, *, refused: str = "", pk: int | None = None, status: int = 200) -> HttpResponse:
    if not gaps.reviewers(request.user):
        raise NotAllowed(_("Gaps are reviewed by managers, supervisors and policy owners."), code="role")
    now = database_now()
    found = gaps.waiting(request.user, now)
    for gap in found:
        gap.decision.shown = masking.rationale(gap.decision, request.user)
    context = {
        "gaps": found,
        "answered": gaps.answered(request.user),
        "may_write": life.may_write(request.user),
        "refused": refused,
        "refused_pk": pk,
        "typed": request.POST.get("reason", "")[:2000],
        "now": now,
    }
    return render(request, "desk/gaps.html", context, status=status)
