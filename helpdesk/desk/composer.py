"""The door of the composer: insert a script, leave a note, send off a reply and what goes with it, take one back.

Whatever is refused comes back with the words that were typed, and is kept as a draft with its files.
"""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from escalation import access, conversation, drafts, macros, mentions, outgoing, overview, suggestions
from helpdesk import once, presence
from helpdesk.desk import beside, queue, texts
from helpdesk.desk import ticket as pages
from helpdesk.desk import writing as writings
from helpdesk.desk.offers import Offers
from helpdesk.desk.stand import Stand
from helpdesk.desk.suggestions import Suggested, words
from helpdesk.desk.writing import Writing
from helpdesk.templatetags.ux import clock_time
from policies import tone
from tickets.models import Draft, Message, Ticket
from tickets.refusals import Conflict, Invalid, NotFound, Refusal


@require_POST
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Take what the composer holds."""
    writing = writings.read(request)
    try:
        ticket = access.get_ticket(request.user, number)
        do, _colon, what = (request.POST.get("do") or Draft.Then.SEND).partition(":")
        match do:
            case "insert":
                what = what or request.POST.get("pick", "")
                if what == "?":
                    writing.suggested = Suggested(ticket, request.user)
                else:
                    _insert(writing, ticket, request, what)
                return _kept(request, number, writing)
            case "suggest":
                writing.suggested = Suggested(ticket, request.user)
                return _kept(request, number, writing)
            case "unhelpful":
                _did_not_help(number, what, request)
                writing.suggested = Suggested(ticket, request.user)
                return _kept(request, number, writing)
            case "macro":
                writing.macro = macros.offered(request.POST.get("macro", ""))
                return _kept(request, number, writing)
            case "run":
                return _run(request, number, writing, what)
            case "check":
                writing.findings = tone.check(writing.body, otherwise=ticket.language or ticket.customer.language)
                return _kept(request, number, writing)
            case "mention":
                writing.goes_on = True
                writing.body = f"{writing.body.rstrip().removesuffix('@')} @{request.POST.get('who', '')} ".lstrip()
                return _kept(request, number, writing)
            case "preview":
                writing.preview = bool(writing.body.strip())
                return _kept(request, number, writing)
            case "attach":
                return _kept(request, number, writing)
            case "drop":
                drafts.drop_file(number, writings.whole_number(what) or 0, actor=request.user)
                return _kept(request, number, writing)
            case "undo":
                return _take_back(request, number, writing, writings.whole_number(what) or 0)
        writing.unfilled = [] if writing.is_note or "anyway" in request.POST else writings.unfilled_fields(writing.body)
        if writing.unfilled:
            return _kept(request, number, writing, 409)
        return _sent(request, _send(request, ticket, writing, do))
    except NotFound as refusal:
        writing.error = str(refusal.detail)
        return _lost(request, number, writing)
    except Conflict as refusal:
        if refusal.code == "newer_message":
            _show_newer(writing, refusal.data)
        else:
            writing.error = str(refusal.detail)
        return _kept(request, number, writing, refusal.status)
    except Refusal as refusal:
        writing.error = str(refusal.detail)
        return _kept(request, number, writing, refusal.status)


@require_POST
def keep(request: HttpRequest, number: int) -> JsonResponse:
    """Keep what is typed so far (scripts ask for it while somebody writes); say when, and which revision it is now."""
    writing = writings.read(request)
    try:
        ticket = access.get_ticket(request.user, number)
        revision = writings.whole_number(request.POST.get("revision", ""))
        if once.was_sent(writing.token):
            return JsonResponse({"revision": 0, "words": ""})
        presence.note(number, request.user, writing=True)
        draft = _store(request, ticket.pk, writing, revision=revision)
    except Refusal as refusal:
        words = _("Not saved: %(why)s") % {"why": refusal.detail}
        return JsonResponse({"words": words, "code": refusal.code}, status=refusal.status)
    words = _("Saved %(time)s") % {"time": clock_time(draft.updated_at, timezone.now())} if draft else ""
    return JsonResponse({"revision": draft.revision if draft else 0, "words": words})


@require_http_methods(["GET", "HEAD", "POST"])
def unsent(request: HttpRequest) -> HttpResponse:
    """List what a person has written and not sent, also where a ticket went out of their sight; let them discard it."""
    if request.method == "POST":
        drafts.discard_one(writings.whole_number(request.POST.get("discard", "")) or 0, actor=request.user)
        messages.success(request, _("Discarded."))
        return redirect("desk:drafts")
    return render(request, "desk/drafts.html", {"rows": drafts.all_of(request.user), "now": timezone.now()})


def _store(request: HttpRequest, number: int, writing: Writing, revision: int | None = None) -> Draft | None:
    return drafts.keep(
        number,
        actor=request.user,
        kind=writing.kind,
        body=writing.body,
        script=writing.script,
        files=request.FILES.getlist("files"),
        revision=revision,
    )


def _insert(writing: Writing, ticket: Ticket, request: HttpRequest, name: str) -> None:
    """Put what was picked under what is written; sending stays a separate step."""
    if not name:
        writing.error = _("Pick a text first.")
        return
    text, script = words(name, ticket, request, note=writing.is_note)
    writing.body = re.sub(r"(^|\n)/$", r"\1", writing.body.rstrip())  # the slash that called for it
    between = " " if name.startswith("field:") else "\n\n"
    writing.body = f"{writing.body.rstrip()}{between}{text}" if writing.body.strip() else text
    writing.goes_on = True
    if script:
        writing.script, writing.kind = script.slug, "reply"


def _did_not_help(number: int, name: str, request: HttpRequest) -> None:
    """Keep that a suggestion did not help; it is not suggested for this ticket again."""
    kind, _colon, which = name.partition(":")
    what = {"decision": writings.whole_number(which) or 0} if kind == "decision" else {"script": which}
    suggestions.did_not_help(number, actor=request.user, **what)


def _run(request: HttpRequest, number: int, writing: Writing, slug: str) -> HttpResponse:
    """Run a macro on the ticket, after keeping what is typed: its text goes under that. Nothing is sent."""
    macro = macros.offered(slug)
    _store(request, number, writing)
    try:
        macros.run(number, actor=request.user, macro=macro)
    except NotFound:
        raise
    except Refusal as refusal:
        words = _("Nothing of the macro “%(name)s” was done. %(why)s")
        writing.error = words % {"name": macro, "why": refusal.detail}
        return _kept(request, number, writing, refusal.status)
    done = _("Done: %(name)s (%(what)s).") % {"name": macro, "what": "; ".join(macros.effects(macro))}
    messages.success(request, done)
    return _sent(request, pages.to_ticket(number, "composer" if macro.script else ""))


def _take_back(request: HttpRequest, number: int, writing: Writing, pk: int) -> HttpResponse:
    """Bring an answer back to the composer, above what stands there."""
    _store(request, number, writing)
    outgoing.take_back(pk, actor=request.user)
    draft = next((row for row in drafts.of(request.user, number) if row.is_proper), None)
    back = writings.of_draft(draft, writing.seen or 0)
    back.goes_on = True
    response = _again(request, number, back, 200)
    return trigger_client_event(response, "desk:changed", after="settle") if request.htmx else response


def _send(request: HttpRequest, ticket: Ticket, writing: Writing, do: str) -> str:
    user = request.user

    def work() -> str:
        draft = _store(request, ticket.pk, writing)
        if writing.is_note:
            kept = draft.files.all() if draft else ()
            message = conversation.note(ticket.pk, actor=user, body=writing.body, kept=kept)
            drafts.sent(draft)
            messages.success(request, _("The note is kept. The customer does not see it."))
            if unseen := mentions.not_told(message):
                words = _("Not told, because they may not see this ticket: %(names)s.")
                messages.warning(request, words % {"names": ", ".join(str(person) for person in unseen)})
            return pages.to_ticket(ticket.pk, f"m{message.pk}")
        if do not in Draft.Then.values:
            raise Invalid(_("Say whether to send it."), code="unknown", field="do")
        # Where it leads is asked before: an answer may take its ticket out of the list.
        onward = _onward(request, ticket.pk)
        said = outgoing.press(
            ticket.pk,
            actor=user,
            body=writing.body,
            script=writing.script,
            then=do,
            seen_message=writing.seen,
            seen_press=writing.seen_press,
        )
        went = isinstance(said, Message)
        place = pages.to_ticket(ticket.pk, f"m{said.pk}" if went else f"out{said.pk}")
        if onward:
            words = (
                _("Your answer to %(link)s was sent.")
                if went
                else _("Your answer to %(link)s can be taken back there.")
            )
            link = format_html('<a href="{}">#{}</a>', place, ticket.pk)
            messages.success(request, mark_safe(escape(words) % {"link": link}))
        elif went:
            messages.success(request, _("Sent."))
        return onward or place

    return once.send_once(writing.token, work)


def _onward(request: HttpRequest, number: int) -> str:
    """Return where this person wants to be after sending: '' for here, else the next ticket or the list."""
    if request.user.after_sending == "next" and (found := beside.neighbour(request, number, "next")):
        return pages.to_ticket(found)
    return "" if request.user.after_sending == "stay" else queue.last_list(request)


def _show_newer(writing: Writing, data: dict) -> None:
    if "draft" in data:
        writing.newer = Draft.objects.select_related("author").filter(pk=data["draft"]).first()
        writing.seen_press = writing.newer.pressed_at if writing.newer else None
        return
    writing.newer = Message.objects.select_related("author", "ticket__customer").get(pk=data["message"])
    writing.seen = writing.newer.pk


def _sent(request: HttpRequest, address: str) -> HttpResponse:
    if request.htmx:
        # An address that differs in its fragment only would not load the page anew.
        return HttpResponseClientRedirect(address.partition("#")[0])
    return HttpResponseRedirect(address)


def _kept(request: HttpRequest, number: int, writing: Writing, status: int = 200) -> HttpResponse:
    """Keep the words, and files if they can be kept, and draw the composer with them."""
    try:
        writing.know(_store(request, number, writing))
    except Refusal as refusal:
        writing.error = writing.error or str(refusal.detail)
        writing.lost_files = bool(request.FILES)
        writing.know(next((row for row in drafts.of(request.user, number) if row.is_proper), None))
    return _again(request, number, writing, status)


def _again(request: HttpRequest, number: int, writing: Writing, status: int) -> HttpResponse:
    """Draw the composer, or only its files when no more was asked for: whoever types is not disturbed."""
    if request.htmx.target == "kept":
        return render(request, "desk/parts/kept.html", {"ticket": {"pk": number}, "draft": writing, "alone": True})
    if not request.htmx:
        return pages.page(request, number, writing=writing, status=status)
    ticket = overview.ticket(request.user, number)
    offers = Offers(Stand(ticket), request.user)
    context = {
        "ticket": ticket,
        "draft": writing,
        "texts": texts.Texts(ticket, offers.choices),
        "offers": offers,
        "resolved": ticket.escalation.floor is None,
    }
    response = render(request, "desk/parts/composer.html", context, status=status)
    if status >= 400:
        response[pages.DRAW] = "yes"
    return response


def _lost(request: HttpRequest, number: int, writing: Writing) -> HttpResponse:
    """The ticket went out of the writer's sight: nothing was sent, and the words are theirs to keep."""
    context = {"number": number, "draft": writing}
    template = "desk/parts/lost.html" if request.htmx else "desk/lost.html"
    response = render(request, template, context, status=404)
    response[pages.DRAW] = "yes"
    return response
