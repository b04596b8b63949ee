"""The queue: one line per ticket, the most urgent first; taking the next one; giving ticked ones to oneself."""

import hashlib

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap

from escalation import access, assignment, bulk, overview
from escalation.api.filters import narrow
from escalation.search.asked import number_in
from helpdesk import presence, saved_views
from helpdesk.desk import bulk as many
from helpdesk.desk import filters, paging, rows, saved, views
from helpdesk.desk.counts import COUNT_CAP, nav_counts
from helpdesk.desk.lines import Lines
from tickets.models import Ticket, User

LAST_VIEW = "desk_view"
"""Cookie with the query string of the list that was shown last."""

LONGEST_VIEW = 1000


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a view of the queue; asked again with the `stamp` of what is on screen, say 204 when nothing changed."""
    user = request.user
    asked = filters.read(request.GET, user)
    if number := _jump(asked.text, user):
        return redirect("desk:ticket", number)
    slug = view_of(request.GET, asked)
    view = views.VIEWS[slug]
    tickets, order = listed(request.GET, asked, view, user)
    keys = paging.read(tickets, order, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    stamp = _stamp(keys)
    fragment = bool(request.htmx and "stamp" in request.GET)
    shown = [number for number, _version, _time in keys.rows]
    present = presence.at(shown, user)
    there, were = presence.words(present), request.GET.get("p", "")
    now = timezone.now()
    drawn = Lines(now, ticked=request.GET.get("tick") == "all", present=present)
    if fragment and request.GET["stamp"] == stamp:
        if there == were:
            return HttpResponse(status=204)
        lines = [drawn.draw_present(number) for number in shown]
        return reswap(render(request, "desk/parts/here.html", {"there": there, "lines": lines, "oob": True}), "none")
    context = {
        "rows": [drawn.draw(row) for row in rows.read(shown, now, user)],
        "there": there,
        "keys": keys,
        "view": view,
        "slug": slug,
        "filters": asked,
        "total": _total(tickets, keys) if asked.active else _total_of_view(slug, user) or _total(tickets, keys),
        "by_chance": order is views.BY_CHANCE,
        "poll": _address(request, stamp=stamp),
        "next_url": _address(request, after=keys.next) if keys.next else "",
        "previous_url": _address(request, before=keys.previous) if keys.previous else "",
        "mine_at_risk": nav_counts(user).get("mine_at_risk", 0),
        "works": user.has_role(*access.WORKERS[1]),
        "here": _address(request),
        "tick_all": _address(request, tick="all"),
        "acts": [(value, label, many.KEYS.get(value)) for value, label in bulk.Act.choices],
        "more": "more" in request.GET,
        "fragment": fragment,
        "now": now,
    }
    if not fragment:
        context |= _keeping(request, asked)
    response = render(request, "desk/parts/rows.html" if fragment else "desk/queue.html", context)
    if not fragment:
        # Where "next in the view" leads from a ticket: whatever list this browser showed last.
        response.set_cookie(LAST_VIEW, _address(request)[:LONGEST_VIEW], httponly=True, samesite="Lax")
    return response


def last_list(request: HttpRequest) -> str:
    """Return the address of the list that this browser showed last."""
    query = request.COOKIES.get(LAST_VIEW, "")[:LONGEST_VIEW].removeprefix("?")
    return reverse("desk:queue") + (f"?{query}" if query else "")


def listed(params: QueryDict, asked: filters.Filters, view: views.View, user: User) -> tuple[QuerySet, paging.Order]:
    """Return the tickets of a view, narrowed as asked, and their order."""
    tickets = narrow(views.in_view(overview.tickets(user), view, user), asked.wanted, user=user)
    order = views.BY_CHANCE if params.get("ordering") == "risk" else view.order
    return (views.with_chance(tickets) if order is views.BY_CHANCE else tickets), order


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Give the most urgent ticket that nobody has to the person who asks, and open it."""
    number = assignment.take_next(actor=request.user)
    if number is None:
        messages.info(request, _("Nothing waits for you: every ticket on your floors has an owner."))
        return redirect("desk:queue")
    messages.success(request, _("#%(number)s is yours now.") % {"number": number})
    return redirect("desk:ticket", number)


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked tickets to the person who asks, each by itself, and say what happened to the others."""
    numbers = many.read_numbers(request)[: bulk.AT_MOST]
    outcomes = bulk.carry_out(numbers, actor=request.user, act=bulk.Act.TAKE) if numbers else []
    if done := sum(one.outcome != "skipped" for one in outcomes):
        words = ngettext("%(count)s ticket is yours now.", "%(count)s tickets are yours now.", done)
        messages.success(request, words % {"count": done})
    for one in outcomes:
        if one.outcome == "skipped":
            messages.warning(request, f"#{one.number}: {one.why}")
    if not numbers:
        messages.info(request, _("Tick the tickets that you want first."))
    return redirect(many.way_back(request))


def _keeping(request: HttpRequest, asked: filters.Filters) -> dict:
    """Return what the page says of the saved view it shows, and for whom its filters may be kept."""
    kept = next((view for view in saved.entries(request.user) if str(view.pk) == request.GET.get("saved")), None)
    query = saved.query_of(request.GET, asked)
    return {
        "kept": kept,
        "kept_changed": bool(kept) and QueryDict(kept.url.partition("?")[2]) != QueryDict(f"{query}&saved={kept.pk}"),
        "query": query,
        "may_keep_for_teams": saved_views.manages_teams(request.user),
    }


def view_of(params: QueryDict, asked: filters.Filters) -> str:
    """Return the view that an address names, or means by what it asks for."""
    slug = params.get("view", "")
    if slug not in views.VIEWS:
        slug = ""
    # Who searches, or asks for what is resolved, means all tickets unless they named a view.
    wide = "q" in asked.wanted or asked.wanted.get("status") in {overview.RESOLVED, overview.CLOSED}
    return "all" if not slug and wide else slug


def _jump(text: str, user: User) -> int | None:
    """Return the ticket that '#4012' names, when this person may see it."""
    number = number_in(text)
    return number if number is not None and access.can_see(user, number) else None


def _stamp(keys: paging.Keys) -> str:
    """Return a word for what is on the page: any event of one of its tickets, and any other order, changes it."""
    return hashlib.sha256(repr([(number, version) for number, version, _time in keys.rows]).encode()).hexdigest()[:16]


def _total(tickets: QuerySet[Ticket], keys: paging.Keys) -> str:
    """Return how many tickets the view has, counted to 1000."""
    if not keys.next and not keys.previous:
        return str(len(keys.rows))
    return counted(tickets)


def counted(tickets: QuerySet[Ticket], more: int = 0) -> str:
    """Return how many TICKETS there are, and MORE, counted to 1000."""
    count = tickets.order_by().values("pk")[: COUNT_CAP + 1].count() + more
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def _total_of_view(slug: str, user: User) -> str:
    """Return the total that the navigation shows for the view, so that both agree; '' where it counts none."""
    count = nav_counts(user).get({"": "open", "floor": ""}.get(slug, slug))
    return "" if count is None else f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def _address(request: HttpRequest, **changes: str) -> str:
    """Return this page's query string with CHANGES; a change of page forgets the place and the stamp."""
    params = request.GET.copy()
    for passing in ("stamp", "tick", "p", "more"):
        params.pop(passing, None)
    if "after" in changes or "before" in changes:
        params.pop("after", None)
        params.pop("before", None)
    for name, value in changes.items():
        params[name] = value
    return f"?{params.urlencode()}"
