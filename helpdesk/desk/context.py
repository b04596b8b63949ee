"""What the shell of every page needs: server time, theme, roles, and the navigation with its counts."""

import time
from dataclasses import dataclass
from functools import cache, cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from escalation.access import WORKERS
from helpdesk import health, icons, undelivered
from helpdesk.desk import saved
from helpdesk.desk.counts import COUNT_CAP, nav_counts
from helpdesk.desk.views import home_floors
from helpdesk.notifications import inbox
from tickets import duty, roles, step_up
from tickets.roles import LABELS

ENDS_SOON = 120
"""Seconds before the end of a sign-in at which pages warn of it (WCAG 2.2.1)."""


@dataclass(frozen=True)
class Link:
    """One entry of the side navigation; `alarm` paints a count above zero as late."""

    label: str
    url: str
    icon: str
    key: str = ""
    count: int | None = None
    alarm: bool = False
    current: bool = False

    def draw(self) -> str:
        label, count = escape(self.label), ""
        key = f' data-key="{self.key}"' if self.key else ""
        if self.count:
            shown = f"{COUNT_CAP}+" if self.count > COUNT_CAP else self.count
            count = f' <span class="count{" is-late" if self.alarm else ""}">{shown}</span>'
        here = ' aria-current="page"' if self.current else ""
        return f'<li><a href="{escape(self.url)}"{here}{key}><svg>{icons.use(self.icon)}</svg> {label}{count}</a>\n'


@dataclass(frozen=True)
class Group:
    label: str
    links: list[Link]

    @property
    def drawn(self) -> SafeString:
        """The links as items of a list; as a template, they took longer than all else around a page."""
        return mark_safe("".join(link.draw() for link in self.links))


class Shell:
    """Everything about the frame of a page. Nothing is asked of the database until a template uses it."""

    def __init__(self, request: HttpRequest):
        self._request = request
        self.server_now = f"{timezone.now().timestamp():.3f}"

    @cached_property
    def _user(self):
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def ends_in(self) -> int:
        """Seconds until the sign-in is nearly over and the page says so; 0 for a sign-in that is not of a browser."""
        proof = step_up.last_proof(self._request) if self._user else 0
        return max(int(proof + settings.SESSION_COOKIE_AGE - ENDS_SOON - time.time()), 1) if proof else 0

    @property
    def renew(self) -> str:
        """Where the password is given again, which then leads back here."""
        return f"{_url('account_reauthenticate')}?{urlencode({'next': self._request.get_full_path()})}"

    @cached_property
    def theme(self) -> str:
        return self._user.theme if self._user else "system"

    @property
    def theme_is_system(self) -> bool:
        return self.theme == "system"

    @property
    def theme_is_light(self) -> bool:
        return self.theme == "light"

    @property
    def theme_is_dark(self) -> bool:
        return self.theme == "dark"

    @cached_property
    def density(self) -> str:
        return self._user.density if self._user else "roomy"

    @cached_property
    def shortcuts(self) -> bool:
        return self._user.shortcuts if self._user else False

    @cached_property
    def takes_work(self) -> bool:
        """Whether tickets can be given to this person, so that being on duty means something."""
        return bool(self._user) and self._user.has_role(*WORKERS[1])

    @cached_property
    def on_duty(self) -> bool:
        return self.takes_work and duty.is_on(self._user)

    @cached_property
    def roles(self) -> frozenset[str]:
        return self._user.roles if self._user else frozenset()

    @cached_property
    def role_names(self) -> list[str]:
        return [str(LABELS[role]) for role in roles.ALL if role in self.roles]

    @cached_property
    def initials(self) -> str:
        words = str(self._user or "").split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @cached_property
    def unread(self) -> str:
        """How many notifications wait, as the bell shows it: '' for none, '99+' for very many."""
        return inbox.shown(inbox.unread_count(self._user)) if self._user else ""

    @cached_property
    def clock_fault(self) -> str:
        """What is wrong with the clock, in words for the banner, or ''."""
        since = getattr(self._user, "since_sweep", None)  # as the person was read (see `helpdesk.accounts`)
        return health.clock_fault(since.total_seconds() if since is not None else None) if self._user else ""

    @cached_property
    def nav(self) -> list[Group]:
        """Views of the queue with their counts, then the other pages this person has."""
        if not self._user:
            return []
        return [group for group in (self._views(), self._saved(), self._pages()) if group.links]

    @property
    def opening(self) -> str:
        """Where the desk opens for this person."""
        return saved.opening(self._user)

    @cached_property
    def _counts(self) -> dict[str, int]:
        return nav_counts(self._user)

    def _views(self) -> Group:
        homes = home_floors(self._user)
        counts = self._counts | {"floor": sum(self._counts[f"floor_{floor}"] for floor in homes)}
        views = [
            ("", _("All open"), "inbox-stack", "", "open", False),
            ("mine", _("Mine"), "user", "g m", "mine", False),
            ("floor", _("My floor"), "building-office", "g f", "floor", False),
            ("unassigned", _("Unassigned"), "inbox", "g u", "unassigned", False),
            ("risk", _("Late or nearly"), "exclamation-triangle", "g r", "risk", True),
            ("foresight", _("At risk"), "eye", "", None, False),
            ("waiting", _("Waiting for customer"), "pause", "g w", "waiting", False),
            ("held", _("On hold"), "hand-raised", "g h", "held", False),
            ("owed", _("Sign-off owed"), "pencil-square", "g o", "owed", True),
            ("today", _("Closed today"), "calendar", "g t", "today", False),
            ("closed", pgettext("tickets", "Resolved"), "check-circle", "", None, False),
        ]
        # Views that mean nothing to many; what a deputy owes shows while there is some.
        has = {"floor": homes, "owed": roles.SUPERVISOR in self.roles or counts["owed"]}
        queue = _url("desk:queue")
        here = self._request.path == queue and "saved" not in self._request.GET
        view = self._request.GET.get("view", "")
        return Group(
            _("Tickets"),
            [
                Link(
                    label,
                    f"{queue}?view={slug}" if slug else queue,
                    icon,
                    key,
                    counts.get(count) if count else None,
                    alarm,
                    here and view == slug,
                )
                for slug, label, icon, key, count, alarm in views
                if queue and has.get(slug, True)
            ],
        )

    def _saved(self) -> Group:
        chosen = self._request.GET.get("saved")
        links = [
            Link(
                view.name,
                view.url,
                "users" if view.team else "bookmark",
                count=view.count,
                current=str(view.pk) == chosen,
            )
            for view in saved.entries(self._user)
        ]
        return Group(_("Saved views"), links)

    def _pages(self) -> Group:
        pages = [
            ("desk:approvals", _("Approvals"), "check-badge", "g a", self._counts.get("approvals"), True),
            ("desk:scorecard", _("Scorecard"), "chart-bar", "g s", None, False),
            ("desk:causes", _("Causes"), "wrench-screwdriver", "", None, False),
            ("desk:clocks", _("Clocks"), "clock", "", None, False),
            ("desk:rules", _("Rules"), "bolt", "", None, False),
            ("desk:knowledge", _("Knowledge"), "book-open", "g k", None, False),
            ("desk:policies", _("Policies"), "scale", "g p", None, False),
            ("desk:decisions", _("Decisions"), "archive-box", "", None, False),
        ]
        if self.roles.intersection(undelivered.READERS):
            pages.append(("desk:undelivered", _("Undelivered"), "inbox-arrow-down", "", None, False))
        if roles.ADMIN in self.roles:
            pages.append(("desk:house", _("House"), "cog-6-tooth", "", None, False))
        links = []
        for name, label, icon, key, count, alarm in pages:
            if url := _url(name):
                links.append(Link(label, url, icon, key, count, alarm, self._request.path.startswith(url)))
        return Group(_("Decide and measure"), links)


@cache
def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict:
    """Context processor: `shell` on every page."""
    return {"shell": Shell(request)}
