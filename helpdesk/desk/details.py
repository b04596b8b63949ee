"""Correcting what a ticket says about itself, and entering a new one for a customer who called or came by."""

from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from escalation import access, edits, intake
from helpdesk import once
from helpdesk.portal.forms import FILES_HELP, CarriesRefusals, FilesField
from tickets.models import Category, Channel, Tag, Team, Ticket
from tickets.refusals import NotAllowed, NotFound, Refusal
from tickets.texts import MESSAGE_LIMIT

LANGUAGES = [("", gettext_lazy("Not known")), *((code.split("-")[0], name) for code, name in settings.LANGUAGES)]


class OrderForm(CarriesRefusals):
    """The fields that tell what a ticket is about."""

    fields_of_verbs = {
        "order.reference": "order",
        "order.value": "value",
        "order.value.currency": "currency",
        "order.products": "products",
        "customer.email": "email",
        "customer.name": "name",
    }

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=250)
    category = forms.ModelChoiceField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    tags = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Tags"), queryset=Tag.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.CharField(
        label=gettext_lazy("Language"), max_length=10, required=False, widget=forms.Select(choices=LANGUAGES)
    )
    order = forms.CharField(label=gettext_lazy("Order number"), max_length=80, required=False)
    value = forms.DecimalField(
        label=gettext_lazy("Order value"), max_digits=12, decimal_places=2, min_value=Decimal(0), required=False
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"), max_length=3, required=False, help_text=gettext_lazy("Three letters, as EUR")
    )
    products = forms.CharField(
        label=gettext_lazy("Products"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("One in each line"),
    )

    def order_data(self) -> dict:
        """Return the order as the verbs take it."""
        data = self.cleaned_data
        value = None
        if data["value"] is not None:
            value = {"amount": data["value"], "currency": data["currency"].upper()}
        products = [line.strip() for line in data["products"].splitlines() if line.strip()]
        return {"reference": data["order"], "value": value, "products": products}


class EditForm(OrderForm):
    """What may be corrected on a ticket."""

    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.all(), required=False, empty_label=gettext_lazy("None")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ["subject", "category", "team", "language", "tags", "order", "value", "currency", "products"]


class NewForm(OrderForm):
    """A complaint that staff enter for a customer."""

    channel = forms.ModelChoiceField(
        label=gettext_lazy("How it came"), queryset=Channel.objects.all(), empty_label=gettext_lazy("Choose")
    )
    email = forms.EmailField(label=gettext_lazy("Customer's e-mail"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Customer's name"), max_length=120, required=False)
    body = forms.CharField(
        label=gettext_lazy("What happened, in the customer's words"),
        max_length=MESSAGE_LIMIT,
        widget=forms.Textarea({"rows": 7}),
    )
    files = FilesField(label=gettext_lazy("Files"), required=False, help_text=FILES_HELP)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = [
        "channel", "email", "name", "language", "subject", "body", "files", "category", "tags", "order", "value",
        "currency", "products",
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Correct subject, category, team, language, tags and order; each correction is on record."""
    ticket = access.get_ticket(request.user, number)
    access.require_worker(request.user, ticket.escalation)
    if request.method != "POST":
        return _edit_page(request, ticket, EditForm(initial=_as_it_is(ticket)))
    form = EditForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, ticket, form, status=400)
    data = form.cleaned_data
    changes = {name: data[name] for name in ("subject", "category", "team", "language", "tags")}
    changes["order"] = form.order_data()
    try:
        edits.edit(number, actor=request.user, changes=changes, expected_version=data["version"])
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        form.data = form.data.copy()
        form.data["version"] = ticket.escalation.version
        return _edit_page(request, ticket, form, status=refusal.status)
    messages.success(request, _("Saved."))
    return redirect("desk:ticket", number) if access.can_see(request.user, number) else redirect("desk:queue")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a complaint for a customer, as at the phone or in the store."""
    if not request.user.roles:
        raise NotAllowed(_("Tickets are opened by people with a role in this help desk."), code="role")
    if request.method != "POST":
        return render(request, "desk/new.html", {"form": NewForm(initial={"token": once.new_token()})})
    form = NewForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "desk/new.html", {"form": form}, status=400)
    try:
        address = once.send_once(form.cleaned_data["token"], lambda: _open(request, form))
    except Refusal as refusal:
        form.refuse(refusal)
        return render(request, "desk/new.html", {"form": form}, status=refusal.status)
    return HttpResponseRedirect(address)


def _open(request: HttpRequest, form: NewForm) -> str:
    data = form.cleaned_data
    ticket = intake.open_ticket(
        subject=data["subject"],
        body=data["body"],
        channel=data["channel"],
        customer_email=data["email"],
        customer_name=data["name"],
        category=data["category"],
        tags=list(data["tags"]),
        order=form.order_data(),
        language=data["language"],
        files=data["files"],
        actor=request.user,
    )
    if access.can_see(request.user, ticket.pk):
        messages.success(request, _("#%(number)s is open.") % {"number": ticket.pk})
        return reverse("desk:ticket", args=[ticket.pk])
    words = _("#%(number)s is open. A rule sent it to Risk and Legal at once, so you do not see it.")
    messages.success(request, words % {"number": ticket.pk})
    return reverse("desk:queue")


def _as_it_is(ticket: Ticket) -> dict:
    return {
        "subject": ticket.subject,
        "category": ticket.category,
        "team": ticket.team,
        "language": ticket.language,
        "tags": ticket.tags.all(),
        "order": ticket.order_reference,
        "value": ticket.order_value,
        "currency": ticket.order_currency,
        "products": "\n".join(ticket.order_products),
        "version": ticket.escalation.version,
    }


def _edit_page(request: HttpRequest, ticket: Ticket, form: EditForm, status: int = 200) -> HttpResponse:
    return render(request, "desk/edit.html", {"ticket": ticket, "form": form}, status=status)
