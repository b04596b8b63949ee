"""Saved views: their places in the navigation with what stands in each, and the page that keeps them in order."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalation import overview
from escalation.api.filters import narrow
from helpdesk import saved_views
from helpdesk.desk import filters, views
from helpdesk.desk.counts import sizes
from helpdesk.models import SavedView
from tickets.models import Team, User
from tickets.refusals import Invalid, Refusal

FRESH_FOR = 15
"""Seconds for which a person's views and their counts are kept; their own changes show at once."""

_KEPT = {"view", "ordering", "q"}


@dataclass(frozen=True)
class Entry:
    """One saved view as the navigation shows it; `count` is None where counting would cost too much."""

    pk: int
    name: str
    url: str
    team: str
    count: int | None


def entries(user: User) -> list[Entry]:
    """Return the views of USER with their counts: one query for the names, one for all counts, seldom."""
    found = cache.get(_key(user))
    if found is None:
        kept = list(saved_views.of(user))
        counts = _counts(kept, user)
        found = [Entry(v.pk, v.name, address(v), v.team.name if v.team_id else "", counts.get(v.pk)) for v in kept]
        cache.set(_key(user), found, FRESH_FOR)
    return found


def address(view: SavedView) -> str:
    """Return where VIEW leads: the queue with its filters written out, so that the link can be passed on."""
    return f"{reverse('desk:queue')}?{view.query}{'&' if view.query else ''}{urlencode({'saved': view.pk})}"


def query_of(params: QueryDict, asked: filters.Filters) -> str:
    """Return what of PARAMS is worth keeping: the view, the order and the filters that mean something."""
    kept = {name: params[name] for name in params if name in _KEPT or name in asked.wanted}
    return urlencode({name: value for name, value in sorted(kept.items()) if value})


def opening(user: User) -> str:
    """Return the page on which the desk opens for USER."""
    queue = reverse("desk:queue")
    chosen = user.start_view
    if chosen.startswith("saved-"):
        return next((entry.url for entry in entries(user) if f"saved-{entry.pk}" == chosen), queue)
    return f"{queue}?view={chosen}" if chosen in views.VIEWS and chosen else queue


def choices(user: User) -> list[tuple[str, str]]:
    """Return the views that the desk can open with, as pairs of value and name."""
    built_in = [(slug, str(view.name)) for slug, view in views.VIEWS.items()]
    return built_in + [(f"saved-{entry.pk}", entry.name) for entry in entries(user)]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List the views that this person may change; keep the filters that were sent from the queue."""
    if request.method == "POST":
        return _keep(request)
    kept = list(saved_views.managed(request.user))
    rows = [
        {"view": view, "url": address(view), "team": view.team, "form": f"view-{view.pk}"}
        for view in sorted(kept, key=lambda view: (view.team is not None, str(view.team or ""), view.position, view.pk))
    ]
    chosen = request.user.start_view
    return render(request, "desk/saved.html", {"rows": rows, "chosen": chosen, "choices": choices(request.user)})


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a view, move it, delete it."""
    do = request.POST.get("do", "")
    try:
        if do == "rename":
            saved_views.rename(request.user, pk, name=request.POST.get("name", ""))
        elif do in {"up", "down"}:
            saved_views.move(request.user, pk, up=do == "up")
        elif do == "delete":
            saved_views.delete(request.user, pk)
            messages.success(request, _("Deleted. Its tickets stay where they are."))
        else:
            raise Invalid(_("Choose what to do with the view."), code="unknown", field="do")
    except Refusal as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.error(request, str(refusal.detail))
    cache.delete(_key(request.user))
    return redirect("desk:views")


@require_POST
def open_with(request: HttpRequest) -> HttpResponse:
    """Choose the view with which the desk opens."""
    wanted = request.POST.get("view", "")
    if wanted not in dict(choices(request.user)):
        raise Invalid(_("There is no such view any more."), code="unknown", field="view")
    User.objects.filter(pk=request.user.pk).update(start_view=wanted)
    messages.success(request, _("The desk opens there from now on."))
    return redirect("desk:views")


class KeepForm(forms.Form):
    """What the queue's form sends: the filters on the page, a name, and for whom; `saved` puts them into that view."""

    name = forms.CharField(required=False, max_length=200)
    query = forms.CharField(required=False, max_length=4000)
    team = forms.ModelChoiceField(Team.objects.all(), to_field_name="slug", required=False)
    saved = forms.IntegerField(required=False)


def _keep(request: HttpRequest) -> HttpResponse:
    form, user = KeepForm(request.POST), request.user
    if not form.is_valid():
        raise Invalid(_("These filters could not be read. Filter again and save then."), code="invalid")
    data = form.cleaned_data
    params = QueryDict(data["query"].removeprefix("?"))
    query = query_of(params, filters.read(params, user))
    try:
        if data["saved"]:
            view = saved_views.update(user, data["saved"], query=query)
        else:
            view = saved_views.save(user, name=data["name"], query=query, team=data["team"])
    except Refusal as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.error(request, str(refusal.detail))
        return redirect(f"{reverse('desk:queue')}?{query}")
    cache.delete(_key(user))
    messages.success(request, _("“%(name)s” is kept with these filters.") % {"name": view.name})
    return redirect(address(view))


def _key(user: User) -> str:
    return f"saved-views:{user.pk}"


def _counts(kept: list[SavedView], user: User) -> dict[int, int]:
    """Count all views in one query. A text, or what is resolved, would be too much to count."""
    lists = {}
    for view in kept:
        params = QueryDict(view.query)
        asked = filters.read(params, user)
        slug = params.get("view", "")
        wide = slug in {"closed", "all"} or asked.wanted.get("status") in {overview.RESOLVED, overview.CLOSED}
        if wide or "q" in asked.wanted or slug not in views.VIEWS:
            continue
        lists[view.pk] = narrow(views.in_view(overview.tickets(user), views.VIEWS[slug], user), asked.wanted, user=user)
    return sizes(lists)
