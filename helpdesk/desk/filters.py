"""What the queue can be narrowed by: a plain GET form. What it does not understand is shown, and can be taken away."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from escalation import access, overview
from escalation.models import Macro
from escalation.search import run
from policies.folding import fold
from policies.risks import Risk
from tickets.models import Category, Channel, Tag, Team, User

OWN = {"view", "ordering", "after", "before", "stamp", "saved", "tick", "p", "more"}
"""Parameters of the page itself."""

_NARROWS = {"age": "created_before"}
"""What a list of the form is called where tickets are narrowed by it, if not by its own name."""

KEY = "desk-filter-names"

FRESH_FOR = 30
"""Seconds for which the names in the form's lists are kept; a new tag or colleague shows up after that."""


@dataclass(frozen=True)
class Chip:
    """One filter in force, or one that means nothing, with the address without it."""

    name: str
    label: str
    value: str
    without: str
    known: bool = True


@dataclass(frozen=True)
class Select:
    """One list of the form."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str = ""


@dataclass
class Filters:
    """What was asked for: `wanted` is what `escalation` narrows by; chips are for the eye."""

    wanted: dict = field(default_factory=dict)
    chips: list[Chip] = field(default_factory=list)
    selects: list[Select] = field(default_factory=list)
    text: str = ""

    @property
    def active(self) -> bool:
        return bool(self.wanted)

    @property
    def teams(self) -> list[tuple[str, str]]:
        return next(select.options for select in self.selects if select.name == "team")

    @property
    def in_more(self) -> int:
        """How many filters are set in the folded part of the form."""
        return sum(1 for select in self.selects[3:] if select.chosen)


def read(params: QueryDict, user: User) -> Filters:
    """Read the form. A value that is not in its list is kept as a chip that says so."""
    filters = Filters()
    lists = _lists(user)
    for name, (label, options) in lists.items():
        value = params.get(name, "")
        known = dict(options)
        filters.selects.append(Select(name, label, options, value if value in known else ""))
        if value and value in known:
            filters.wanted[_NARROWS.get(name, name)] = _meaning(name, value, user)
            filters.chips.append(Chip(name, label, known[value], _without(params, name)))
        elif value:
            filters.chips.append(Chip(name, label, value, _without(params, name), known=False))
    filters.text = " ".join(params.get("q", "").replace("\x00", "").split())[:200]
    if filters.text and (problem := run.problem(user, filters.text, now=timezone.now())):
        filters.chips.append(Chip("q", _("Text"), problem, _without(params, "q"), known=False))
    elif filters.text:
        filters.wanted["q"] = filters.text
        filters.chips.append(Chip("q", _("Text"), filters.text, _without(params, "q")))
    for name in params:
        if name not in OWN and name not in lists and name != "q":
            filters.chips.append(Chip(name, name, params[name], _without(params, name), known=False))
    return filters


def _meaning(name: str, value: str, user: User) -> str | int | datetime:
    if name == "assignee" and value == "me":
        return user.email
    if name == "age":
        return timezone.now() - timedelta(days=int(value))
    return int(value) if name == "floor" else value


def _without(params: QueryDict, name: str) -> str:
    left = params.copy()
    for gone in (name, "after", "before", "stamp"):
        left.pop(gone, None)
    return f"?{left.urlencode()}" if left else "?"


def _lists(user: User) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    named, people = _names()
    owners = [("me", _("Me")), ("none", _("Nobody")), *((email, name) for email, name in people if email != user.email)]
    statuses = {
        overview.OPEN: _("Clock running"),
        overview.PENDING: _("Waiting for customer"),
        overview.RESOLVED: pgettext("tickets", "Resolved"),
        overview.CLOSED: _("Closed by the customer"),
    }
    return {
        "floor": (_("Floor"), [(str(floor), _("Floor %(n)s") % {"n": floor}) for floor in (1, 2, 3)]),
        "status": (_("Status"), list(statuses.items())),
        "assignee": (pgettext("of a ticket", "Owner"), owners),
        "team": (_("Team"), named["team"]),
        "channel": (_("Channel"), named["channel"]),
        "category": (_("Category"), named["category"]),
        "tag": (_("Tag"), named["tag"]),
        "language": (_("Language"), [(code.split("-")[0], name) for code, name in settings.LANGUAGES]),
        "age": (_("Age"), [(str(days), _older(days)) for days in (1, 3, 7, 30)]),
        "risk": (_("Risk"), [(value, str(label)) for value, label in Risk.choices]),
        "held": (_("Hold"), [("true", _("On hold")), ("false", _("Not on hold"))]),
    }


def _older(days: int) -> str:
    return ngettext("older than %(n)s day", "older than %(n)s days", days) % {"n": days}


def _names() -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    found = cache.get(KEY)
    if found is None:
        found = read_names()
        cache.set(KEY, found, FRESH_FOR)
    return found


def read_names() -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Read what the lists of the desk name: (slug, name) by kind, and (e-mail, name) of who works on tickets."""
    kinds = {"team": Team, "channel": Channel, "category": Category, "tag": Tag}
    lists = [
        model.objects.order_by().annotate(kind=Value(kind)).values_list("kind", "slug", "name")
        for kind, model in kinds.items()
    ]
    workers = User.objects.filter(is_active=True, groups__name__in=access.WORKERS[1]).order_by().distinct()
    called = Coalesce(NullIf("name", Value("")), "email", output_field=CharField())
    offered = Macro.objects.filter(is_offered=True).order_by().annotate(kind=Value("macro"))
    lists.append(offered.values_list("kind", "slug", "name"))
    lists.append(workers.annotate(kind=Value("person"), called=called).values_list("kind", "email", "called")[:200])
    named: dict[str, list[tuple[str, str]]] = {kind: [] for kind in (*kinds, "macro", "person")}
    rows = lists[0].union(*lists[1:], all=True)
    for kind, key, name in sorted(rows, key=lambda row: (fold(row[2]), row[1])):
        named[kind].append((key, name))
    people = named.pop("person")
    return named, people
