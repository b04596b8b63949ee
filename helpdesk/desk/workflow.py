"""The review of the workflow (P2.6): one week, narrowed by floor, team, channel or trigger, and the lists behind it."""

import csv
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalation.models import Approval, FloorVisit
from helpdesk.desk import workflow_tables as shown
from helpdesk.desk.scorecard_files import harmless
from helpdesk.desk.scorecard_request import staff_only
from metrics import fridays, workflow
from metrics.workflow import FATES, Scope
from policies.models import Trigger
from tickets.clock import database_now
from tickets.models import Channel, Team, Ticket
from tickets.refusals import NotFound

A_PAGE = 50

LISTS = {
    "stays": (workflow.stays, {"came_by": FloorVisit.How.values, "fate": FATES, "passed": None}),
    "requests": (
        workflow.requests,
        {"kind": Approval.Kind.values, "state": Approval.State.values, "owed": None, "late": None},
    ),
    "risks": (workflow.flags, {"by_hand": None, "reached": None}),
}
"""Each list: who reads it, and what it can be narrowed by (None: yes or no)."""


@require_safe
@staff_only
def show(request: HttpRequest) -> HttpResponse:
    """Show how the floors worked in a week."""
    scope = scope_of(request.GET)
    found = workflow.review(scope)
    previous, following = scope.week - fridays.WEEK, scope.week + fridays.WEEK
    context = {
        "scope": scope,
        "week": fridays.name(scope.week),
        "previous": fridays.name(previous),
        "following": fridays.name(following) if following <= fridays.of(database_now()) else "",
        "zone": fridays.zone().key,
        "review": found,
        "tables": shown.tables(found),
        "fates": list(shown.fate_words().values()),
        "owners": shown.owners(workflow.owners_for(request.user, found)),
        "requests": shown.requests(found),
        "request_columns": shown.request_columns(),
        "risks": shown.risks(found),
        "teams": Team.objects.all(),
        "channels": Channel.objects.all(),
        "triggers": Trigger.objects.in_force().order_by("slug"),
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/workflow.html", context)


@require_safe
@staff_only
def behind(request: HttpRequest, what: str) -> HttpResponse:
    """Show the rows behind one figure, those that this person may see."""
    if what not in LISTS:
        raise NotFound(_("There is no such list."), code="not_found")
    read, choices = LISTS[what]
    scope = scope_of(request.GET)
    narrowed = {name: _chosen(request.GET, name, values) for name, values in choices.items()}
    found = read(request.user, scope, **narrowed)
    page = Paginator(found.rows, A_PAGE).get_page(request.GET.get("page"))
    tickets = Ticket.objects.in_bulk({row["ticket"] for row in page})
    words = shown.fate_words()
    ways, kinds, states = (dict(choice.choices) for choice in (FloorVisit.How, Approval.Kind, Approval.State))
    context = {
        "what": what,
        "week": fridays.name(scope.week),
        "chips": shown.chips(scope, narrowed),
        "back_query": urlencode(shown.scope_query(scope)),
        "behind": found,
        "page": page,
        "zone": fridays.zone().key,
        "rows": [
            row
            | {
                "subject": tickets[row["ticket"]].subject,
                "fate_word": words.get(row.get("fate"), ""),
                "way": ways.get(row.get("came_by"), ""),
                "kind_word": kinds.get(row.get("kind"), ""),
                "state_word": states.get(row.get("state"), ""),
                "worked": row.get("lasted", 0) - row.get("waited", 0),
            }
            for row in page
        ],
    }
    return render(request, "desk/workflow_list.html", context)


@require_safe
@staff_only
def csv_file(request: HttpRequest) -> HttpResponse:
    """Send the tables of stays as one CSV file (RFC 4180); times in seconds."""
    scope = scope_of(request.GET)
    found = workflow.review(scope)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="workflow-{fridays.name(scope.week)}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    times = ["seconds_with_us", "seconds_waiting"]
    writer.writerow(["week", "table", "line", "arrivals", *FATES, "deadline_passed", *times])
    for table in shown.tables(found):
        for row in table.lines:
            line = row.line
            named = [fridays.name(scope.week), table.slug, harmless(row.name)]
            counts = [line.arrivals, *(line.fates[fate] for fate in FATES), line.passed]
            writer.writerow([*named, *counts, round(line.worked), round(line.waited)])
    return response


def scope_of(parameters: QueryDict) -> Scope:
    """Read what is asked for; without a week it is the one that runs."""
    week = parameters.get("week", "")
    floor = _chosen(parameters, "floor", ["1", "2", "3"])
    trigger = parameters.get("trigger", "")[:60] or None
    if trigger and not Trigger.objects.filter(slug=trigger).exists():
        raise NotFound(_("There is no such rule."), code="not_found")
    return Scope(
        week=fridays.parse(week) if week else fridays.of(database_now()),
        floor=int(floor) if floor else None,
        team=_named(Team, parameters.get("team", "")),
        channel=_named(Channel, parameters.get("channel", "")),
        trigger=trigger,
    )


def _named(model, slug: str):
    found = model.objects.filter(slug=slug[:60]).first() if slug else None
    if slug and found is None:
        raise NotFound(_("There is no such team or channel."), code="not_found")
    return found


def _chosen(parameters: QueryDict, name: str, values) -> str | bool | None:
    """Return the value of a parameter, or None when it is not given; VALUES of None mean yes or no."""
    value = parameters.get(name, "")
    if not value:
        return None
    if values is None and value in ("yes", "no"):
        return value == "yes"
    if values is None or value not in values:
        raise NotFound(_("There is no such figure."), code="not_found")
    return value
