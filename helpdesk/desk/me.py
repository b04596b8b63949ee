"""What a person says about themselves as a receiver of work: languages, categories, how many tickets at a time."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tickets import duty
from tickets.models import Category, Skills


class SkillsForm(forms.Form):
    languages = forms.CharField(
        label=gettext_lazy("Languages that you speak"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Codes with commas between them: it, pt, en. Leave it empty to say nothing."),
    )
    categories = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What you know well"),
        queryset=Category.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Open tickets at a time"),
        min_value=0,
        max_value=duty.LARGEST_CAPACITY,
        help_text=gettext_lazy("Rules give you no more; people still can. What waits for the customer does not count."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def work(request: HttpRequest) -> HttpResponse:
    """Show what rules know about this person, and take what they change."""
    known = Skills.objects.filter(user=request.user).first()
    if request.method == "POST":
        form = SkillsForm(request.POST)
        if form.is_valid():
            duty.describe(
                request.user,
                languages=form.cleaned_data["languages"].split(","),
                categories=form.cleaned_data["categories"],
                capacity=form.cleaned_data["capacity"],
            )
            messages.success(request, _("Saved. It holds for the next ticket that is given out."))
            return redirect("desk:work")
    else:
        known = known or Skills()
        form = SkillsForm(
            initial={
                "languages": ", ".join(known.languages),
                "categories": list(known.categories.all()) if known.pk else [],
                "capacity": known.capacity,
            }
        )
    return render(request, "desk/me.html", {"form": form}, status=422 if form.errors else 200)
