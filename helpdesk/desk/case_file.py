"""The file of a case on one page: what sign-off still lacks, evidence, decision text, decisions, notices, export."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escalation import access, checklist, decision_texts, evidence, external, legal_holds, privacy, sealed_export
from escalation.models import Evidence
from helpdesk.downloads import download
from helpdesk.portal.forms import CarriesRefusals, DayInput
from tickets.models import Message, Ticket
from tickets.refusals import NotFound, Refusal


def _words(label, **more) -> forms.CharField:
    return forms.CharField(label=label, max_length=10_000, widget=forms.Textarea({"rows": 3}), **more)


class CaseForm(CarriesRefusals):
    """A form of the case page; its ids start with its slug, so that several stand on one page."""

    slug = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=f"{self.slug}-%s", **kwargs)


class EvidenceForm(CaseForm):
    slug = "evidence"
    file = forms.FileField(label=gettext_lazy("File"), required=False)
    message = forms.IntegerField(
        label=gettext_lazy("Or the number of a message"), required=False, widget=forms.Select(), min_value=1
    )
    description = _words(gettext_lazy("What it shows, or a statement"), required=False)
    source = forms.CharField(label=gettext_lazy("Where it comes from"), max_length=250, required=False)

    def __init__(self, *args, ticket: Ticket, **kwargs):
        super().__init__(*args, **kwargs)
        said = Message.objects.in_conversation(ticket.pk).select_related("author", "customer", "ticket__customer")
        said = said.order_by("-created_at", "-id")[:50]
        lines = [(m.pk, f"{m.author or m.writer}: {' '.join(m.body.split())[:60]}") for m in said]
        self.fields["message"].label = _("Or a message of this ticket")
        self.fields["message"].widget.choices = [("", _("None")), *lines]


class TextForm(CaseForm):
    slug = "text"
    text = _words(gettext_lazy("Decision text"))


class NoticeForm(CaseForm):
    slug = "notice"
    authority = forms.CharField(label=gettext_lazy("Authority"), max_length=200)
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=200, required=False)
    justification = _words(gettext_lazy("Why they must be told"))


class SentForm(CaseForm):
    slug = "sent"
    notice = forms.IntegerField(widget=forms.HiddenInput)
    reference = forms.CharField(label=gettext_lazy("Their reference"), max_length=200, required=False)


class LegalHoldForm(CaseForm):
    slug = "keep"
    reason = _words(gettext_lazy("What it is kept for"))
    review_on = forms.DateField(label=gettext_lazy("Look at it again on"), widget=DayInput())


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show the file of a case to those who see the ticket."""
    return _page(request, access.get_ticket(request.user, number))


@require_POST
def add(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Add to the file. What is refused is shown on the same page, with the words kept."""
    if slug not in _VERBS:
        raise Http404
    ticket = access.get_ticket(request.user, number)
    form = _form(slug, ticket, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ticket, bound=form, status=400)
    try:
        done = _VERBS[slug](ticket, request.user, form.cleaned_data)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, access.get_ticket(request.user, number), bound=form, status=refusal.status)
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


_VERBS: dict[str, Callable] = {
    "keep": _keep,
    "evidence": _evidence,
    "text": _text,
    "notice": _notice,
    "sent": _sent,
}
_FORMS = {form.slug: form for form in (EvidenceForm, TextForm, NoticeForm, SentForm, LegalHoldForm)}


def _form(slug: str, ticket: Ticket, *data) -> CaseForm:
    return EvidenceForm(*data, ticket=ticket) if slug == "evidence" else _FORMS[slug](*data)


def _page(request: HttpRequest, ticket: Ticket, *, bound: CaseForm | None = None, status: int = 200) -> HttpResponse:
    escalation, user = ticket.escalation, request.user
    drawn = {slug: bound if bound and bound.slug == slug else _form(slug, ticket) for slug in _FORMS}
    context = {
        "ticket": ticket,
        "ticks": checklist.ticks(escalation),
        "legal_holds": legal_holds.covering(ticket),
        "may_hold": user.has_role(*legal_holds.MAY),
        "may_see_privacy": user.has_role(*privacy.MAY, *legal_holds.MAY),
        "evidence": escalation.evidence.select_related("added_by", "message"),
        "texts": escalation.decision_texts.select_related("proposed_by").order_by("-version"),
        "decisions": escalation.decisions.select_related("decided_by", "approval"),
        "notices": escalation.external_notifications.select_related("asked_by", "approval"),
        "forms": drawn,
        "works": escalation.floor is not None and access.works_on(user, escalation),
        "floor_3": escalation.floor == 3,
        "may_export": user.has_role(*sealed_export.MAY_EXPORT),
        "now": timezone.now(),
    }
    return render(request, "desk/case_file.html", context, status=status)
