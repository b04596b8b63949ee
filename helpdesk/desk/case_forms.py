"""The forms of the case page. The rules are in the verbs; these carry words there and refusals back."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.portal.forms import CarriesRefusals, DayInput
from tickets.models import Message, Ticket


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


class NoteForm(CaseForm):
    slug = "talk"
    body = forms.CharField(
        label=gettext_lazy("Internal note"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 3, "data-key": "n"}),
        help_text=gettext_lazy("The customer never sees it."),
    )


FORMS = {form.slug: form for form in (EvidenceForm, TextForm, NoticeForm, SentForm, LegalHoldForm, NoteForm)}


def make(slug: str, ticket: Ticket, *data) -> CaseForm:
    return EvidenceForm(*data, ticket=ticket) if slug == "evidence" else FORMS[slug](*data)
