"""The review of the workflow made ready to be shown: lines with names, shares, and the address of each list."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from escalation.models import Approval, FloorVisit
from helpdesk.templatetags.ux import duration
from metrics import fridays
from metrics.workflow import FATES, Line, OwnerTime, Review, Scope
from policies.models import Trigger
from tickets.models import Channel, Team, User

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """A count under its column's WORD, its share of the arrivals in percent or '', and where its list is."""

    word: str
    count: int
    share: str
    url: str


@dataclass(frozen=True)
class Shown:
    """One line of a table of stays."""

    name: str
    line: Line
    cells: list[Cell]
    worked: str
    mean: str
    passed: Cell


@dataclass(frozen=True)
class Table:
    """One table of stays: slug for the file, heading, what a line is called."""

    slug: str
    name: str
    line: str
    lines: list[Shown]


def fate_words() -> dict[str, str]:
    """Name what can become of a stay, in the order of the columns."""
    return {
        "closed": pgettext("stays on a floor", "Closed"),
        "clock": _("Up by clock"),
        "rule": _("Up by rule"),
        "person": _("Up by person"),
        "approval": _("Up by signature"),
        "down": _("Sent down"),
        "open": _("Still here"),
    }


def scope_query(scope: Scope) -> dict[str, str]:
    """Return SCOPE as the parameters of an address."""
    parts = {
        "week": fridays.name(scope.week),
        "floor": str(scope.floor or ""),
        "team": scope.team.slug if scope.team else "",
        "channel": scope.channel.slug if scope.channel else "",
        "trigger": scope.trigger or "",
    }
    return {name: value for name, value in parts.items() if value}


def chips(scope: Scope, narrowed: dict[str, str | bool | None]) -> list[tuple[str, str]]:
    """Name in words what a list is limited to: SCOPE, and what it is NARROWED by."""
    triggers = dict(Trigger.objects.order_by("version").values_list("slug", "name")) if scope.trigger else {}
    kinds, states, ways = (dict(choice.choices) for choice in (Approval.Kind, Approval.State, FloorVisit.How))
    answers = {True: _("yes"), False: _("no")}
    known = [
        (_("Week"), fridays.name(scope.week)),
        (_("Floor"), scope.floor),
        (_("Team"), scope.team),
        (_("Channel"), scope.channel),
        (_("Trigger"), triggers.get(scope.trigger, scope.trigger)),
        (_("Brought by"), ways.get(narrowed.get("came_by"))),
        (_("Then"), fate_words().get(narrowed.get("fate"))),
        (_("Deadline passed"), answers.get(narrowed.get("passed"))),
        (_("Kind"), kinds.get(narrowed.get("kind"))),
        (_("State"), states.get(narrowed.get("state"))),
        (capfirst(_("justification owed")), answers.get(narrowed.get("owed"))),
        (_("Late"), answers.get(narrowed.get("late"))),
        (capfirst(_("by hand")), answers.get(narrowed.get("by_hand"))),
        (capfirst(_("on Floor 3")), answers.get(narrowed.get("reached"))),
    ]
    return [(name, str(value)) for name, value in known if value]


def address(scope: Scope, what: str, **narrowed: str) -> str:
    """Return where the list of WHAT (stays, requests, risks) is."""
    return f"{reverse('desk:workflow_list', args=[what])}?{urlencode(scope_query(scope) | narrowed)}"


def tables(found: Review) -> list[Table]:
    """Return every table of stays, the total first."""
    teams = {team.pk: team for team in Team.objects.all()}
    channels = {channel.pk: channel for channel in Channel.objects.all()}
    ways = {str(value): str(label) for value, label in FloorVisit.How.choices}

    def lines(source: list[Line], name: Callable, narrow: Callable) -> list[Shown]:
        return [_shown(found.scope, line, str(name(line.key)), narrow(line.key)) for line in source]

    def by_channel(pk: int) -> dict[str, str]:
        return {"channel": channels[pk].slug}

    floors = lines(found.floors, lambda n: _("Floor %(n)s") % {"n": n}, lambda n: {"floor": str(n)})
    total = [_shown(found.scope, found.total, _("All"), {})] if found.total.arrivals else []
    came = lines(found.ways, lambda way: ways.get(way, way), lambda way: {"came_by": way})
    weeks = lines(found.weeks, fridays.name, lambda week: {"week": fridays.name(week)})
    return [
        Table("floor", _("By floor"), _("Floor"), [*floors, *total]),
        Table("way", _("By how they came"), _("Brought by"), came),
        Table("team", _("By team"), _("Team"), lines(found.teams, teams.get, lambda pk: {"team": teams[pk].slug})),
        Table("channel", _("By channel"), _("Channel"), lines(found.channels, channels.get, by_channel)),
        Table("week", _("By week"), _("Week"), weeks),
    ]


def _shown(scope: Scope, line: Line, name: str, narrow: dict[str, str]) -> Shown:
    cells = [Cell(_("Arrived"), line.arrivals, "", address(scope, "stays", **narrow))]
    words = fate_words()
    cells += [
        Cell(words[fate], line.fates[fate], percent(line.share(fate)), address(scope, "stays", **narrow, fate=fate))
        for fate in FATES
    ]
    late = line.passed / line.arrivals if line.arrivals else None
    passed = Cell(_("Deadline passed"), line.passed, percent(late), address(scope, "stays", **narrow, passed="yes"))
    shown = line.arrivals > 0
    return Shown(
        name, line, cells, duration(line.worked) if shown else NONE, duration(line.mean) if shown else NONE, passed
    )


def owners(rows: list[OwnerTime]) -> list[dict]:
    """Name the people, longest time first on each floor."""
    people = {person.pk: str(person) for person in User.objects.filter(pk__in=[row.owner for row in rows if row.owner])}
    named = {None: _("nobody yet"), 0: _("everybody else")} | people
    return [
        {
            "floor": row.floor,
            "name": named.get(row.owner, NONE),
            "stays": row.stays,
            "worked": duration(row.lasted - row.waited),
            "waited": duration(row.waited),
        }
        for row in sorted(rows, key=lambda row: (row.floor, -(row.lasted - row.waited)))
    ]


def requests(found: Review) -> list[dict]:
    """Name the kinds of request, each count with its list."""
    kinds, states = dict(Approval.Kind.choices), dict(Approval.State.choices)
    lines = []
    for line in found.requests:
        counts = [(str(states[state]), line.states.get(state, 0), {"state": state}) for state in states]
        counts += [(_("late"), line.late, {"late": "yes"}), (_("owed"), line.owed, {"owed": "yes"})]
        lines.append(
            {
                "name": str(kinds.get(line.kind, line.kind)),
                "kind": line.kind,
                "cells": [
                    Cell(_("Asked"), line.asked, "", address(found.scope, "requests", kind=line.kind)),
                    *(
                        Cell(name, count, "", address(found.scope, "requests", kind=line.kind, **narrow))
                        for name, count, narrow in counts
                    ),
                ],
            }
        )
    return lines


def request_columns() -> list[str]:
    return [_("Asked"), *(str(label) for _state, label in Approval.State.choices), _("late"), _("owed")]


def risks(found: Review) -> list[dict]:
    """Name the triggers, each count with its list."""
    names = dict(Trigger.objects.order_by("version").values_list("slug", "name"))
    lines = []
    for line in found.flags:
        narrow = {"trigger": line.trigger} if line.trigger else {}
        lines.append(
            {
                "name": names.get(line.trigger, line.trigger or _("no rule")),
                "slug": line.trigger or "",
                "share": percent(line.share),
                "cells": [
                    Cell(_("Flagged"), line.raised, "", address(found.scope, "risks", **narrow)),
                    Cell(_("by hand"), line.by_hand, "", address(found.scope, "risks", **narrow, by_hand="yes")),
                    Cell(_("on Floor 3"), line.reached, "", address(found.scope, "risks", **narrow, reached="yes")),
                ],
            }
        )
    return lines


def percent(share: float | None) -> str:
    return NONE if share is None else f"{number_format(round(share * 100))} %"
