"""Many tickets at once: choose them, choose what to do, see what is about to happen, hear what became of each."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from escalation import access, bulk, macros
from escalation.bulk import Act
from escalation.models import Macro
from helpdesk.desk import rows
from helpdesk.desk.act_forms import Until
from helpdesk.portal.forms import CarriesRefusals
from tickets.models import Category, Tag, Team, User
from tickets.refusals import Refusal
from tickets.sorting import BY_NAME

_FIELDS = {
    Act.ASSIGN: ["assignee"],
    Act.TEAM: ["team"],
    Act.ADD_TAGS: ["tags"],
    Act.REMOVE_TAGS: ["tags"],
    Act.CATEGORY: ["category"],
    Act.WAIT: ["reason"],
    Act.HOLD: ["reason"],
    Act.UP: ["reason"],
    Act.RESOLVE: ["reason"],
    Act.MACRO: ["macro"],
    Act.SNOOZE: ["until", "at"],
}
_REASONS = {
    Act.WAIT: gettext_lazy("What we wait for"),
    Act.HOLD: gettext_lazy("Why, and what must happen before it is released"),
    Act.UP: gettext_lazy("Why they must go up"),
    Act.RESOLVE: gettext_lazy("How they were resolved"),
}

KEYS = {
    Act.ASSIGN: "a", Act.ADD_TAGS: "t", Act.HOLD: "h", Act.UP: "f", Act.WAIT: "p", Act.RESOLVE: "s", Act.MACRO: "m",
    Act.SNOOZE: "z",
}  # fmt: skip
"""The keys of the ticket page, for the ticked tickets of a list."""


class DetailsForm(Until, CarriesRefusals):
    """What the chosen act needs besides the tickets."""

    fields_of_verbs = {"until": "at"}

    assignee = forms.ModelChoiceField(
        label=gettext_lazy("To whom"), queryset=None, required=False, empty_label=gettext_lazy("Nobody")
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label=gettext_lazy("None")
    )
    category = forms.ModelChoiceField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    tags = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Tags"), queryset=Tag.objects.all(), widget=forms.CheckboxSelectMultiple
    )
    macro = forms.ModelChoiceField(
        label=gettext_lazy("Macro"),
        queryset=Macro.objects.filter(is_offered=True),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    reason = forms.CharField(max_length=10_000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, act: str, *args, **kwargs):
        super().__init__(*args, **kwargs)
        wanted = _FIELDS.get(act, [])
        self.fields = {name: field for name, field in self.fields.items() if name in wanted}
        if "assignee" in wanted:
            workers = User.objects.filter(is_active=True, groups__name__in=access.WORKERS[1]).distinct()
            self.fields["assignee"].queryset = workers.order_by(*BY_NAME)
        if "macro" in wanted:
            self.fields["macro"].label_from_instance = lambda macro: f"{macro}: {'; '.join(macros.effects(macro))}"
        if "reason" in wanted:
            self.fields["reason"].label = _REASONS[act]
            self.fields["reason"].required = act != Act.WAIT
            self.fields["reason"].max_length = 250 if act == Act.WAIT else 10_000


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Show what is about to happen to the ticked tickets; once that is confirmed, do it and say what became of each."""
    numbers, act = read_numbers(request), request.POST.get("do", "")
    act = act if act in Act.values else ""
    if "confirm" not in request.POST or not act or not numbers:
        return _page(request, numbers, act, DetailsForm(act))
    form = DetailsForm(act, request.POST)
    if not form.is_valid():
        return _page(request, numbers, act, form, status=400)
    try:
        outcomes = bulk.carry_out(numbers, actor=request.user, act=act, details=form.cleaned_data)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, numbers, act, form, status=refusal.status)
    request.session["bulk"] = {
        "act": act,
        "changed": [one.number for one in outcomes if one.outcome == "changed"],
        "unchanged": [one.number for one in outcomes if one.outcome == "unchanged"],
        "skipped": [[one.number, one.why[:300]] for one in outcomes if one.outcome == "skipped"],
        "back": way_back(request),
    }
    return redirect("desk:bulk_done")


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Say what the last bulk action of this person changed, what was so already, and what was skipped and why."""
    last = request.session.get("bulk")
    if last is None:
        return redirect("desk:queue")
    return render(request, "desk/bulk_done.html", {"last": last, "act": Act(last["act"]).label})


def read_numbers(request: HttpRequest) -> list[int]:
    """Return the numbers of the ticked tickets, each once; what is no number is left out."""
    words = (word for word in request.POST.getlist("ticket") if word.isascii() and word.isdigit() and len(word) < 19)
    return sorted({int(word) for word in words})


def way_back(request: HttpRequest) -> str:
    """Return the list from which the tickets were ticked."""
    back = request.POST.get("back", "")
    return reverse("desk:queue") + (back if back.startswith("?") else "")


def _page(request: HttpRequest, numbers: list[int], act: str, form: DetailsForm, status: int = 200) -> HttpResponse:
    seen = set(access.visible_to(request.user).filter(pk__in=numbers).values_list("pk", flat=True))
    shown = rows.read([number for number in numbers if number in seen], timezone.now(), request.user)
    count = len(shown)
    if form.fields:
        # A key led here: the cursor is where the next word goes; without a field, on the button.
        next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    context = {
        "rows": shown,
        "count": count,
        "too_many": count > bulk.AT_MOST,
        "at_most": bulk.AT_MOST,
        "unseen": len(numbers) - count,
        "act": act,
        "acts": Act.choices,
        "title": _title(act, count),
        "form": form,
        "back": way_back(request),
        "back_query": request.POST.get("back", ""),
    }
    return render(request, "desk/bulk.html", context, status=status)


def _title(act: str, count: int) -> str:
    words = {
        Act.TAKE: ngettext("Assign %(n)s ticket to me", "Assign %(n)s tickets to me", count),
        Act.ASSIGN: ngettext("Assign %(n)s ticket", "Assign %(n)s tickets", count),
        Act.TEAM: ngettext("Give %(n)s ticket to a team", "Give %(n)s tickets to a team", count),
        Act.ADD_TAGS: ngettext("Add tags to %(n)s ticket", "Add tags to %(n)s tickets", count),
        Act.REMOVE_TAGS: ngettext("Remove tags from %(n)s ticket", "Remove tags from %(n)s tickets", count),
        Act.CATEGORY: ngettext("Set the category of %(n)s ticket", "Set the category of %(n)s tickets", count),
        Act.WAIT: ngettext("Let %(n)s ticket wait", "Let %(n)s tickets wait", count),
        Act.HOLD: ngettext("Hold %(n)s ticket", "Hold %(n)s tickets", count),
        Act.UP: ngettext("Move %(n)s ticket up", "Move %(n)s tickets up", count),
        Act.MACRO: ngettext("Run a macro on %(n)s ticket", "Run a macro on %(n)s tickets", count),
        Act.SNOOZE: ngettext("Snooze %(n)s ticket", "Snooze %(n)s tickets", count),
        Act.RESOLVE: ngettext("Resolve %(n)s ticket", "Resolve %(n)s tickets", count),
    }.get(act, ngettext("%(n)s ticket", "%(n)s tickets", count))
    return words % {"n": count}
