"""Signing in by a one-time link, signing out, and choosing a language."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language

from escalation import notices
from helpdesk.portal import limits, session
from helpdesk.portal.forms import SignInForm
from tickets import sign_in
from tickets.clock import database_now
from tickets.models import Customer


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Take an address; the answer and its time are the same whether a customer has it or not."""
    if request.customer:
        return redirect("portal:requests")
    if request.method != "POST":
        return _form(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    if not limits.within(request, "sign-in", limits.SIGN_INS):
        form.add_error(None, _("Many links were asked for from your connection within one hour. Please wait a little."))
        return _form(request, form, status=429)
    browser, now = secrets.token_urlsafe(16), database_now()
    with transaction.atomic():
        language = translation.get_language() or ""
        link = sign_in.ask(form.cleaned_data["email"], browser=browser, language=language, now=now)
        if link:
            notices.sign_in(link.pk, now=now)
    answer = redirect("portal:sign_in_sent")
    session.remember(answer, session.ASKED_COOKIE, browser, int(sign_in.VALID_FOR.total_seconds()))
    return answer


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """Say what happens next, to everybody the same."""
    return render(request, "portal/sign_in_sent.html")


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the button that signs in; only pressing it uses the link up: mail scanners open links by themselves."""
    if limits.spent(request, "dead-link", limits.DEAD_LINKS):
        return _form(request, SignInForm(), status=429, dead=True)
    now = database_now()
    if request.method == "POST":
        entered = sign_in.enter(secret, now=now)
        if entered:
            answer = redirect("portal:requests")
            session.begin(request, answer, *entered)
            return answer
    link = sign_in.find(secret, now=now)
    if link is None:
        limits.within(request, "dead-link", limits.DEAD_LINKS)
        return _form(request, SignInForm(), status=404, dead=True)
    here = sign_in.asked_here(link, request.COOKIES.get(session.ASKED_COOKIE, ""))
    return render(request, "portal/enter.html", {"link": link, "secret": secret, "asked_here": here})


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    answer = redirect("portal:submit")
    session.end(request, answer)
    messages.success(request, _("You are signed out."))
    return answer


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on: in this browser, and everywhere once the customer is signed in."""
    chosen = request.POST.get("language", "")
    if request.customer and chosen in dict(settings.LANGUAGES):
        Customer.objects.filter(pk=request.customer.pk).update(language=chosen.split("-")[0])
    return set_language(request)


def _form(request: HttpRequest, form: SignInForm, *, status: int = 200, dead: bool = False) -> HttpResponse:
    return render(request, "portal/sign_in.html", {"form": form, "dead": dead}, status=status)
