"""What caused bad ratings and what prevents them (P7.2): the list, and one task."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.desk.scorecard_request import staff_only
from helpdesk.portal.forms import CarriesRefusals
from metrics import causes
from metrics.models import Cause
from tickets.clock import database_now
from tickets.refusals import Refusal

A_PAGE = 50


class CauseForm(CarriesRefusals):
    """Both may be saved HALF done; closing needs both."""

    use_required_attribute = False

    cause = forms.CharField(
        label=gettext_lazy("What caused it?"), max_length=4000, widget=forms.Textarea({"rows": 4, "dir": "auto"})
    )
    action = forms.CharField(
        label=gettext_lazy("What prevents it from now on?"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )

    def __init__(self, *args, half: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = not half


@require_safe
@staff_only
def show(request: HttpRequest) -> HttpResponse:
    """List open tasks, first due first, or those that are closed."""
    closed = request.GET.get("show") == "closed"
    page = Paginator(causes.listed(request.user, closed=closed), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/causes.html", {"page": page, "closed": closed, "now": database_now()})


@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one task; take it, write it down, close it."""
    found = causes.get(request.user, pk)
    if request.method != "POST":
        return _page(request, found, CauseForm(initial={"cause": found.cause, "action": found.action}))
    if request.POST.get("do") == "take":
        causes.take(pk, actor=request.user)
        messages.success(request, _("You answer for it now."))
        return redirect("desk:cause", pk)
    close = request.POST.get("do") == "close"
    form = CauseForm(request.POST, half=not close)
    if form.is_valid():
        try:
            causes.fill_in(pk, actor=request.user, close=close, now=database_now(), **form.cleaned_data)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            form.refuse(refusal)
        else:
            messages.success(request, _("It is closed.") if close else _("It is saved."))
            return redirect("desk:causes") if close else redirect("desk:cause", pk)
    return _page(request, found, form, status=422)


def _page(request: HttpRequest, found: Cause, form: CauseForm, status: int = 200) -> HttpResponse:
    context = {
        "task": found,
        "form": form,
        "may_answer": found.is_open and causes.may_answer(request.user, found),
        "now": database_now(),
    }
    return render(request, "desk/cause.html", context, status=status)
