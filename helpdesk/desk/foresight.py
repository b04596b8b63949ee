"""Foresight on the desk: why a ticket is thought to be at risk, and the page that shows how true such words held."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalation.models import FloorVisit
from helpdesk.desk.scorecard_request import staff_only
from metrics import foresight, fridays
from metrics.models import Forecast, ForesightModel
from tickets.models import Ticket


@dataclass(frozen=True)
class Warning:
    """What the badge of a ticket says, and why."""

    percent: int
    reason: str


def with_forecast(stays: QuerySet[FloorVisit]) -> QuerySet[FloorVisit]:
    """Add to STAYS what `warning` needs, so that a page asks the database no further question."""
    made = Forecast.objects.filter(visit=OuterRef("pk"))
    columns = JSONObject(chance="chance", kind="kind", stays="stays", missed="missed")
    return stays.annotate(forecast=Subquery(made.values(columns=columns)[:1]))


def warning(ticket: Ticket, stay: FloorVisit | None) -> Warning | None:
    """Return the warning that TICKET (from `overview`) bears in STAY (from `with_forecast`), or None."""
    if stay is None or stay.forecast is None or ticket.stay_id is None or ticket.floor_deadline is None:
        return None
    found = Forecast(**stay.forecast)
    if found.chance < foresight.WARN:
        return None
    reason = _("%(missed)s of %(stays)s stays like this one missed their deadline or moved up: %(kind)s.") % {
        "missed": found.missed,
        "stays": found.stays,
        "kind": kind_in_words(found.kind, str(ticket.channel), str(ticket.category or "")),
    }
    return Warning(round(found.chance / 10), reason)


def kind_in_words(kind: str, channel: str = "", category: str = "") -> str:
    """Say a kind of stay (see `metrics.foresight`) in words; names of channel and category are those of the ticket."""
    if not kind:
        return _("all stays")
    first, *rest = kind.split("|")
    floor, quarter = first.split(".")
    gone = [_("in its first quarter"), _("a quarter of its time gone"), _("half of its time gone")]
    said = [_("Floor %(n)s") % {"n": floor}, [*gone, _("three quarters of its time gone")][int(quarter)]]
    parts = {
        "morning": _("begun on a weekday morning"),
        "afternoon": _("begun on a weekday afternoon"),
        "night": _("begun on a weekday night"),
        "weekend": _("begun on a weekend"),
    }
    words = [
        lambda value: _("answered") if value == "1" else _("not answered yet"),
        lambda value: _("a risk flagged") if value == "1" else _("no risk flagged"),
        lambda value: channel,
        lambda value: category or _("no category"),
        lambda value: parts.get(value, value),
    ]
    said += [word(value) for word, value in zip(words, rest, strict=False)]
    return ", ".join(said)


@require_safe
@staff_only
def show(request: HttpRequest) -> HttpResponse:
    """Show what foresight learned, from how much, and how its words compare with what happened."""
    model = foresight.current()
    context = {
        "model": model,
        "least": foresight.LEAST_STAYS,
        "least_of_each": foresight.LEAST_OF_EACH,
        "zone": fridays.zone().key,
        "tenths": _tenths(model) if model else [],
        "kinds": _kinds(model) if model else [],
        "models": ForesightModel.objects.defer("cells", "calibration")[:12],
    }
    return render(request, "desk/foresight.html", context)


def _tenths(model: ForesightModel) -> list[dict]:
    """Return forecast against fact for each tenth of the chance, '–' where nothing was forecast."""
    lines = []
    for place, (chances, moments, missed) in enumerate(model.calibration):
        low, high = foresight.interval(missed, moments)
        lines.append(
            {
                "name": f"{place * 10}–{place * 10 + 10} %",
                "moments": moments,
                "forecast": chances / moments if moments else None,
                "happened": missed / moments if moments else None,
                "forecast_words": _percent(chances / moments) if moments else "–",
                "happened_words": _percent(missed / moments) if moments else "–",
                "range": f"{_percent(low)} – {_percent(high)}" if moments else "–",
            }
        )
    return lines


def _kinds(model: ForesightModel) -> list[dict]:
    """Return the broadest kinds, floor by quarter of the time, as they were counted."""
    lines = []
    for kind, (stays, missed) in sorted(model.cells.items()):
        if kind and "|" not in kind:
            low, high = foresight.interval(missed, stays)
            lines.append(
                {
                    "name": kind_in_words(kind),
                    "stays": stays,
                    "missed": missed,
                    "share": _percent(missed / stays),
                    "range": f"{_percent(low)} – {_percent(high)}",
                }
            )
    return lines


def _percent(share: float) -> str:
    return f"{number_format(round(share * 100))} %"
