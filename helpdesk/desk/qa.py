"""Reviews of work: a form for those who review, and what they reviewed lately."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helpdesk.desk.scorecard_forms import ReviewForm
from metrics import quality
from metrics.models import QaReview
from tickets.refusals import NotAllowed, Refusal

LATELY = 20


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Take a review; a ticket that the reviewer may not see does not exist for the form either."""
    if not quality.may_review(request.user):
        raise NotAllowed(_("Work is reviewed by supervisors, Risk, Legal and managers."), code="role")
    form = ReviewForm(
        request.POST or None, reviewer=request.user, initial={"number": request.GET.get("ticket", "")[:20]}
    )
    if request.method == "POST" and form.is_valid():
        try:
            quality.review(reviewer=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("number" if refusal.status == 404 else refusal.field, refusal.detail)
        else:
            messages.success(request, _("The review is stored and counts in this week's QA score."))
            return redirect("desk:qa")
    mine = QaReview.objects.filter(reviewer=request.user).select_related("ticket", "reviewed")[:LATELY]
    return render(request, "desk/scorecard_qa.html", {"form": form, "mine": mine}, status=422 if form.errors else 200)
