"""What somebody in given roles may do, in words, read from the same tables that the verbs ask."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from escalation import access
from policies.matrix import Matrix
from tickets import roles


def of(held: Iterable[str]) -> list[str]:
    """Return what people in the roles HELD may do, one sentence each."""
    held = set(held)
    if not held:
        return [_("Nothing: without a role there is nothing here for them.")]
    found = [_("See all tickets on Floors 1 and 2")]
    if held & access.FLOOR_3_READERS:
        found.append(_("See all tickets on Floor 3"))
    elif held & (access.WORKERS[1] | {roles.SUPERVISOR}):
        found.append(_("See tickets on Floor 3 that are assigned to them or that they sent there"))
    floors = [str(floor) for floor, allowed in access.WORKERS.items() if held & allowed]
    if floors:
        found.append(_("Work on tickets of Floor %(floors)s") % {"floors": ", ".join(floors)})
    for rule in Matrix().rules:
        if held & set(rule.roles):
            what = str(rule.get_kind_display())
            where = _("on Floor %(n)s") % {"n": rule.floor} if rule.floor else _("on all floors")
            found.append(_("Sign: %(what)s, %(where)s") % {"what": what, "where": where})
    if held & {roles.POLICY_OWNER, roles.ADMIN}:
        found.append(_("Change clocks, calendars, rules and policies, with a second person where that is asked for"))
    if held & {roles.MANAGER, roles.ADMIN}:
        found.append(_("Set targets and publish corrections of the scorecard"))
    if roles.ADMIN in held:
        found.append(_("Change people, roles, teams, channels and names; withdraw anybody's API tokens"))
    return found
