"""Views of the queue that people keep: their own, and those that a supervisor makes for a team."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from helpdesk.models import SavedView
from tickets.models import Team, User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound
from tickets.roles import ADMIN, SUPERVISOR
from tickets.texts import clean_line

MOST = 20
"""Views that one person, or one team, may keep: their tickets are counted on every page."""


def of(user: User) -> QuerySet[SavedView]:
    """Return what USER finds below the built-in views: those of their teams, then their own."""
    return SavedView.objects.filter(Q(owner=user) | Q(team__in=user.teams.all())).select_related("team")


def manages_teams(user: User) -> bool:
    """Whether USER makes and changes the views of teams."""
    return user.has_role(SUPERVISOR, ADMIN)


def managed(user: User) -> QuerySet[SavedView]:
    """Return the views that USER may change."""
    teams = Q(team__isnull=False) if manages_teams(user) else Q()
    return SavedView.objects.filter(Q(owner=user) | teams).select_related("team")


def get(user: User, pk: int) -> SavedView:
    """Return a view that USER may change; what is seen but not theirs is refused in words."""
    view = managed(user).filter(pk=pk).first()
    if view:
        return view
    if of(user).filter(pk=pk).exists():
        raise NotAllowed(_("Views of a team are changed by its supervisors."), code="role")
    raise NotFound(_("There is no such view of yours."), code="not_found")


def save(user: User, *, name: str, query: str, team: Team | None = None) -> SavedView:
    """Keep QUERY under NAME for USER, or for TEAM when a supervisor says so."""
    if team and not manages_teams(user):
        raise NotAllowed(_("Views for a team are made by supervisors."), code="role")
    of_whom = {"team": team} if team else {"owner": user}
    others = SavedView.objects.filter(**of_whom)
    if others.count() >= MOST:
        raise Conflict(_("There are %(n)s views already; delete one first.") % {"n": MOST}, code="too_many")
    if len(query) > 1000:
        raise Invalid(_("These filters are too long to keep."), code="too_long", field="query")
    last = others.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    fields = of_whom | {"name": _name(name), "query": query, "position": position}
    return _once(lambda: SavedView.objects.create(**fields))


def update(user: User, pk: int, *, query: str) -> SavedView:
    """Put other filters under the same name."""
    view = get(user, pk)
    view.query = query
    view.save(update_fields=["query"])
    return view


def rename(user: User, pk: int, *, name: str) -> None:
    view = get(user, pk)
    view.name = _name(name)
    _once(lambda: view.save(update_fields=["name"]))


def move(user: User, pk: int, *, up: bool) -> None:
    """Let the view and its neighbour change places; at the end of the list nothing happens."""
    view = get(user, pk)
    with transaction.atomic():
        of_whom = {"owner": view.owner_id, "team": view.team_id}
        row = list(SavedView.objects.select_for_update().filter(**of_whom).order_by("position", "id"))
        here = next((place for place, other in enumerate(row) if other.pk == pk), None)
        there = None if here is None else here + (-1 if up else 1)
        if there is None or not 0 <= there < len(row):
            return
        row[here], row[there] = row[there], row[here]
        for position, other in enumerate(row):
            other.position = position
        SavedView.objects.bulk_update(row, ["position"])


def delete(user: User, pk: int) -> None:
    get(user, pk).delete()


def _name(name: str) -> str:
    return clean_line(name, field="name", limit=60, required=True)


def _once(write: Callable[[], SavedView | None]) -> SavedView | None:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as error:
        raise Conflict(_("There is a view of that name already."), code="name_taken", field="name") from error
