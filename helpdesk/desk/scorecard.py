"""The Friday scorecard: eight cards, the same as a table, the figures beside them, notes and editions (P8)."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from helpdesk.desk.scorecard_cards import Card, cards, summary
from helpdesk.desk.scorecard_files import as_csv, as_xlsx
from helpdesk.desk.scorecard_forms import CorrectionForm, NoteForm
from helpdesk.desk.scorecard_request import Asked, asked, staff_only
from metrics import catalogue, fridays, notes, pulse, quality, scorecard, targets
from metrics.models import NEAR
from tickets.clock import database_now
from tickets.models import Team
from tickets.refusals import Refusal


@require_safe
@staff_only
def show(request: HttpRequest) -> HttpResponse:
    """Show a week: published as it was frozen, or as a draft of what has happened so far."""
    return page(request, asked(request.GET))


@require_safe
@staff_only
def csv_file(request: HttpRequest) -> HttpResponse:
    """Send the week as a CSV file."""
    wanted = asked(request.GET)
    return as_csv(wanted.sheet())


@require_safe
@staff_only
def xlsx_file(request: HttpRequest) -> HttpResponse:
    """Send the week as a spreadsheet with the twelve weeks before it."""
    wanted = asked(request.GET)
    return as_xlsx(wanted.sheet(), scorecard.history(wanted.week, wanted.team))


@require_POST
@staff_only
def add_note(request: HttpRequest) -> HttpResponse:
    """Add a note to a figure of a week."""
    wanted = asked(request.POST)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            notes.add(wanted.week, form.cleaned_data["key"], author=request.user, text=form.cleaned_data["text"])
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            form.add_error("text", refusal.detail)
        else:
            messages.success(request, _("The note is added."))
            return redirect(f"{reverse('desk:scorecard')}?{wanted.query}#notes")
    return page(request, wanted, note_form=form, status=422)


@require_POST
@staff_only
def correct(request: HttpRequest) -> HttpResponse:
    """Publish a further edition of a week, with the reason for it."""
    wanted = asked(request.POST)
    form = CorrectionForm(request.POST)
    if form.is_valid():
        try:
            card = scorecard.publish(wanted.week, reason=form.cleaned_data["reason"], actor=request.user)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            form.add_error("reason", refusal.detail)
        else:
            messages.success(request, _("Edition %(edition)s is published.") % {"edition": card.edition})
            return redirect(f"{reverse('desk:scorecard')}?week={card.name}")
    return page(request, wanted, correction_form=form, status=422)


def page(
    request: HttpRequest,
    wanted: Asked,
    *,
    note_form: NoteForm | None = None,
    correction_form: CorrectionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet = wanted.sheet()
    history = scorecard.history(wanted.week, wanted.team)
    said = notes.in_week(wanted.week)
    everything = cards(sheet, history, said)
    eight = everything[: len(catalogue.EIGHT)]
    now = database_now()
    published = scorecard.weeks()
    current = fridays.of(now)
    following = wanted.week + fridays.WEEK
    context = {
        "sheet": sheet,
        "asked": wanted,
        "zone": fridays.zone().key,
        "eight": eight,
        "beside": everything[len(catalogue.EIGHT) :],
        "summary": summary(eight),
        "notes": _notes(everything),
        "published": published,
        "editions": scorecard.editions(wanted.week),
        "teams": Team.objects.all(),
        "previous": fridays.name(wanted.week - fridays.WEEK),
        "following": fridays.name(following) if following <= current else "",
        "current": fridays.name(current),
        "newest": published[0].name if published else "",
        "near": int(NEAR * Decimal(100)),
        "may_edit": targets.may_edit(request.user),
        "may_review": quality.may_review(request.user),
        "owes_pulse": pulse.may_answer(request.user) and not pulse.has_answered(request.user, now=now),
        "note_form": note_form or NoteForm(initial={"key": catalogue.EIGHT[0].key}),
        "correction_form": correction_form or CorrectionForm(),
    }
    return render(request, "desk/scorecard.html", context, status=status)


def _notes(everything: list[Card]) -> list[tuple[Card, list]]:
    return [(card, card.notes) for card in everything if card.notes]
