"""One figure: what it means, how it went, who is behind it, ticket by ticket."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from escalation.models.escalation import FLOORS, State
from helpdesk.desk.scorecard_cards import Card, cards, plain
from helpdesk.desk.scorecard_forms import NoteForm, TargetForm
from helpdesk.desk.scorecard_request import Asked, asked, staff_only
from metrics import catalogue, causes, figures, fridays, notes, quality, scorecard, splits, targets
from metrics.fridays import Span
from metrics.models import Target
from tickets.clock import database_now
from tickets.models import Ticket
from tickets.refusals import Refusal

A_PAGE = 50


@require_safe
@staff_only
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show figure KEY of a week."""
    catalogue.get(key)
    return page(request, asked(request.GET), key)


@require_POST
@staff_only
def set_target(request: HttpRequest, key: str) -> HttpResponse:
    """Supersede the target of figure KEY."""
    catalogue.get(key)
    wanted = asked(request.POST)
    form = TargetForm(request.POST)
    if form.is_valid():
        try:
            targets.change(key, actor=request.user, **form.cleaned_data)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            form.add_error(refusal.field, refusal.detail)
        else:
            messages.success(request, _("The new target holds from now on; published weeks keep theirs."))
            return redirect(f"{reverse('desk:metric', args=[key])}?{wanted.query}")
    return page(request, wanted, key, target_form=form, status=422)


def page(
    request: HttpRequest, wanted: Asked, key: str, *, target_form: TargetForm | None = None, status: int = 200
) -> HttpResponse:
    metric = catalogue.get(key)
    sheet = wanted.sheet()
    history = scorecard.history(wanted.week, wanted.team)
    card = next((c for c in cards(sheet, history, notes.in_week(wanted.week)) if c.metric is metric), None)
    counted = request.GET.get("show", "counted") == "counted" and metric.how != catalogue.MEAN
    behind = figures.behind_for(request.user, wanted.week, key, wanted.edition, wanted.team, counted=counted)
    rows = Paginator(behind.rows, A_PAGE).get_page(request.GET.get("page"))
    about_people = key == "qa_score" and not quality.may_review(request.user)
    covered = Span(sheet.starts_at, sheet.ends_at)
    tickets = Ticket.objects.select_related("escalation", "team").in_bulk({row.number for row in rows})
    context = {
        "sheet": sheet,
        "asked": wanted,
        "metric": metric,
        "card": card,
        "zone": fridays.zone().key,
        "behind": behind,
        "page": rows,
        "rows": [(row, tickets[row.number]) for row in rows if row.number in tickets],
        "counted": counted,
        "causes": causes.in_week(sheet.starts_at, sheet.ends_at) if key == "satisfaction" else None,
        "is_share": metric.how != catalogue.MEAN,
        "shows_amounts": metric.how == catalogue.MEAN and all(row.amount is not None for row in rows),
        "by_team": _by_team(wanted, key) if wanted.team is None else [],
        "parts": _parts(metric, behind.everything, about_people),
        "days": splits.days(
            metric, wanted.week, covered, now=database_now(), team=wanted.team, about_people=about_people
        )
        if metric.has_tickets
        else [],
        "targets": Target.objects.filter(key=key).select_related("owner", "set_by")[:12],
        "may_edit": targets.may_edit(request.user),
        "note_form": NoteForm(initial={"key": key}),
        "target_form": target_form or TargetForm(),
    }
    return render(request, "desk/scorecard_metric.html", context, status=status)


def _parts(metric: catalogue.Metric, rows: list[figures.Row], about_people: bool) -> list[tuple[str, list[tuple]]]:
    """Return per trait its name and its parts: what they are called, their value and how many rows they have."""
    parts = splits.parts(metric, rows, about_people=about_people)
    languages = {code.split("-")[0]: name for code, name in settings.LANGUAGES}
    called = {"language": languages, "floor": {str(n): State(f"floor_{n}").label for n in FLOORS}}
    return [
        (name, [(called.get(by, {}).get(p.name, p.name), "–" if p.value is None else plain(p.value), p.n) for p in of])
        for by, name in splits.BY.items()
        if (of := [part for part in parts if part.by == by])
    ]


def _by_team(wanted: Asked, key: str) -> list[Card]:
    found = scorecard.by_team(wanted.week, key, wanted.edition)
    return [Card(catalogue.get(key), figure, 0, [], []) for figure in found]
