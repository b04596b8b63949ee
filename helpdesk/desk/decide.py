"""Deciding on a remedy: what the matrix says, what was decided in like cases, and the decision itself.

A page of its own, and the same form in the ticket's panel, where the matrix answers while one types (`RULING`).
"""

from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from escalation import access, authority, decisions, masking, precedents, reasons, suggestions
from escalation.models import Decision
from helpdesk.desk import texts
from helpdesk.desk import ticket as pages
from helpdesk.portal.forms import CarriesRefusals
from policies import rights
from policies.models import Right
from policies.remedies import Problem, Remedy
from tickets.models import Ticket
from tickets.refusals import NotFound, Refusal


class _Rationale(forms.CharField):
    """Needed to decide, which the verb sees to, but not to ask the matrix: so it is not called optional either."""

    needed_later = True


class DecisionForm(CarriesRefusals):
    """A remedy with its reason; the reply and the closing are for a decision that needs nobody else."""

    fields_of_verbs = {"body": "reply", "summary": "rationale"}

    problem = forms.ChoiceField(label=gettext_lazy("Problem"), choices=Problem.choices)
    remedy = forms.ChoiceField(label=gettext_lazy("Remedy"), choices=Remedy.choices)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$", label=gettext_lazy("Currency"), required=False, initial=settings.CURRENCY, max_length=3
    )
    rationale = _Rationale(
        label=gettext_lazy("Why"), max_length=10_000, widget=forms.Textarea({"rows": 3}), required=False
    )
    departs_because = forms.CharField(
        label=gettext_lazy("Why this case is different"),
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        required=False,
        help_text=gettext_lazy("Asked for when most similar cases were decided otherwise."),
    )
    reply = forms.CharField(
        label=gettext_lazy("Reply to the customer"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 4}),
        required=False,
    )
    resolve = forms.BooleanField(label=gettext_lazy("Resolve the ticket with it"), required=False)
    cites = forms.ModelMultipleChoiceField(queryset=Decision.objects.none(), required=False)
    rights = forms.ModelMultipleChoiceField(queryset=Right.objects.none(), required=False)
    seen_message = forms.IntegerField(widget=forms.HiddenInput, required=False)


RULING = "ruling"
"""The part of the form, by its id, that asks for itself what the matrix says."""


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, number: int) -> HttpResponse:
    """Ask the matrix (`do=ask`, which changes nothing), or decide."""
    ticket = access.get_ticket(request.user, number)
    if request.method != "POST":
        return _page(request, ticket, _form(request, ticket))
    access.require_worker(request.user, ticket.escalation)
    form = _form(request, ticket, request.POST)
    if not form.is_valid():
        return _page(request, ticket, form, status=400)
    if request.POST.get("do") != "decide":
        return _page(request, ticket, form, asked=True)
    data = dict(form.cleaned_data)
    data["cites"] = [decision.pk for decision in data["cites"]]
    data["rights"] = [right.pk for right in data["rights"]]
    data["currency"] = data["currency"].upper()
    try:
        made = decisions.settle(number, actor=request.user, **data)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, access.get_ticket(request.user, number), form, asked=True, status=refusal.status)
    messages.success(request, _done(made, data))
    place = pages.to_ticket(number)
    return HttpResponseClientRedirect(place) if request.htmx else redirect(place)


def _done(made: Decision, data: dict) -> str:
    if made.approval_id:
        return _("The review has started: %(why)s The customer is told.") % {"why": reasons.shown(made.verdict_why)}
    return _("Decided, and resolved.") if data["resolve"] else _("Decided.")


def _form(request: HttpRequest, ticket: Ticket, data=None) -> DecisionForm:
    newest = ticket.messages.order_by("-pk").values_list("pk", flat=True).first()
    form = DecisionForm(data, initial={"seen_message": newest} | _likely(ticket))
    form.fields["rights"].queryset = Right.objects.in_force()
    form.fields["cites"].queryset = precedents.archive(request.user)
    if ticket.escalation.floor == 3:
        del form.fields["reply"], form.fields["resolve"]
    return form


def _likely(ticket: Ticket) -> dict[str, str]:
    """Return the problem and the remedy that the ticket's category and its customer's wish name."""
    found = {"problem": suggestions.problem_of(ticket), "remedy": ticket.wish if ticket.wish in Remedy.values else ""}
    return {name: value for name, value in found.items() if value}


def _page(
    request: HttpRequest, ticket: Ticket, form: DecisionForm, *, asked: bool = False, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    data = form.cleaned_data if asked else {} if form.is_bound else form.initial
    problem, remedy = data.get("problem"), data.get("remedy")
    ruling = similar = None
    if problem and remedy:
        currency = (data.get("currency") or settings.CURRENCY).upper()
        ruling = authority.verdict(
            ticket, actor=request.user, problem=problem, remedy=remedy, amount=data.get("amount"), currency=currency,
            now=now,
        )  # fmt: skip
        words = data.get("rationale") or ""
        similar = precedents.similar(ticket, request.user, problem=problem, remedy=remedy, words=words)
        for case in similar:
            case.decision.shown = masking.rationale(case.decision, request.user)
    panel = "panel" in request.POST or (bool(request.htmx) and request.htmx.target != RULING)
    if panel and not form.is_bound:
        form.fields["problem"].widget.attrs["autofocus"] = True
    shown = [field for field in form.visible_fields() if field.name not in ("cites", "rights")]
    context = {
        "ticket": ticket,
        "form": form,
        "question": shown[:4],
        "fields": shown[4:],
        "cited": set(form.data.getlist("cites")) if form.is_bound else set(),
        "rested": set(form.data.getlist("rights")) if form.is_bound else set(),
        **_rights(ticket, problem if asked else None, now),
        "ruling": ruling,
        "similar": similar,
        "playbook": texts.playbook(ticket),
        "works": ticket.escalation.floor is not None and access.works_on(request.user, ticket.escalation),
        "now": now,
        "panel": panel,
    }
    if not request.htmx:
        return render(request, "desk/decide.html", context, status=status)
    if request.htmx.target == RULING:
        return render(request, "desk/parts/ruling.html", context, status=422 if status == 400 else status)
    response = render(request, "desk/parts/decide.html", context, status=status)
    if status >= 400:
        response[pages.DRAW] = "yes"
    return response


def _rights(ticket: Ticket, problem: str | None, now: datetime) -> dict:
    """Return the rights in force: those that the ticket touches, or the problem once it is named, and the others."""
    category = ticket.category.slug if ticket.category else ""
    applying = rights.applying([problem] if problem else [category, ticket.wish])
    found = [rights.cell(row, get_language() or "en") for row in Right.objects.in_force(now)]
    return {
        "touched": [cell for cell in found if cell.row.right in applying],
        "others": [cell for cell in found if cell.row.right not in applying],
    }
