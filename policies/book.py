"""The policy book: every kind of policy that is drafted and published, with what tells one rule from another.

A kind is added here, and nowhere else, to get drafts, comparison, publication by a second person, history, reminders,
pages, and a file in the exported book.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies import calendars, checks, drafts, floors, terms
from policies.models import (
    ApprovalRule,
    Calendar,
    DecisionRule,
    FloorLimit,
    Policy,
    ResponseTime,
    Retention,
    Right,
    Script,
    Trigger,
    Wording,
)
from tickets.refusals import NotFound


def _nothing(_given) -> None:
    """A kind that needs no more than its columns check themselves."""


def _lock_floors(_columns: dict) -> None:
    for floor in (1, 2, 3):
        floors.lock(floor)


def _has_limits(calendar: Calendar) -> bool:
    return FloorLimit.objects.filter(valid_until__isnull=True, calendar__slug=calendar.slug).exists()


@dataclass(frozen=True)
class Kind:
    """A kind of policy: `names` are the columns that say which rule it is, `says` those that a version may change.

    `check` refuses columns that make no sense together; `lock` serialises writers where the row itself does not;
    `stays` tells whether a rule must always have a successor; `called` are the columns that people know a rule by,
    where its names are for files and citing. `make` builds a version that its columns alone do not tell; `after` is
    done once a version is published. A kind that is `at_once` has no day of its own from which it holds; one with
    `own_drafts` is drafted elsewhere (`policies.drafts`) and only read, exported and looked at again like the others.
    """

    slug: str
    label: str
    model: type[Policy]
    names: tuple[str, ...]
    says: tuple[str, ...]
    check: Callable[[dict], None] = _nothing
    lock: Callable[[dict], None] = _nothing
    stays: Callable[[Policy], bool] = lambda _policy: False
    called: tuple[str, ...] = ()
    make: Callable[[dict, datetime], Policy] | None = None
    after: Callable[[Policy], None] = _nothing
    at_once: bool = False
    own_drafts: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names + self.says

    def versions(self, columns: dict) -> QuerySet[Policy]:
        """Return all versions of the rule that COLUMNS name."""
        return self.model.objects.filter(**{name: columns[name] for name in self.names})

    def current(self) -> QuerySet[Policy]:
        """Return the last version of each rule: in force, or coming."""
        return self.versions_whole().filter(valid_until__isnull=True)

    def standing(self, now: datetime) -> QuerySet[Policy]:
        """Return every version that holds at NOW or is to hold later."""
        return self.versions_whole().standing(now)

    def versions_whole(self) -> QuerySet[Policy]:
        """Return every version with the rows that it refers to."""
        rows = [field.name for field in self.model._meta.fields if field.many_to_one]
        return self.model.objects.select_related(*rows)

    def key(self, columns: dict) -> str:
        """Return which rule it is, in one line that no other rule of the kind has."""
        written = terms.write({name: columns[name] for name in self.names})
        return ", ".join(str(written.get(name, "*")) for name in self.names)[:250]

    def read(self, written: dict) -> dict:
        """Return plain data as checked columns, or refuse it in words."""
        columns = terms.read(self.model, self.columns, written)
        self.check(columns)
        return columns

    def made(self, columns: dict, now: datetime) -> Policy:
        """Return a version of checked COLUMNS that is not stored yet."""
        return self.make(columns, now) if self.make else self.model(**columns)

    def write(self, policy: Policy) -> dict:
        """Return what a version says as plain data."""
        return terms.write(terms.of(policy, self.columns))


def kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise NotFound(_("There is no such kind of policy."), code="not_found")
    return KINDS[slug]


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "calendars",
            gettext_lazy("Calendars"),
            Calendar,
            names=("slug",),
            says=("name", "zone", "week", "country", "subdivision", "closures"),
            check=calendars.check,
            lock=_lock_floors,
            stays=_has_limits,
            called=("name",),
            make=calendars.made,
            after=lambda calendar: floors.follow(calendar, actor=calendar.created_by, now=calendar.valid_from),
            at_once=True,
        ),
        Kind(
            "floor-limits",
            gettext_lazy("Clocks of the floors"),
            FloorLimit,
            names=("floor", "channel", "category"),
            says=("limit", "calendar", "warn_share", "team"),
            check=checks.floor_limit,
            lock=lambda columns: floors.lock(columns["floor"]),
            stays=lambda limit: limit.channel_id is None and limit.category_id is None,
        ),
        Kind(
            "response-times",
            gettext_lazy("Response times"),
            ResponseTime,
            names=("channel",),
            says=("first_response", "resolution", "review_told"),
            check=checks.response_time,
            stays=lambda promise: promise.channel_id is None,
        ),
        Kind(
            "decision-matrix",
            gettext_lazy("Decision matrix"),
            DecisionRule,
            names=("slug",),
            says=(
                "problem",
                "remedy",
                "roles",
                "up_to",
                "currency",
                "window",
                "customer_up_to",
                "customer_window",
                "agent_up_to",
                "agent_window",
                "floor",
                "product",
                "worth_from",
            ),  # fmt: skip
            check=checks.decision_rule,
            called=("problem", "remedy", "product", "floor"),
        ),
        Kind(
            "rights",
            gettext_lazy("Rights against policies"),
            Right,
            names=("right", "policy"),
            says=("you", "we", "exceptions", "by_channel", "measure"),
            check=checks.right,
        ),
        Kind(
            "retention",
            gettext_lazy("Retention"),
            Retention,
            names=("category",),
            says=("months",),
        ),
        Kind(
            "approval-matrix",
            gettext_lazy("Approval matrix"),
            ApprovalRule,
            names=("kind", "floor", "amount_from"),
            says=("roles", "signatures", "alone", "excludes_author"),
            check=checks.approval_rule,
            stays=lambda rule: rule.floor is None and rule.amount_from is None,
        ),
        Kind(
            "triggers",
            gettext_lazy("Rules for tickets"),
            Trigger,
            names=("slug",),
            says=drafts.TERMS,
            check=lambda columns: columns.update(drafts.checked(columns)),
            called=("name",),
            own_drafts=True,
        ),
        Kind(
            "scripts",
            gettext_lazy("Scripts, articles, handouts, playbooks"),
            Script,
            names=("slug",),
            says=("title", "kind", "is_public", "floor", "category", "texts"),
            check=checks.script,
            called=("title",),
        ),
        Kind(
            "wording",
            gettext_lazy("Wording of replies"),
            Wording,
            names=("slug",),
            says=("title", "kind", "phrases", "reason", "better"),
            check=checks.wording,
            called=("title",),
        ),
    )
}
