"""What a page of the scorecard is asked for: which week, which edition, whose figures."""

from dataclasses import dataclass
from datetime import date
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from metrics import fridays
from metrics.models import Scorecard
from metrics.scorecard import Sheet, read, weeks
from tickets.clock import database_now
from tickets.models import Team
from tickets.refusals import NotAllowed, NotFound


@dataclass(frozen=True)
class Asked:
    """A week, an edition (None: the newest, or the draft) and a team (None: everybody)."""

    week: date
    edition: int | None
    team: Team | None

    @property
    def query(self) -> str:
        """The same as a query string."""
        parts = {"week": fridays.name(self.week)}
        if self.edition:
            parts["edition"] = str(self.edition)
        if self.team:
            parts["team"] = self.team.slug
        return urlencode(parts)

    def sheet(self) -> Sheet:
        return read(self.week, self.edition, self.team)


def staff_only(view):
    """Let in whoever has a role: everybody on the staff reads the scorecard (P8)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs):
        if not request.user.roles:
            raise NotAllowed(_("The scorecard is for the staff."), code="role")
        return view(request, *args, **kwargs)

    return guarded


def asked(parameters: QueryDict) -> Asked:
    """Read the parameters of an address or a form; without a week it is the one that runs."""
    name = parameters.get("week", "")
    week = fridays.parse(name) if name else fridays.of(database_now())
    edition = parameters.get("edition", "")
    if edition and not (edition.isascii() and edition.isdigit() and len(edition) < 5):
        raise NotFound(_("There is no such edition."), code="not_found")
    slug = parameters.get("team", "")
    team = Team.objects.filter(slug=slug[:60]).first() if slug else None
    if slug and team is None:
        raise NotFound(_("There is no such team."), code="not_found")
    return Asked(week, int(edition) if edition else None, team)


def latest_published() -> Scorecard | None:
    return next(iter(weeks()), None)
