"""The room of a case on one page: where it stands, who is there, signatures, what is said among ourselves, evidence,
decision text in versions, decisions, notices, export."""

from collections.abc import Callable

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from escalation import (
    access,
    checklist,
    conversation,
    decision_texts,
    evidence,
    external,
    legal_holds,
    overview,
    privacy,
    sealed_export,
)
from escalation.models import Evidence
from helpdesk.desk import ticket as pages
from helpdesk.desk.case_forms import FORMS, CaseForm, make
from helpdesk.desk.case_words import compared, signature_row
from helpdesk.downloads import download
from tickets.models import Message, Ticket
from tickets.refusals import NotFound, Refusal

NOTES_SHOWN = 20
"""Notes that the case page shows; the others are on the ticket's own page."""


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show the file of a case to those who see the ticket."""
    return _page(request, number)


@require_safe
def talk(request: HttpRequest, number: int) -> HttpResponse:
    """What is said among ourselves: the part of the page that follows what others write."""
    ticket = overview.ticket(request.user, number)
    return render(request, "desk/parts/case_talk.html", _talk_context(ticket) | {"now": timezone.now()})


@require_POST
def add(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Add to the file. What is refused is shown on the same page, with the words kept."""
    if slug not in _VERBS:
        raise Http404
    ticket = access.get_ticket(request.user, number)
    form = make(slug, ticket, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, number, bound=form, status=400)
    try:
        done = _VERBS[slug](ticket, request.user, form.cleaned_data)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, number, bound=form, status=refusal.status)
    messages.success(request, done)
    return redirect("desk:case_file", number)


@require_safe
def file(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Send the bytes of a registered file."""
    ticket = access.get_ticket(request.user, number)
    return download(get_object_or_404(ticket.escalation.evidence.filter(form=Evidence.Form.FILE), pk=pk))


@require_POST
def export(request: HttpRequest, number: int) -> HttpResponse:
    """Send the sealed export; that it was made goes on record, so it is no plain link."""
    made, _digest = sealed_export.make(number, actor=request.user)
    return FileResponse(made, as_attachment=True, filename=f"case-{number}.zip", content_type="application/zip")


def _evidence(ticket: Ticket, user, data: dict) -> str:
    added = evidence.add(ticket.pk, actor=user, **{key: value for key, value in data.items() if value})
    return _("Registered with SHA-256 %(sha)s….") % {"sha": added.sha256[:16]}


def _text(ticket: Ticket, user, data: dict) -> str:
    return _("Version %(n)s is proposed.") % {"n": decision_texts.propose(ticket.pk, actor=user, **data).version}


def _notice(ticket: Ticket, user, data: dict) -> str:
    external.ask(ticket.pk, actor=user, **data)
    return _("The signature of an executive is asked for.")


def _sent(ticket: Ticket, user, data: dict) -> str:
    external.sent(ticket.pk, data["notice"], actor=user, reference=data["reference"])
    return _("It is on record that the notice went out.")


def _keep(ticket: Ticket, user, data: dict) -> str:
    legal_holds.on_ticket(ticket.pk, actor=user, **data)
    return _("This ticket is kept until the release is signed.")


def _note(ticket: Ticket, user, data: dict) -> str:
    conversation.note(ticket.pk, actor=user, body=data["body"])
    return _("The note is kept. The customer does not see it.")


_VERBS: dict[str, Callable] = {
    "talk": _note,
    "keep": _keep,
    "evidence": _evidence,
    "text": _text,
    "notice": _notice,
    "sent": _sent,
}


def _page(request: HttpRequest, number: int, *, bound: CaseForm | None = None, status: int = 200) -> HttpResponse:
    user, ticket = request.user, overview.ticket(request.user, number)
    escalation, live = ticket.escalation, pages.live(ticket, user)
    drawn = {slug: bound if bound and bound.slug == slug else make(slug, ticket) for slug in FORMS}
    notices = list(escalation.external_notifications.select_related("asked_by", "approval"))
    context = live | {
        "signatures": signature_row(escalation, notices),
        "ticks": checklist.ticks(escalation),
        "legal_holds": legal_holds.covering(ticket),
        "may_hold": user.has_role(*legal_holds.MAY),
        "may_see_privacy": user.has_role(*privacy.MAY, *legal_holds.MAY),
        "evidence": escalation.evidence.select_related("added_by", "message"),
        "texts": compared(escalation.decision_texts.select_related("proposed_by").order_by("-version")),
        "decisions": escalation.decisions.select_related("decided_by", "approval"),
        "notices": notices,
        "forms": drawn,
        "works": escalation.floor is not None and access.works_on(user, escalation),
        "floor_3": escalation.floor == 3,
        "may_export": user.has_role(*sealed_export.MAY_EXPORT),
    }
    return render(request, "desk/case_file.html", context | _talk_context(ticket), status=status)


def _talk_context(ticket: Ticket) -> dict:
    """Return the newest of what was said among ourselves, oldest first, and how many notes came before."""
    notes = Message.objects.in_conversation(ticket.pk).filter(visibility=Message.Visibility.INTERNAL)
    newest = list(notes.select_related("author").order_by("-created_at", "-pk")[: NOTES_SHOWN + 1])
    return {"ticket": ticket, "notes": newest[:NOTES_SHOWN][::-1], "earlier": len(newest) > NOTES_SHOWN}
