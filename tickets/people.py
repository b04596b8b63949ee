"""Accounts of staff: inviting somebody, giving roles and teams. Nobody changes their own roles."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tickets import house, roles
from tickets.models import HouseChange, Team, User
from tickets.refusals import Conflict, Invalid, NotAllowed
from tickets.texts import clean_line


@transaction.atomic
def invite(
    email: str, *, name: str, wanted: Iterable[str], teams: Iterable[Team] = (), actor: User | None, **fields
) -> User:
    """Make an account without a password; a letter with a link lets its owner set one. No ACTOR means the first run."""
    if actor:
        house.require_admin(actor)
    email = clean_line(email, field="email", limit=254, required=True).lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(_("This is no e-mail address."), code="invalid", field="email") from error
    name = clean_line(name, field="name", limit=120)
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, name=name, **fields)
    except IntegrityError as error:
        raise Conflict(_("There is an account with this address already."), code="taken", field="email") from error
    wanted = _known(wanted)
    person.groups.set(Group.objects.filter(name__in=wanted))
    person.teams.set(teams)
    house.record(actor, HouseChange.Action.INVITED, email, roles=sorted(wanted), teams=_slugs(person))
    return person


@transaction.atomic
def change(person: User, *, name: str, wanted: Iterable[str], teams: Iterable[Team], actor: User) -> dict:
    """Give PERSON a name, roles and teams; return what differs from before."""
    house.require_admin(actor)
    before = {"name": person.name, "roles": sorted(_of(person)), "teams": _slugs(person)}
    wanted = _known(wanted)
    if wanted != set(before["roles"]):
        if person.pk == actor.pk:
            raise NotAllowed(_("Nobody changes their own roles; another administrator can."), code="four_eyes")
        if roles.ADMIN not in wanted:
            keep_an_administrator(without=person)
        person.groups.set(Group.objects.filter(name__in=wanted))
    person.name = clean_line(name, field="name", limit=120)
    person.save(update_fields=["name"])
    person.teams.set(teams)
    after = {"name": person.name, "roles": sorted(wanted), "teams": _slugs(person)}
    if changed := house.difference(before, after):
        house.record(actor, HouseChange.Action.CHANGED, person.email, **changed)
    return changed


def keep_an_administrator(*, without: User) -> None:
    """Refuse what would leave the house without an active administrator; two at once wait for each other."""
    list(Group.objects.select_for_update().filter(name=roles.ADMIN))
    if not User.objects.filter(is_active=True, groups__name=roles.ADMIN).exclude(pk=without.pk).exists():
        raise Conflict(_("This is the last administrator; make another one first."), code="last_administrator")


def _known(wanted: Iterable[str]) -> set[str]:
    wanted = set(wanted)
    if unknown := wanted - set(roles.ALL):
        raise Invalid(_("There is no such role: %(role)s.") % {"role": min(unknown)}, code="unknown", field="roles")
    return wanted


def _of(person: User) -> set[str]:
    return set(person.groups.values_list("name", flat=True))


def _slugs(person: User) -> list[str]:
    return sorted(person.teams.values_list("slug", flat=True))
