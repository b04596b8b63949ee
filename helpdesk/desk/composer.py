"""The door of the composer: insert a script, leave a note, send a reply and what goes with it.

Whatever is refused comes back with the words that were typed; only files must be chosen again.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from escalation import access, conversation, moves, overview, waiting
from helpdesk import once
from helpdesk.desk import draft as drafts
from helpdesk.desk import ticket as pages
from helpdesk.desk.draft import Draft
from helpdesk.desk.offers import Offers
from helpdesk.desk.stand import Stand
from policies import scripts, tone
from tickets.models import Message, Ticket, User
from tickets.refusals import Conflict, NotFound, Refusal

SUMMARY = 500
"""Characters of a reply that 'Send and resolve' keeps as the summary of the resolution."""


@require_POST
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Take what the composer holds."""
    draft = drafts.read(request)
    try:
        ticket = access.get_ticket(request.user, number)
        if request.POST.get("do") == "insert":
            _insert(draft, ticket, request)
            return _again(request, number, draft, 200)
        if request.POST.get("do") == "check":
            draft.findings = tone.check(draft.body, otherwise=ticket.language or ticket.customer.language)
            return _again(request, number, draft, 200)
        draft.unfilled = [] if draft.is_note or "anyway" in request.POST else drafts.unfilled_fields(draft.body)
        if draft.unfilled:
            return _again(request, number, draft, 409)
        return _sent(request, _send(request, ticket, draft))
    except NotFound as refusal:
        draft.error = str(refusal.detail)
        return _lost(request, number, draft)
    except Conflict as refusal:
        if refusal.code == "newer_message":
            draft.newer = Message.objects.select_related("author", "ticket__customer").get(pk=refusal.data["message"])
            draft.seen = draft.newer.pk
        else:
            draft.error = str(refusal.detail)
        return _again(request, number, draft, refusal.status)
    except Refusal as refusal:
        draft.error = str(refusal.detail)
        return _again(request, number, draft, refusal.status)


def _insert(draft: Draft, ticket: Ticket, request: HttpRequest) -> None:
    """Put the script that was picked under what is written; sending stays a separate step."""
    slug = request.POST.get("pick", "")
    if not slug:
        draft.error = _("Pick a script first.")
        return
    script = scripts.current(slug)
    text = scripts.fill(script, ticket, request.user)
    draft.body = f"{draft.body.rstrip()}\n\n{text}" if draft.body.strip() else text
    draft.script, draft.kind = script.slug, "reply"


def _send(request: HttpRequest, ticket: Ticket, draft: Draft) -> str:
    user, files = request.user, request.FILES.getlist("files")
    sent = []

    def work() -> str:
        if draft.is_note:
            message = conversation.note(ticket.pk, actor=user, body=draft.body, files=files)
        else:
            message = conversation.reply(
                ticket.pk, actor=user, body=draft.body, script=draft.script, files=files, seen_message=draft.seen
            )
        sent.append(message)
        return pages.to_ticket(ticket.pk, message.pk)

    address = once.send_once(draft.token, work)
    if sent and not draft.is_note:
        _follow_up(request, ticket, user, draft)
    elif sent:
        messages.success(request, _("The note is kept. The customer does not see it."))
    return address


def _follow_up(request: HttpRequest, ticket: Ticket, user: User, draft: Draft) -> None:
    """Wait or resolve after the answer is out; if that is refused, the answer stays sent and the page says so."""
    do = request.POST.get("do")
    try:
        if do == "wait":
            waiting.wait(ticket.pk, actor=user)
            messages.success(request, _("Sent. The clock stands still until the customer writes."))
        elif do == "resolve":
            asked = moves.resolve(ticket.pk, actor=user, summary=draft.body.strip()[:SUMMARY])
            words = _("Sent. The final signature is asked for.") if asked else _("Sent, and resolved.")
            messages.success(request, words)
        else:
            messages.success(request, _("Sent."))
    except Refusal as refusal:
        words = _("Your answer was sent, but the rest was refused: %(why)s") % {"why": refusal.detail}
        messages.warning(request, words)


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    if request.htmx:
        # An address that differs in its fragment only would not load the page anew.
        return HttpResponseClientRedirect(address.partition("#")[0])
    return HttpResponseRedirect(address)


def _again(request: HttpRequest, number: int, draft: Draft, status: int) -> HttpResponse:
    """Draw the composer with the words kept."""
    if not request.htmx:
        return pages.page(request, number, draft=draft, status=status)
    ticket = overview.ticket(request.user, number)
    context = {
        "ticket": ticket,
        "draft": draft,
        "scripts": pages.scripts_for(ticket),
        "offers": Offers(Stand(ticket), request.user),
        "resolved": ticket.escalation.floor is None,
    }
    response = render(request, "desk/parts/composer.html", context, status=status)
    if status >= 400:
        response[pages.DRAW] = "yes"
    return response


def _lost(request: HttpRequest, number: int, draft: Draft) -> HttpResponse:
    """The ticket went out of the writer's sight: nothing was sent, and the words are theirs to keep."""
    context = {"number": number, "draft": draft}
    template = "desk/parts/lost.html" if request.htmx else "desk/lost.html"
    response = render(request, template, context, status=404)
    response[pages.DRAW] = "yes"
    return response
