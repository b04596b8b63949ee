"""What we keep of a customer, and asking for a copy of it or for its erasure."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from escalation import intake
from helpdesk import once
from helpdesk.portal import limits
from helpdesk.portal.forms import CarriesRefusals
from helpdesk.portal.stand import own
from helpdesk.portal.submit import CHANNEL
from tickets import sign_in
from tickets.models import Category, Channel, Customer, Ticket
from tickets.refusals import Refusal

CATEGORY = "privacy"
"""Slug of the category that such requests have."""

COPY, ERASE = "copy", "erase"


class PrivacyForm(CarriesRefusals):
    """Which right the customer makes use of (GDPR, articles 15, 17 and 20)."""

    what = forms.ChoiceField(
        label=gettext_lazy("What would you like?"),
        choices=[
            (COPY, gettext_lazy("A copy of what you keep of me")),
            (ERASE, gettext_lazy("Erase what you keep of me")),
        ],
        widget=forms.RadioSelect,
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Say what is kept and why; take a request from whoever is signed in, so that nobody asks in another's name."""
    if request.method != "POST":
        return _page(request, PrivacyForm(initial={"token": once.new_token()}))
    if not request.customer:
        return redirect("portal:sign_in")
    form = PrivacyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    if not limits.within(request, "submit", limits.SUBMISSIONS):
        form.add_error(None, _("Many requests came from your connection within one hour. Please wait a little."))
        return _page(request, form, status=429)
    if asked := _open_request(request.customer):
        messages.warning(request, _("You have asked already; we are on it. Write here if you want to add something."))
        return redirect("portal:follow", asked.pk)
    try:
        return HttpResponseRedirect(once.send_once(form.cleaned_data["token"], lambda: _ask(request, form)))
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, form, status=422)


def _ask(request: HttpRequest, form: PrivacyForm) -> str:
    erase = form.cleaned_data["what"] == ERASE
    language = (translation.get_language() or "en").split("-")[0]
    ticket = intake.open_ticket(
        subject=_("Please erase what you keep of me") if erase else _("Please send me a copy of what you keep of me"),
        body=_("I asked for this on the page about my data, signed in with my e-mail address."),
        channel=Channel.objects.get(slug=CHANNEL),
        customer_email=request.customer.email,
        category=Category.objects.filter(slug=CATEGORY).first(),
        language=language,
    )
    return reverse("portal:received", args=[ticket.pk])


def _open_request(customer: Customer) -> Ticket | None:
    return own(customer).filter(category__slug=CATEGORY, is_open=True).first()


def _page(request: HttpRequest, form: PrivacyForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "days": sign_in.SIGNED_IN_FOR.days}
    return render(request, "portal/privacy.html", context, status=status)
