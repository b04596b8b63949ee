"""What a policy says, in words for a page: the same for what is in force, what is drafted, and what was before."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.dateparse import parse_duration
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from helpdesk.desk import language_tabs
from helpdesk.desk.clock_forms import DAYS, closure, hours
from helpdesk.templatetags.ux import language_name, money, plain_duration
from policies import proposals
from policies.book import Kind
from policies.languages import LANGUAGES
from policies.models import DecisionRule, Policy, PolicyDraft
from policies.remedies import Problem, Remedy
from tickets import roles

NOTHING = "–"
IN_SHOP_CURRENCY = {"amount_from", "worth_from"}
"""Amounts that no column of their rule gives a currency."""


@dataclass(frozen=True)
class Cell:
    """One column of a policy: its label, what it says now, and what it said or would say."""

    label: str
    before: str
    after: str = ""
    changed: bool = False


def cells(kind: Kind, policy: Policy) -> list[Cell]:
    """Return what a version says, without what is empty."""
    written = kind.write(policy)
    return [
        Cell(named, words(kind, name, value))
        for name in kind.columns
        if name in written
        for named, value, _none in _by_language(kind, name, written[name], None)
    ]


def title(kind: Kind, written: dict) -> str:
    """Return which rule it is, in words."""
    about = kind.called or kind.names
    named = [words(kind, name, written[name]) for name in about if written.get(name) not in (None, "")]
    return ", ".join(named) or _("All cases")


def short(kind: Kind, written: dict) -> str:
    """Return what a rule says, in a line for a list."""
    told = {*kind.called, "title", "name", "currency"}  # in its title, and beside the amounts
    says = [n for n in kind.says if n in written and not isinstance(written[n], dict) and n not in told]
    currency = written.get("currency", "")
    return "; ".join(f"{label(kind, name)}: {_amount(kind, name, written[name], currency)}" for name in says)


def _amount(kind: Kind, name: str, value, currency: str) -> str:
    is_money = name not in IN_SHOP_CURRENCY and isinstance(kind.model._meta.get_field(name), models.DecimalField)
    return money(Decimal(value), currency) if is_money and currency else words(kind, name, value)


def missing(written: dict) -> list[str]:
    """Return the languages in which something lacks that a rule says in others."""
    return language_tabs.missing([text for text in written.values() if isinstance(text, dict)])


def compared(draft: PolicyDraft, kind: Kind) -> list[Cell]:
    """Return what is in force and what is drafted, side by side; a new owner and a chosen day of review last."""
    before = proposals.replaced(draft)
    said = (
        (_("Owner"), before and before.owner, draft.owner),
        (_("Review"), before and before.review_on, draft.review_on),
    )
    about = [
        Cell(named, _shown(was), _shown(comes), bool(before) and was != comes) for named, was, comes in said if comes
    ]
    return _columns_compared(draft, kind) + about


def _shown(value) -> str:
    return date_format(value, "DATE_FORMAT") if isinstance(value, date) else str(value or NOTHING)


def _columns_compared(draft: PolicyDraft, kind: Kind) -> list[Cell]:
    return [
        Cell(named, words(kind, name, was), words(kind, name, comes), was != comes)
        for name, before, after, _changed in proposals.comparison(draft)
        if before is not None or after is not None
        for named, was, comes in _by_language(kind, name, before, after)
    ]


def _by_language(kind: Kind, name: str, before, after) -> list[tuple[str, object, object]]:
    """Return label, value before and value after; of a text in several languages one such line for each."""
    if not isinstance(before or after, dict):
        return [(label(kind, name), before, after)]
    before, after = before or {}, after or {}
    codes = [code for code in LANGUAGES if code in before or code in after]
    return [(f"{label(kind, name)} ({language_name(code)})", before.get(code), after.get(code)) for code in codes]


Row = tuple[Problem, list[tuple[Remedy, list[tuple[DecisionRule, str, str]]]]]


def grid(cells: list[DecisionRule]) -> list[Row]:
    """Return the decision matrix as a table: for each problem, for each remedy, the cells: what they allow, to whom."""
    found: dict[tuple[str, str], list[tuple[DecisionRule, str, str]]] = {}
    for cell in cells:
        limit = _("allowed") if cell.up_to is None else _("up to %(sum)s") % {"sum": money(cell.up_to, cell.currency)}
        only = [
            cell.product,
            cell.worth_from and _("bought for %(sum)s") % {"sum": money(cell.worth_from, settings.CURRENCY)},
        ]
        only.append(cell.floor and _("Floor %(n)s") % {"n": cell.floor})
        extra = ", ".join(str(part) for part in only if part)
        found.setdefault((cell.problem, cell.remedy), []).append(
            (cell, f"{limit} ({extra})" if extra else limit, _who(cell))
        )
    return [(problem, [(remedy, found.get((problem, remedy), [])) for remedy in Remedy]) for problem in Problem]


def _who(cell: DecisionRule) -> str:
    """Name the first role that may, and say how many others may."""
    first, *others = sorted(cell.roles, key=roles.ALL.index)
    label = str(roles.LABELS[first])
    return _("%(role)s and %(n)s more") % {"role": label, "n": len(others)} if others else label


def begun(named: dict) -> dict:
    """Return what a form begins with for what a page has NAMED; a cell of the matrix is called by its place."""
    if {"problem", "remedy"} <= named.keys():
        named = {"slug": f"{named['problem']}-{named['remedy']}".replace("_", "-")[:60]} | named
    return named


def label(kind: Kind, name: str) -> str:
    if name == "slug":
        return _("Short name")
    words = str(kind.model._meta.get_field(name).verbose_name)
    return _(words[:1].upper() + words[1:])  # what points to another row is named as that is


def words(kind: Kind, name: str, value) -> str:
    """Return one plain value as people say it."""
    if value in (None, "", [], {}):
        return NOTHING
    if name == "floor":
        return _("Floor %(n)s") % {"n": value}
    if name == "warn_share":
        return _("the last %(n)s %%") % {"n": round(value * 100)}
    column = kind.model._meta.get_field(name)
    if isinstance(column, models.DurationField):
        return plain_duration(parse_duration(value))
    if isinstance(column, ArrayField):
        return ", ".join(str(roles.LABELS.get(role, role)) for role in value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "week":
        return "\n".join(f"{day}: {hours(value[n]) or _('closed')}" for n, day in enumerate(DAYS))
    if name == "closures":
        return "\n".join(map(closure, value))
    if isinstance(value, dict):
        return "\n\n".join(f"{code}: {_joined(text)}" for code, text in value.items())
    if isinstance(value, list):
        return _joined(value)
    if name in IN_SHOP_CURRENCY:
        return money(Decimal(value), settings.CURRENCY)
    if isinstance(column, models.DecimalField):
        return number_format(value)
    return str(value)


def _joined(value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
