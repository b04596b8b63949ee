"""How people want to be told: what they chose, and what is usual for those who chose nothing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from helpdesk.models import Channel, Delivery, NotificationSettings
from helpdesk.notifications.events import EVENTS, Event
from tickets.models import User
from tickets.refusals import Invalid

Rhythm = NotificationSettings.Rhythm


@dataclass(frozen=True)
class Times:
    """When e-mail and chat may come. Quiet hours are in the person's zone; days off count from 0 for Monday."""

    mail_rhythm: str = Rhythm.NOW
    chat_rhythm: str = Rhythm.NOW
    daily_at: int = 8
    quiet_from: time | None = None
    quiet_until: time | None = None
    days_off: tuple[int, ...] = ()


def of(user: User) -> NotificationSettings:
    """Return what USER chose, or what is usual, unsaved."""
    return NotificationSettings.objects.filter(user=user).first() or NotificationSettings(user=user)


def of_many(people: Iterable[User]) -> dict[int, NotificationSettings]:
    """Return the same for PEOPLE by id, and read their roles along, in two queries however many they are."""
    known = {person.pk: person for person in people}
    acting: dict[int, set[str]] = {pk: set() for pk in known}
    for pk, name in Group.objects.filter(user__in=known).values_list("user", "name"):
        acting[pk].add(name)
    for pk, person in known.items():
        person.__dict__["roles"] = frozenset(acting[pk]) if person.is_active else frozenset()
    chosen = NotificationSettings.objects.in_bulk(known)
    return {pk: chosen.get(pk) or NotificationSettings(user=person) for pk, person in known.items()}


def concern(user: User) -> dict[str, Event]:
    """Return the events that can reach somebody in the roles of USER."""
    return {slug: event for slug, event in EVENTS.items() if user.has_role(*event.concerns)}


def chosen_ways(user: User, slug: str, chosen: NotificationSettings) -> frozenset[str]:
    """Return the ways that USER chose for an event, or the usual ones. Alarms are always at the desk."""
    event = EVENTS[slug]
    found = chosen.choices.get(slug)
    result = event.usual(user) if found is None else frozenset(found) & frozenset(Channel.values)
    return result | {Channel.APP} if event.alarm else result


def ways(user: User, slug: str, chosen: NotificationSettings) -> frozenset[str]:
    """Return the ways by which USER is told of an event now: chat needs an address."""
    result = chosen_ways(user, slug, chosen)
    return result if chosen.chat_sealed else result - {Channel.CHAT}


def save(user: User, *, wanted: dict[str, Collection[str]], times: Times, now: datetime) -> NotificationSettings:
    """Store what USER wants: the ways for each event that concerns them, and the times.

    What still waits to be sent is looked at again at once, so that a change holds for it too.
    """
    _check(times)
    differs = {}
    for slug, event in concern(user).items():
        asked = frozenset(wanted.get(slug, ())) | ({Channel.APP} if event.alarm else frozenset())
        if not asked <= set(Channel.values):
            raise Invalid(_("There is no such way to be told."), code="unknown", field="ways")
        if asked != event.usual(user):
            differs[slug] = sorted(asked)
    if unknown := set(wanted) - set(EVENTS):
        raise Invalid(
            _("There is no event '%(name)s'.") % {"name": sorted(unknown)[0][:40]}, code="unknown", field="ways"
        )
    fields = {name: getattr(times, name) for name in Times.__dataclass_fields__} | {"choices": differs}
    with transaction.atomic():
        fields["days_off"] = sorted(set(times.days_off))
        chosen, _created = NotificationSettings.objects.update_or_create(user=user, defaults=fields)
        waiting = Delivery.objects.filter(Delivery.OPEN, recipient=user, attempts=0)
        waiting.update(next_attempt_at=now)
    return chosen


def _check(times: Times) -> None:
    if (times.quiet_from is None) != (times.quiet_until is None):
        raise Invalid(_("Quiet hours have a beginning and an end."), code="required", field="quiet_until")
    if times.quiet_from is not None and times.quiet_from == times.quiet_until:
        raise Invalid(_("Quiet hours end at another time than they begin."), code="invalid", field="quiet_until")
    days = set(times.days_off)
    if not days <= set(range(7)):
        raise Invalid(_("A week has seven days."), code="out_of_range", field="days_off")
    if len(days) == 7:
        raise Invalid(_("Leave at least one day on which you can be told."), code="out_of_range", field="days_off")
    if not 0 <= times.daily_at <= 23:
        raise Invalid(_("An hour is between 0 and 23."), code="out_of_range", field="daily_at")
    if times.mail_rhythm not in Rhythm.values or times.chat_rhythm not in Rhythm.values:
        raise Invalid(_("There is no such rhythm."), code="unknown", field="mail_rhythm")
