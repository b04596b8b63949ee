"""The archive of precedents: every decision in force that its reader may know of, to filter and to search (P4.4)."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from escalation import masking, precedents
from escalation.models import Verdict
from escalation.search import run
from metrics import gaps, ratings
from policies.remedies import Problem, Remedy
from tickets.models import Category, User
from tickets.refusals import NotAllowed

PER_PAGE = 25


class ArchiveForm(forms.Form):
    """What to look for. A GET form, so that a search is an address."""

    q = forms.CharField(label=gettext_lazy("Words"), max_length=200, required=False)
    problem = forms.ChoiceField(
        label=gettext_lazy("Problem"), choices=[("", gettext_lazy("Problem")), *Problem.choices], required=False
    )
    remedy = forms.ChoiceField(
        label=gettext_lazy("Remedy"), choices=[("", gettext_lazy("Remedy")), *Remedy.choices], required=False
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("Matrix"), choices=[("", gettext_lazy("Matrix")), *Verdict.choices], required=False
    )
    category = forms.ModelChoiceField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.order_by("name"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("Category"),
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self._user = user
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "placeholder": field.label}

    def clean_q(self) -> str:
        asked = self.cleaned_data["q"]
        if problem := run.problem(self._user, asked, now=timezone.now()):
            raise forms.ValidationError(problem)
        return asked


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """List the decisions, newest first, or the best finds first."""
    if not request.user.roles:
        raise NotAllowed(_("The archive is for the staff."), code="role")
    form, now = ArchiveForm(request.GET or None, user=request.user), timezone.now()
    wanted = dict(form.cleaned_data) if form.is_bound and form.is_valid() else {}
    words, category = wanted.pop("q", ""), wanted.pop("category", None)
    filters = {name: value for name, value in wanted.items() if value}
    filters |= {"facts__category": category.slug} if category else {}
    if words:
        found = precedents.search(request.user, words, now=now, **filters)
    else:
        found = precedents.newest(request.user, **filters)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = precedents.read(page.object_list)
    scores = ratings.after(page.object_list)
    for decision in page:
        decision.rating = scores.get(decision.pk)
        decision.shown, decision.departs = masking.reasons(decision, request.user)
    context = {
        "form": form,
        "page": page,
        "count": f"{precedents.LISTED}+" if len(found) == precedents.LISTED else len(found),
        "reviews": gaps.reviewers(request.user),
        "now": now,
    }
    return render(request, "desk/decisions.html", context, status=400 if form.errors else 200)
