"""Forms for the policies of the book, made from their columns; they hand on plain values and carry refusals back."""

import re
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.dateparse import parse_duration
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from helpdesk.desk.clock_forms import (
    closure,
    closures_field,
    day_fields,
    floor_choices,
    hours,
    read_closures,
    read_week,
)
from helpdesk.desk.language_tabs import LanguageTabs
from helpdesk.desk.policy_words import IN_SHOP_CURRENCY
from helpdesk.portal.forms import CarriesRefusals, DayInput
from helpdesk.templatetags.ux import language_name
from policies import life, terms
from policies.book import Kind
from policies.languages import LANGUAGES
from policies.models import Policy
from tickets import roles
from tickets.models import User

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d{1,6})\s*(s|min|h|d)")


class SpanField(forms.CharField):
    """A length of time as people write it: 15 min, 24 h, 30 d."""

    def __init__(self, hint: str = "", **kwargs):
        super().__init__(max_length=20, help_text=hint or _("For example 15 min, 24 h or 30 d."), **kwargs)

    def clean(self, value):
        text = super().clean(value)
        found = _SPAN.fullmatch(text.strip())
        if text and not found:
            raise forms.ValidationError(_("Write a number and s, min, h or d."))
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else None


def span(value: timedelta) -> str:
    """Return a length of time as `SpanField` reads it."""
    seconds = int(value.total_seconds())
    unit = next(name for name in ("d", "h", "min", "s") if seconds % _UNITS[name] == 0)
    return f"{seconds // _UNITS[unit]} {unit}"


class ReviewForm(CarriesRefusals):
    """What was looked at in a version that stays as it is, and when it is looked at next."""

    note = forms.CharField(label=_("What you looked at"), max_length=2000, widget=forms.Textarea({"rows": 2}))
    next_on = forms.DateField(
        label=_("To be reviewed on"), required=False, help_text=_("Empty: in a quarter of a year."), widget=DayInput()
    )


class PolicyForm(CarriesRefusals, LanguageTabs):
    """One version of a policy of KIND; with FIXED, which rule it is stands already."""

    def __init__(self, *args, kind: Kind, written: dict | None = None, fixed: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind, self.texts = kind, []
        written = written or {}
        for name in kind.columns:
            self._add(kind.model._meta.get_field(name), written.get(name))
            if fixed and name in kind.names:
                self.fields[name].disabled = True
        for name, field in _COMMON.items():
            self.fields[name] = field()
        self.fields["owner"].queryset = life.owners()

    def plain(self) -> dict:
        """Return what was filled in as plain terms."""
        data = self.cleaned_data
        columns = {name: data.get(name) for name in self.kind.columns if name not in self.texts}
        if "week" in columns:
            columns |= {"week": read_week(data), "closures": read_closures(data["closures"])}
        for name in self.texts:
            columns[name] = {code: data[f"{name}_{code}"].strip() for code in LANGUAGES}
            columns[name] = {code: text for code, text in columns[name].items() if text}
        return terms.write(columns)

    def about(self) -> dict:
        """Return what else goes with a draft."""
        data = self.cleaned_data
        return {"why": data["why"], "owner": data["owner"], "review_on": data["review_on"]}

    def refuse(self, refusal) -> None:
        if refusal.field in self.texts:
            refusal.field = f"{refusal.field}_{refusal.data.get('language', 'en')}"
        elif refusal.field == "week":
            refusal.field = "day0"
        super().refuse(refusal)

    def _add(self, column: models.Field, written) -> None:
        if column.name == "week":
            self.fields |= day_fields()
            self.initial |= {f"day{number}": hours(day) for number, day in enumerate(written or [])}
            return
        if column.name == "closures":
            self.fields[column.name] = closures_field()
            self.initial[column.name] = "\n".join(map(closure, written or []))
            return
        if isinstance(column, models.JSONField):
            self.texts.append(column.name)
            for code in LANGUAGES:
                missing = bool(written) and not written.get(code)
                self.fields[f"{column.name}_{code}"] = forms.CharField(
                    label=f"{capfirst(column.verbose_name)} ({language_name(code)})",
                    required=False,
                    max_length=20_000,
                    widget=forms.Textarea({"rows": _ROWS.get(column.name, 3), "lang": code, "dir": "auto"}),
                    help_text=_("Missing in this language; its readers get another one.") if missing else "",
                )
                self.initial[f"{column.name}_{code}"] = (written or {}).get(code, "")
            return
        self.fields[column.name] = _field(column)
        if column.name == "slug":
            self.fields["slug"].label = _("Short name")
        if column.name in IN_SHOP_CURRENCY:
            self.fields[column.name].label += f" ({settings.CURRENCY})"
        if column.name in _HELP:
            self.fields[column.name].help_text = _HELP[column.name]
        if written is not None:
            is_span = isinstance(column, models.DurationField)
            self.initial[column.name] = span(parse_duration(written)) if is_span else written
        elif column.has_default() and not isinstance(column, models.JSONField):
            default = column.get_default()
            self.initial[column.name] = span(default) if isinstance(default, timedelta) else default


_ROWS = {"texts": 16, "phrases": 12}
"""Lines of a field that takes whole texts; others take a few sentences."""

_HELP = {
    "slug": _("Small letters, digits, hyphens."),
    "up_to": _("The most they may give without a signature. Empty where no money is given."),
    "window": _(
        "What the customer was given in this time before counts too, so that nothing is split. For example 24 h."
    ),
    "customer_up_to": _("Over a longer time, whoever gave it."),
    "agent_up_to": _("Over a longer time, to all customers together."),
    "review_told": _("How soon a customer hears that somebody else must decide. Empty: 5 min."),
    "product": _("A word in the name of the goods."),
}
"""What a column means, where its name alone does not say it."""

_COMMON = {
    "why": lambda: forms.CharField(
        label=_("Why it changes"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    ),
    "owner": lambda: forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False, empty_label=_("As before, or who drafts it")
    ),
    "review_on": lambda: forms.DateField(
        label=_("To be reviewed on"),
        required=False,
        help_text=_("Empty: in a quarter of a year."),
        widget=DayInput(),
    ),
    "revision": lambda: forms.IntegerField(widget=forms.HiddenInput, required=False),
}


def about(policy: Policy) -> dict:
    """Return what a form shows of a version besides its terms."""
    return {"owner": policy.owner_id}


def _field(column: models.Field) -> forms.Field:
    needed = not (column.null or column.blank or column.has_default())
    common = {"label": _(capfirst(column.verbose_name)), "required": needed}
    if isinstance(column, models.ForeignKey):
        rows = column.related_model.objects.all()
        if issubclass(column.related_model, Policy):
            rows = rows.filter(valid_until__isnull=True)
        return forms.ModelChoiceField(queryset=rows, to_field_name="slug", empty_label="–", **common)
    if isinstance(column, ArrayField):
        choices = [(role, roles.LABELS[role]) for role in roles.ALL]
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    if column.choices:
        may_be_empty = column.null or column.blank
        choices = [("", "–"), *column.choices] if may_be_empty else column.choices
        return forms.ChoiceField(choices=choices, **common | {"required": not may_be_empty})
    if column.name == "floor":
        choices = [*([] if needed else [("", "–")]), *floor_choices()]
        return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, **common)
    if isinstance(column, models.DurationField):
        return SpanField(**common)
    if isinstance(column, models.BooleanField):
        return forms.BooleanField(**common | {"required": False})
    if isinstance(column, models.DecimalField):
        return forms.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0), **common)
    if isinstance(column, models.FloatField):
        return forms.FloatField(**common)
    if isinstance(column, models.IntegerField):
        return forms.IntegerField(min_value=0, max_value=9999, **common)
    return forms.CharField(max_length=column.max_length, **common)
