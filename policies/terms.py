"""What a policy says, written down and read back: in drafts, in the files of the policy book, side by side on a page.

Written values are plain: texts, numbers, lists, tables; durations in ISO 8601, money as decimal texts, other rows by
their slug. Nothing is written for what is empty.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_duration
from django.utils.translation import gettext as _

from policies.models import Policy
from tickets.fields import shortest
from tickets.refusals import Invalid
from tickets.texts import clean_line


def write(columns: dict) -> dict:
    """Return COLUMNS, which are values by name, as plain data; what is empty is left out."""
    return {name: _plain(value) for name, value in columns.items() if value not in (None, "", [], {})}


def of(policy: Policy, names: Iterable[str]) -> dict:
    """Return the columns NAMES of a version; sets of words, such as roles, in one order."""
    columns = {name: getattr(policy, name) for name in names}
    return {name: sorted(value) if _is_set(policy, name) else value for name, value in columns.items()}


def read(model: type[Policy], names: Iterable[str], written: dict) -> dict:
    """Return the columns NAMES of MODEL from plain data, or refuse what cannot be one; `field` says which."""
    names = list(names)
    if unknown := sorted(set(written) - set(names)):
        raise Invalid(_("There is no “%(name)s” here.") % {"name": unknown[0]}, code="unknown", field=unknown[0])
    return {name: _column(model._meta.get_field(name), written.get(name)) for name in names}


def _plain(value):
    if isinstance(value, timedelta):
        return shortest(value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.slug
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _column(field: models.Field, value):
    if value is None or value == "":
        if field.has_default():
            return field.get_default()
        if field.null or field.blank:
            return None if field.null else ""
        raise Invalid(_("This is needed."), code="required", field=field.name)
    if not _may_stand(field, value):
        raise Invalid(_("This cannot stand here."), code="invalid", field=field.name)
    if isinstance(field, models.ForeignKey):
        return _row(field, value)
    try:
        if isinstance(field, models.DurationField):
            value = parse_duration(value) or value
        elif isinstance(field, models.CharField):
            value = clean_line(value, field=field.name, limit=field.max_length)
        cleaned = field.clean(value, None)
    except OverflowError:
        raise Invalid(_("This is too much."), code="out_of_range", field=field.name) from None
    except ValidationError as refused:
        raise Invalid(" ".join(refused.messages), code="invalid", field=field.name) from None
    if isinstance(cleaned, Decimal) and cleaned < 0:
        raise Invalid(_("An amount is zero or more."), code="out_of_range", field=field.name)
    return sorted(cleaned) if isinstance(field, ArrayField) else cleaned


def _may_stand(field: models.Field, value) -> bool:
    """Whether plain data is of a sort that a column may be read from."""
    if isinstance(field, models.JSONField):
        return isinstance(value, dict | list)
    if isinstance(field, ArrayField):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if isinstance(field, models.BooleanField):
        return isinstance(value, bool)
    if isinstance(field, models.DurationField | models.ForeignKey | models.CharField | models.TextField):
        return isinstance(value, str)
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _is_set(policy: Policy, name: str) -> bool:
    return isinstance(policy._meta.get_field(name), ArrayField)


def _row(field: models.ForeignKey, slug: str) -> models.Model:
    rows = field.related_model.objects.filter(slug=slug)
    if issubclass(field.related_model, Policy):
        rows = rows.filter(valid_until__isnull=True)
    row = rows.first()
    if row is None:
        raise Invalid(
            _("There is no %(what)s “%(slug)s”.") % {"what": field.related_model._meta.verbose_name, "slug": slug},
            code="unknown",
            field=field.name,
        )
    return row
