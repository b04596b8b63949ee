"""Search: one page with a tab for each kind of thing, and the lines that the palette asks for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalation import access
from escalation.search import hits, operators, run
from escalation.search.asked import number_in
from escalation.search.kinds import CUSTOMERS, DECISIONS, KINDS, MESSAGES, SCRIPTS, TICKETS
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Invalid
from tickets.sorting import BY_NAME

IN_PALETTE = {TICKETS: 6, CUSTOMERS: 3, SCRIPTS: 3}
"""How many of each kind the palette shows; the rest is on the page."""

_PEOPLE_IN_PALETTE = 3
_SHORTEST = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    count: str
    url: str
    current: bool


@dataclass(frozen=True)
class Chip:
    """One operator in force, with the address without it."""

    text: str
    without: str


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what was found of one kind, and how much of each; `#4012` goes to that ticket."""
    text = request.GET.get("q", "").strip()
    number = number_in(text)
    if number is not None and access.can_see(request.user, number):
        return redirect("desk:ticket", number)
    kind = request.GET.get("kind", TICKETS)
    kind = kind if kind in KINDS else TICKETS
    context = {"text": text, "kind": kind, "help": operators.HELP.values(), "label": KINDS[kind].label}
    if not text:
        return render(request, "desk/search.html", context)
    page, now = _place(request)
    try:
        search = run.begin(request.user, text, now=now)
    except Invalid as refusal:
        return render(request, "desk/search.html", context | {"problem": refusal.detail}, status=400)
    found = search.page(kind, page)
    counts = search.counts
    context |= {
        "text": search.asked.text,
        "found": [(line, _address(line)) for line in found],
        "silent": search.words.silent and not search.asked.operators,
        "tabs": [_tab(name, counts, search.asked.text, kind) for name in KINDS],
        "chips": [Chip(o.text, _page(search.asked.without(o), kind)) for o in search.asked.operators],
        "given_up": search.finding.given_up,
        "meant": run.meant(request.user, text, now=now) if not found and page == 1 and kind == TICKETS else "",
        "elsewhere": any(count.number for name, count in counts.items() if name != kind),
        "next_url": _page(text, kind, page + 1, now) if search.has_page(kind, page + 1) else "",
        "previous_url": _page(text, kind, page - 1, now) if page > 1 else "",
    }
    if context["meant"]:
        context["meant_url"] = _page(context["meant"], kind)
    return render(request, "desk/search.html", context)


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """Show the lines of the palette for what is typed, the best of some kinds and colleagues; without `q` its frame."""
    if "q" not in request.GET:
        return render(request, "desk/parts/palette_box.html")
    text = request.GET.get("q", "").strip()
    groups: list[tuple[str, list[tuple[str, str, str]]]] = []
    problem = ""
    number = number_in(text)
    if number is not None and access.can_see(request.user, number):
        groups.append((_("Tickets"), [(f"#{number}", "", reverse("desk:ticket", args=[number]))]))
    elif len(text) >= _SHORTEST:
        try:
            search = run.begin(request.user, text, now=database_now())
        except Invalid as refusal:
            problem = refusal.detail
        else:
            for kind, most in IN_PALETTE.items():
                lines = [_line(found) for found in search.page(kind, size=most)]
                groups.append((KINDS[kind].label, lines))
            groups.append((_("Colleagues"), _colleagues(request.user, text)))
    return render(
        request,
        "desk/parts/palette.html",
        {"groups": [(label, lines) for label, lines in groups if lines], "text": text, "problem": problem},
    )


def _place(request: HttpRequest) -> tuple[int, datetime]:
    """Return the page asked for and when the search was begun; what makes no sense is the beginning, now."""
    now = database_now()
    page, begun = request.GET.get("page", ""), request.GET.get("begun", "")
    if not (page.isascii() and page.isdigit() and len(page) < 4 and begun.isascii() and begun.isdigit()):
        return 1, now
    if len(begun) > 16:
        return 1, now
    return max(1, int(page)), min(now, _EPOCH + timedelta(microseconds=int(begun)))


def _page(text: str, kind: str, page: int = 1, begun: datetime | None = None) -> str:
    query: dict[str, str | int] = {"q": text}
    if kind != TICKETS:
        query["kind"] = kind
    if page > 1 and begun:
        query |= {"page": page, "begun": (begun - _EPOCH) // timedelta(microseconds=1)}
    return f"{reverse('desk:search')}?{urlencode(query)}"


def _tab(name: str, counts: dict, text: str, kind: str) -> Tab:
    return Tab(name, str(KINDS[name].label), str(counts[name]), _page(text, name), name == kind)


def _address(line: hits.Found) -> str:
    """Return where a line leads."""
    if line.slug:
        return reverse("desk:knowledge_text", args=[line.slug])
    if line.kind == MESSAGES:
        return f"{reverse('desk:ticket', args=[line.ticket])}#m{line.pk}"
    if line.kind == DECISIONS:
        return reverse("desk:case_file", args=[line.ticket])
    if line.kind == CUSTOMERS:
        return _page(f"customer:{_plain(line.excerpt)}", TICKETS)
    return reverse("desk:ticket", args=[line.ticket]) if line.ticket else ""


def _line(line: hits.Found) -> tuple[str, str, str]:
    """Return title, what stands beside it, and address for the palette."""
    title = f"#{line.ticket} {_plain(line.title)}" if line.ticket else _plain(line.title)
    beside = ", ".join(line.facts) or _plain(line.excerpt)
    return title, beside, _address(line)


def _colleagues(user: User, text: str) -> list[tuple[str, str, str]]:
    if not user.roles:
        return []
    people = User.objects.filter(is_active=True, name__icontains=text).order_by(*BY_NAME)[:_PEOPLE_IN_PALETTE]
    return [(str(person), _("their tickets"), _page(f"owner:{person.email}", TICKETS)) for person in people]


def _plain(parts: hits.excerpt.Parts) -> str:
    return "".join(text for text, _marked in parts)
