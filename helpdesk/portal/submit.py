"""Asking for help, and the page that says it arrived."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from escalation import conversation, intake
from helpdesk import once
from helpdesk.portal import articles, limits, words
from helpdesk.portal.forms import SubmitForm
from helpdesk.portal.stand import own, ticket_of
from policies import readings, responses
from tickets.clock import database_now
from tickets.links import personal_token
from tickets.models import Channel, Customer, Ticket
from tickets.refusals import Refusal

CHANNEL = "web"
"""Slug of the channel that the portal's form is (P1.1)."""

SHOWN = 3
"""Open requests that the form reminds a customer of."""


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """Show the form; take it, and go to the page that says when we answer."""
    channel = Channel.objects.filter(slug=CHANNEL).first()
    if channel is None:
        return render(request, "portal/not_open.html", status=503)
    if request.method != "POST":
        return _page(request, SubmitForm(customer=request.customer, initial=_initial(request)), channel)
    form = SubmitForm(request.POST, request.FILES, customer=request.customer)
    if "look" in request.POST:
        return _page(request, _unasked(request, form), channel, look=articles.suggestions(request) | {"asked": True})
    if not form.is_valid():
        return _page(request, form, channel, status=422)
    if form.cleaned_data["website"]:
        # A program filled the hidden field: it is told nothing, and nothing is kept.
        return HttpResponseRedirect(reverse("portal:submit"))
    if not limits.within(request, "submit", limits.SUBMISSIONS):
        return _page(request, form, channel, status=429)
    twin = _twin(request.customer, form.cleaned_data["order"])
    if twin and str(twin.pk) == request.POST.get("add_to"):
        return _send(request, form, channel, lambda: _add(form, twin))
    if twin and "anyway" not in request.POST:
        return _page(request, form, channel, twin=twin, status=409)
    return _send(request, form, channel, lambda: _open(request, form, channel))


def _initial(request: HttpRequest) -> dict:
    language = (translation.get_language() or "en").split("-")[0]
    return {"token": once.new_token(), "language": language, "order": request.GET.get("order", "")[:80]}


def _send(request: HttpRequest, form: SubmitForm, channel: Channel, work) -> HttpResponse:
    try:
        return HttpResponseRedirect(once.send_once(form.cleaned_data["token"], work))
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, form, channel, status=422)


def _open(request: HttpRequest, form: SubmitForm, channel: Channel) -> str:
    data, customer = form.cleaned_data, request.customer
    ticket = intake.open_ticket(
        subject=data["subject"],
        body=data["body"],
        channel=channel,
        customer_email=customer.email if customer else data["email"],
        customer_name=customer.name if customer else data["name"],
        customer_language=data["language"],
        category=data["category"],
        order={"reference": data["order"]},
        language=data["language"],
        wish=data["wish"],
        files=data["files"],
        acknowledge=limits.within(request, "acknowledge", limits.ACKNOWLEDGEMENTS),
        copy=customer is not None,
    )
    readings.sent(data["token"])
    return reverse("portal:received", args=[ticket.pk if customer else personal_token(ticket.pk)])


def _add(form: SubmitForm, twin: Ticket) -> str:
    data = form.cleaned_data
    conversation.customer_message(twin.pk, body=f"{data['subject']}\n\n{data['body']}", files=data["files"])
    return reverse("portal:follow", args=[twin.pk])


def _twin(customer: Customer | None, order: str) -> Ticket | None:
    """Return the newest open request about ORDER of the customer who is signed in; strangers are told of none."""
    if customer is None or not order:
        return None
    return own(customer).filter(order_reference__iexact=order, is_open=True).order_by("-pk").first()


def _unasked(request: HttpRequest, form: SubmitForm) -> SubmitForm:
    """Return the form with what was typed and without complaints about what is still missing."""
    return SubmitForm(customer=request.customer, initial={name: form.data.get(name, "") for name in form.fields})


def _page(
    request: HttpRequest,
    form: SubmitForm,
    channel: Channel,
    *,
    twin: Ticket | None = None,
    look: dict | None = None,
    status: int = 200,
) -> HttpResponse:
    now = database_now()
    promise = responses.promised(channel, now)
    context = {
        "form": form,
        "promise": promise,
        "answer": promise and words.until(promise.answer_at, now),
        "solution": promise and words.until(promise.solution_at, now),
        "opens": promise and promise.opens_at and words.on(promise.opens_at, now),
        "too_many": status == 429,
        "twin": twin,
        "now": now,
    } | (look or {})
    if request.customer and not form.is_bound:
        context["open_requests"] = own(request.customer).filter(is_open=True)[:SHOWN]
    return render(request, "portal/submit.html", context, status=status)


@require_GET
def received(request: HttpRequest, token: str) -> HttpResponse:
    """Say that it arrived: number, time promised, personal link, and what can be read meanwhile (P3.4)."""
    ticket = ticket_of(request, token)
    now = database_now()
    promise = responses.promised(ticket.channel, ticket.created_at)
    answer = promise and promise.answer_at > now and words.until(promise.answer_at, now)
    link = request.build_absolute_uri(reverse("portal:follow", args=[token]))
    asked = ticket.messages.filter(author=None).order_by("pk").values_list("body", flat=True).first() or ""
    context = {
        "ticket": ticket,
        "token": token,
        "answer": answer or _("as soon as we can"),
        "link": link,
        "suggested": articles.fitting(f"{ticket.subject} {asked}"),
    }
    return render(request, "portal/received.html", context)
