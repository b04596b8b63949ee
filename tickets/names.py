"""Teams, channels, categories, tags and macros: making, changing and deleting what people call by a name."""

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from tickets import house
from tickets.models import Category, Channel, HouseChange, Tag, Team, User
from tickets.refusals import Conflict

KINDS: dict[str, type[models.Model]] = {"teams": Team, "channels": Channel, "categories": Category, "tags": Tag}


@transaction.atomic
def store(row: models.Model, *, actor: User, lists: dict[str, list[models.Model]] | None = None) -> None:
    """Store a new or changed ROW and its LISTS (such as a team's members), with what differs on record."""
    house.require_admin(actor)
    old = type(row).objects.filter(pk=row.pk).first() if row.pk else None
    before = _facts(old) if old else {}
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(_("There is one with this short name already."), code="taken", field="slug") from error
    for name, rows in (lists or {}).items():
        getattr(row, name).set(rows)
    changed = house.difference(before, _facts(row))
    if changed:
        action = HouseChange.Action.CHANGED if old else HouseChange.Action.MADE
        house.record(actor, action, _about(row), **changed)


@transaction.atomic
def delete(row: models.Model, *, actor: User) -> None:
    """Delete what nothing uses any more."""
    house.require_admin(actor)
    if isinstance(row, Tag) and row.tickets.exists():
        raise Conflict(_("Tickets bear this tag; merge it into another one."), code="in_use")
    about = _about(row)
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, RestrictedError) as error:
        raise Conflict(_("Something uses it, so it stays; rename it instead."), code="in_use") from error
    house.record(actor, HouseChange.Action.DELETED, about)


def _about(row: models.Model) -> str:
    # The same in every language.
    return f"{row._meta.model_name} {row.slug}"


def changes(row: models.Model) -> models.QuerySet[HouseChange]:
    """Return what was changed about ROW, the newest first."""
    return HouseChange.objects.filter(about=_about(row)).select_related("person")


def _facts(row: models.Model) -> dict:
    plain = [field for field in row._meta.concrete_fields if field.name != "id"]
    facts = {field.name: _plain(field.value_from_object(row)) for field in plain}
    for field in row._meta.many_to_many:
        named = "email" if field.related_model is User else "slug"
        facts[field.name] = sorted(getattr(row, field.name).values_list(named, flat=True)) if row.pk else []
    return facts


def _plain(value):
    return value if isinstance(value, str | int | bool | None) else str(value)
