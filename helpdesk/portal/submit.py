"""Asking for help, and the page that says it arrived."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods

from escalation import intake
from helpdesk import once
from helpdesk.portal import limits
from helpdesk.portal.forms import SubmitForm
from helpdesk.portal.stand import promised_at, ticket_of
from policies import responses
from tickets.links import personal_token
from tickets.models import Channel
from tickets.refusals import Refusal

CHANNEL = "web"
"""Slug of the channel that the portal's form is (P1.1)."""


def _channel() -> Channel | None:
    channels: QuerySet[Channel] = Channel.objects.all()
    return channels.filter(slug=CHANNEL).first()


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """Show the form; take it, and go to the page that says when we answer."""
    channel = _channel()
    if request.method != "POST":
        language = (translation.get_language() or "en").split("-")[0]
        return _page(request, SubmitForm(initial={"token": once.new_token(), "language": language}), channel)
    form = SubmitForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, channel, status=422)
    if form.cleaned_data["website"]:
        # A program filled the hidden field: it is told nothing, and nothing is kept.
        return HttpResponseRedirect(reverse("portal:submit"))
    if not limits.within(request, "submit", limits.SUBMISSIONS):
        return _page(request, form, channel, status=429)
    try:
        return HttpResponseRedirect(once.send_once(form.cleaned_data["token"], lambda: _open(request, form, channel)))
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, form, channel, status=422)


def _open(request: HttpRequest, form: SubmitForm, channel: Channel) -> str:
    data = form.cleaned_data
    ticket = intake.open_ticket(
        subject=data["subject"],
        body=data["body"],
        channel=channel,
        customer_email=data["email"],
        customer_name=data["name"],
        customer_language=data["language"],
        category=data["category"],
        order={"reference": data["order"]},
        language=data["language"],
        files=data["files"],
        acknowledge=limits.within(request, "acknowledge", limits.ACKNOWLEDGEMENTS),
    )
    return reverse("portal:received", args=[personal_token(ticket.pk)])


def _page(request: HttpRequest, form: SubmitForm, channel: Channel | None, status: int = 200) -> HttpResponse:
    context = {"form": form, "promise": responses.promise(channel), "too_many": status == 429}
    return render(request, "portal/submit.html", context, status=status)


@require_GET
def received(request: HttpRequest, token: str) -> HttpResponse:
    """Say that it arrived: number, time promised, personal link."""
    ticket = ticket_of(request, token)
    context = {
        "ticket": ticket,
        "token": token,
        "promise": responses.promise(ticket.channel, ticket.created_at),
        "promised_at": promised_at(ticket),
        "now": timezone.now(),
        "link": request.build_absolute_uri(reverse("portal:follow", args=[token])),
    }
    return render(request, "portal/received.html", context)
