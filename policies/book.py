"""The policy book: every kind of policy that is drafted and published, with what tells one rule from another.

A kind is added here, and nowhere else, to get drafts, comparison, publication by a second person, history, reminders,
pages, and a file in the exported book.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies import floors, terms
from policies.models import (
    ApprovalRule,
    DecisionRule,
    FloorLimit,
    Policy,
    ResponseTime,
    Retention,
    Right,
    Script,
    Wording,
)
from policies.remedies import MONEY
from tickets import roles
from tickets.refusals import Invalid, NotFound


def _nothing(_columns: dict) -> None:
    """A kind that needs no more than its columns check themselves."""


@dataclass(frozen=True)
class Kind:
    """A kind of policy: `names` are the columns that say which rule it is, `says` those that a version may change.

    `check` refuses columns that make no sense together; `lock` serialises writers where the row itself does not;
    `stays` tells whether a rule must always have a successor.
    """

    slug: str
    label: str
    model: type[Policy]
    names: tuple[str, ...]
    says: tuple[str, ...]
    check: Callable[[dict], None] = _nothing
    lock: Callable[[dict], None] = _nothing
    stays: Callable[[Policy], bool] = lambda _policy: False

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names + self.says

    def versions(self, columns: dict) -> QuerySet[Policy]:
        """Return all versions of the rule that COLUMNS name."""
        return self.model.objects.filter(**{name: columns[name] for name in self.names})

    def current(self) -> QuerySet[Policy]:
        """Return the last version of each rule: in force, or coming."""
        rows = [field.name for field in self.model._meta.fields if field.many_to_one]
        return self.model.objects.filter(valid_until__isnull=True).select_related(*rows)

    def key(self, columns: dict) -> str:
        """Return which rule it is, in one line that no other rule of the kind has."""
        written = terms.write({name: columns[name] for name in self.names})
        return ", ".join(str(written.get(name, "*")) for name in self.names)[:250]

    def read(self, written: dict) -> dict:
        """Return plain data as checked columns, or refuse it in words."""
        columns = terms.read(self.model, self.columns, written)
        self.check(columns)
        return columns

    def write(self, policy: Policy) -> dict:
        """Return what a version says as plain data."""
        return terms.write(terms.of(policy, self.columns))


def kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise NotFound(_("There is no such kind of policy."), code="not_found")
    return KINDS[slug]


def _check_floor_limit(columns: dict) -> None:
    floors.check(floors.Terms(columns["limit"], columns["calendar"], columns["warn_share"]))
    if columns["floor"] not in (1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")


def _check_response_time(columns: dict) -> None:
    for name in ("first_response", "resolution"):
        if not timedelta(minutes=1) <= columns[name] <= timedelta(days=90):
            raise Invalid(_("Promise between one minute and 90 days."), code="out_of_range", field=name)
    if columns["resolution"] < columns["first_response"]:
        raise Invalid(_("The solution cannot come before the first answer."), code="invalid", field="resolution")


def _check_approval_rule(columns: dict) -> None:
    check_roles(columns["roles"], field="roles")
    check_roles(columns["alone"], field="alone", required=False)
    if not 1 <= columns["signatures"] <= 5:
        raise Invalid(_("Between one and five signatures."), code="out_of_range", field="signatures")
    if columns["floor"] not in (None, 1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")
    columns["roles"], columns["alone"] = sorted(set(columns["roles"])), sorted(set(columns["alone"]))


def _check_script(columns: dict) -> None:
    check_texts(columns["texts"], field="texts", limit=20_000, required=False)
    if not columns["texts"]:
        raise Invalid(_("Write the text in one language at least."), code="required", field="texts")
    if columns["floor"] not in (None, 1, 2, 3):
        raise Invalid(_("Floors are 1, 2 and 3."), code="out_of_range", field="floor")
    if columns["is_public"] and columns["kind"] not in (Script.Kind.ARTICLE, Script.Kind.HANDOUT):
        raise Invalid(
            _("Only articles and handouts are for customers to read."), code="invalid", field="is_public"
        )  # fmt: skip


def _check_wording(columns: dict) -> None:
    for name, limit in (("phrases", 20_000), ("reason", 500), ("better", 500)):
        check_texts(columns[name], field=name, limit=limit, required=False)
    for language, phrases in columns["phrases"].items():
        if any(len(phrase) > 80 for phrase in phrases.splitlines()) or len(phrases.splitlines()) > 300:
            raise Invalid(
                _("At most 300 phrases of 80 characters, one a line (%(code)s).") % {"code": language},
                code="too_long", field="phrases",
            )  # fmt: skip
        if not columns["reason"].get(language) or not columns["better"].get(language):
            raise Invalid(
                _("Say why it hurts, and what to say instead, in every language that has phrases."),
                code="required", field="reason",
            )  # fmt: skip


def _check_right(columns: dict) -> None:
    for name in ("you", "we"):
        check_texts(columns[name], field=name, limit=2000)
    for name in ("exceptions", "by_channel"):
        check_texts(columns[name], field=name, limit=2000, required=False)
    for line in "\n".join(columns["by_channel"].values()).splitlines():
        if ":" not in line:
            raise Invalid(_("Write each line as channel: words."), code="invalid", field="by_channel")


def _check_decision_rule(columns: dict) -> None:
    check_roles(columns["roles"], field="roles")
    columns["roles"] = sorted(set(columns["roles"]))
    if columns["up_to"] is None and columns["remedy"] in MONEY:
        raise Invalid(_("A refund or a store credit needs a limit."), code="required", field="up_to")
    if (columns["up_to"] is None) != (not columns["currency"]):
        raise Invalid(_("A limit and its currency go together."), code="required", field="currency")
    for whose in ("customer", "agent"):
        amount, window = columns[f"{whose}_up_to"], columns[f"{whose}_window"]
        if (amount is None) != (window is None):
            raise Invalid(_("A sum and its time go together."), code="required", field=f"{whose}_window")
        if amount is not None and (columns["up_to"] is None or amount < columns["up_to"]):
            raise Invalid(
                _("A sum is at least as large as the limit of one case."), code="invalid", field=f"{whose}_up_to"
            )
    for name in ("window", "customer_window", "agent_window"):
        if columns[name] is not None and not timedelta(minutes=1) <= columns[name] <= timedelta(days=366):
            raise Invalid(_("Between one minute and a year."), code="out_of_range", field=name)


def check_roles(named: list[str], *, field: str, required: bool = True) -> None:
    """Refuse roles that do not exist, and none where one is needed."""
    if required and not named:
        raise Invalid(_("Name at least one role."), code="required", field=field)
    if unknown := sorted(set(named) - set(roles.ALL)):
        raise Invalid(_("There is no role “%(role)s”.") % {"role": unknown[0]}, code="unknown", field=field)


def check_texts(texts: dict, *, field: str, limit: int, required: bool = True) -> None:
    """Refuse texts by language in languages that we do not have, empty ones, and too long ones."""
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise Invalid(_("Write texts by language."), code="invalid", field=field)
    if unknown := sorted(set(texts) - set(LANGUAGES)):
        raise Invalid(_("There is no language %(code)s.") % {"code": unknown[0]}, code="unknown", field=field)
    if required and not texts.get("en", "").strip():
        raise Invalid(_("The English text is needed; others may follow."), code="required", field=field)
    if any(len(text) > limit for text in texts.values()):
        raise Invalid(_("At most %(n)s characters.") % {"n": limit}, code="too_long", field=field)


LANGUAGES = ("en", "it", "pt")

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "floor-limits",
            gettext_lazy("Clocks of the floors"),
            FloorLimit,
            names=("floor", "channel", "category"),
            says=("limit", "calendar", "warn_share", "team"),
            check=_check_floor_limit,
            lock=lambda columns: floors.lock(columns["floor"]),
            stays=lambda limit: limit.channel_id is None and limit.category_id is None,
        ),
        Kind(
            "response-times",
            gettext_lazy("Response times"),
            ResponseTime,
            names=("channel",),
            says=("first_response", "resolution"),
            check=_check_response_time,
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
            check=_check_decision_rule,
        ),
        Kind(
            "rights",
            gettext_lazy("Rights against policies"),
            Right,
            names=("right", "policy"),
            says=("you", "we", "exceptions", "by_channel", "measure"),
            check=_check_right,
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
            check=_check_approval_rule,
            stays=lambda rule: rule.floor is None and rule.amount_from is None,
        ),
        Kind(
            "scripts",
            gettext_lazy("Scripts, articles, handouts, playbooks"),
            Script,
            names=("slug",),
            says=("title", "kind", "is_public", "floor", "category", "texts"),
            check=_check_script,
        ),
        Kind(
            "wording",
            gettext_lazy("Wording of replies"),
            Wording,
            names=("slug",),
            says=("title", "kind", "phrases", "reason", "better"),
            check=_check_wording,
        ),
    )
}
