"""The record of what administrators change about the house, and who they are."""

from django.utils.translation import gettext as _

from tickets.models import HouseChange, User
from tickets.refusals import NotAllowed
from tickets.roles import ADMIN


def require_admin(user: User) -> None:
    """Refuse everybody but administrators."""
    if not user.has_role(ADMIN):
        raise NotAllowed(_("The house is changed by administrators."), code="role")


def record(actor: User | None, action: str, about: str, **data) -> HouseChange:
    """Put a change on record: to be called in the transaction of the change."""
    return HouseChange.objects.create(person=actor, action=action, about=about[:300], data=data)


def difference(before: dict, after: dict) -> dict:
    """Return what differs as {name: [before, after]}."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
