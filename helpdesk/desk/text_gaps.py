"""The weekly review of the approved texts: each that failed or lies unused becomes a draft, a request, or stays."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helpdesk.portal.forms import CarriesRefusals
from metrics import gaps, text_gaps
from metrics.models import TextAnswer
from policies import life
from tickets.clock import database_now
from tickets.refusals import NotAllowed, NotFound, Refusal


class TextAnswerForm(CarriesRefusals):
    """What is made of a text, with the reason."""

    reason = forms.CharField(max_length=2000)
    do = forms.ChoiceField(choices=TextAnswer.Answer.choices)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List the texts to be looked at, the changes that were asked for, and the last answers."""
    return _page(request)


@require_POST
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a text be as it is, ask for a change, or go on to its draft."""
    form = TextAnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, refused=_("Say why; it goes on the record."), slug=slug, status=400)
    said = form.cleaned_data
    by = {"reason": said["reason"], "actor": request.user, "now": database_now()}
    try:
        made = text_gaps.answer(slug, answer=said["do"], **by)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _page(request, refused=str(refusal.detail), slug=slug, status=refusal.status)
    if made.answer == TextAnswer.Answer.DRAFTED:
        return redirect("desk:policy_draft", text_gaps.draft_of(made.script).pk)
    messages.success(request, _("Your answer is on record."))
    return redirect("desk:text_gaps")


def _page(request: HttpRequest, *, refused: str = "", slug: str = "", status: int = 200) -> HttpResponse:
    if not gaps.reviewers(request.user):
        raise NotAllowed(_("Texts are reviewed by managers, supervisors and policy owners."), code="role")
    now = database_now()
    found = text_gaps.waiting(now)
    context = {
        "count": len(found),
        "failed": [gap for gap in found if not gap.is_unused],
        "unused": [gap for gap in found if gap.is_unused],
        "asked": text_gaps.asked(now),
        "answered": text_gaps.answered(),
        "may_write": life.may_write(request.user),
        "refused": refused,
        "refused_slug": slug,
        "typed": request.POST.get("reason", "")[:2000],
        "now": now,
    }
    return render(request, "desk/text_gaps.html", context, status=status)
