"""Following one's own ticket by its personal link: read, reply, say that it is solved, rate.

The link is in the address, so it must not leave this site: the policy `same-origin` keeps it from every other host.
(`no-referrer` would do so too, but then browsers send forms with `Origin: null`, which the CSRF check refuses.)
"""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalation import conversation
from helpdesk import once
from helpdesk.downloads import download
from helpdesk.portal import history, limits, words
from helpdesk.portal.forms import RatingForm, ReplyForm
from helpdesk.portal.stand import Stand, names, public, public_messages, stand, ticket_of
from metrics import ratings
from policies import responses
from tickets.clock import database_now
from tickets.models import Attachment, Ticket
from tickets.refusals import Refusal


@require_GET
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show where the ticket stands, what was said, and what the customer can do now."""
    return _page(request, token, ticket_of(request, token))


@require_POST
def reply(request: HttpRequest, token: str) -> HttpResponse:
    """Take a further message; it starts a paused clock and reopens a resolved ticket."""
    ticket = ticket_of(request, token)
    form = ReplyForm(request.POST, request.FILES)
    if form.is_valid():
        if not limits.within(request, "reply", limits.REPLIES):
            form.add_error(None, _("These are many messages in one hour. Please wait a little and send it again."))
            return _page(request, token, ticket, reply_form=form, status=429)
        here = reverse("portal:follow", args=[token])

        def send() -> str:
            conversation.customer_message(ticket.pk, body=form.cleaned_data["body"], files=form.cleaned_data["files"])
            messages.success(request, _("Your message has arrived."))
            return here

        try:
            return HttpResponseRedirect(once.send_once(form.cleaned_data["token"], send))
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(request, token, ticket, reply_form=form, status=422)


@require_POST
def solved(request: HttpRequest, token: str) -> HttpResponse:
    """The customer says that this solved it."""
    ticket = ticket_of(request, token)
    try:
        conversation.close(ticket.pk)
        messages.success(request, _("Thank you. We closed your request."))
    except Refusal:
        messages.warning(request, _("We are still working on this, so it cannot be closed yet. Tell us below instead."))
    return redirect("portal:follow", token)


@require_POST
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Take or change the rating of the outcome."""
    ticket = ticket_of(request, token)
    form = RatingForm(request.POST)
    if form.is_valid():
        try:
            ratings.rate(ticket.pk, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you for your rating. You can change it for 7 days."))
            return redirect("portal:follow", token)
    return _page(request, token, ticket, rating_form=form, status=422)


@require_GET
def file(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Send a file of a public message of this ticket; any other file does not exist here."""
    ticket = ticket_of(request, token)
    return download(get_object_or_404(Attachment.objects.filter(message__in=public(ticket)), pk=pk))


def _answer(ticket: Ticket, where: Stand, now: datetime) -> str:
    """Until when a first answer comes, in words; '' once it came, or when that time has passed."""
    if ticket.first_response_at or where.answered:
        return ""
    promise = responses.promised(ticket.channel, ticket.created_at)
    return words.until(promise.answer_at, now) if promise and promise.answer_at > now else ""


def _page(
    request: HttpRequest,
    token: str,
    ticket: Ticket,
    *,
    reply_form: ReplyForm | None = None,
    rating_form: RatingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = database_now()
    where = stand(ticket, now)
    rating = ratings.current(ticket)
    if rating_form is None and where.answered and ratings.may_rate(ticket, now=now):
        initial = {"score": rating.score, "comment": rating.comment} if rating else {}
        rating_form = RatingForm(initial=initial)
    said = [{"message": message, "staff_name": names(ticket, message)} for message in public_messages(ticket)]
    context = {
        "ticket": ticket,
        "token": token,
        "stand": where,
        "steps": [_("Received"), _("Being looked at"), _("Answered"), _("Closed")],
        "step": [1, 2, 2, 3, 4][where.step],
        "said": said,
        "history": history.steps(ticket),
        "answer": _answer(ticket, where, now),
        "reply_form": reply_form or ReplyForm(initial={"token": once.new_token()}),
        "rating_form": rating_form,
        "rating": rating,
        "now": now,
    }
    return render(request, "portal/follow.html", context, status=status)
