"""Making, changing and deleting webhooks, and sending a call again. All of it is for administrators and on record.

Whoever makes one, or changes where it leads, is its keeper: it tells of what that person may see, so that nobody
widens their sight by an address.
"""

import secrets
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from escalation.access import visible_to
from escalation.models import Action
from helpdesk.models import HookDelivery, Webhook
from helpdesk.sealing import seal, unseal
from helpdesk.webhooks import transport
from helpdesk.webhooks.sending import OVERLAP
from tickets import house
from tickets.models import HouseChange, User
from tickets.refusals import Conflict, Invalid, NotFound
from tickets.texts import clean_line

BOTH_SIGN = timedelta(days=1)
"""For so long after a change of secrets calls are signed with both."""

MOST = 20
"""A bound against mistakes, not a promise: of two that are made in the same instant both may pass it."""


def make(*, actor: User, name: str, url: str, events: list[str] | None = None, is_on: bool = True) -> Webhook:
    """Make a webhook that ACTOR keeps; it is told what happens from now on, or once it is switched on."""
    house.require_admin(actor)
    if Webhook.objects.count() >= MOST:
        raise Conflict(_("There are %(most)s webhooks already; delete one first.") % {"most": MOST}, code="too_many")
    hook = Webhook(keeper=actor, secret=seal(_new_secret()), is_on=is_on, **_checked(name, url, events or []))
    return _stored(hook, actor, HouseChange.Action.MADE, {"url": hook.url, "events": hook.events, "is_on": is_on})


def change(pk: int, *, actor: User, **wanted) -> Webhook:
    """Change `name`, `url`, `events` or `is_on`. Who changes the address or what is told becomes the keeper."""
    hook = find(pk, actor=actor)
    before = {field: getattr(hook, field) for field in ("name", "url", "events", "is_on")}
    after = before | wanted
    is_on = after.pop("is_on")
    for field, value in (_checked(**after) | {"is_on": is_on}).items():
        setattr(hook, field, value)
    after = {field: getattr(hook, field) for field in before}
    changed = house.difference(before, after)
    if not changed:
        return hook
    if {"url", "events"} & set(changed) or (is_on and "is_on" in changed):
        hook.keeper = actor
    if is_on and "is_on" in changed:
        hook.read_up_to = Now() + OVERLAP  # what happened while it was off is not told
    return _stored(hook, actor, HouseChange.Action.CHANGED, changed)


@transaction.atomic
def delete(pk: int, *, actor: User) -> None:
    """Delete a webhook with everything that it was to be told."""
    hook = find(pk, actor=actor)
    house.record(actor, HouseChange.Action.DELETED, f"webhook {hook.name}", url=hook.url)
    hook.delete()


def new_secret(pk: int, *, actor: User, now: datetime) -> str:
    """Give it a new secret and return it; for a day calls are signed with the former one, too."""
    hook, made = find(pk, actor=actor), _new_secret()
    hook.former_secret, hook.former_until, hook.secret = hook.secret, now + BOTH_SIGN, seal(made)
    _stored(hook, actor, HouseChange.Action.CHANGED, {"secret": ["", ""]})
    return made


def secret_of(hook: Webhook) -> str:
    """Return the secret that calls are signed with; '' when it cannot be read with today's key."""
    return unseal(hook.secret) or ""


def try_out(pk: int, *, actor: User) -> HookDelivery:
    """Owe it a trial call, which says only that it is one."""
    return HookDelivery.objects.create(webhook=find(pk, actor=actor))


def send_again(pk: int, delivery: int, *, actor: User) -> HookDelivery:
    """Send a call once more, whether it was taken or given up."""
    hook = find(pk, actor=actor)
    again = {"parked_at": None, "sent_at": None, "withdrawn": "", "attempts": 0, "next_attempt_at": Now()}
    if not hook.deliveries.filter(pk=delivery).update(**again):
        raise NotFound(_("There is no such call."), code="not_found")
    return hook.deliveries.get(pk=delivery)


def listed(*, actor: User) -> QuerySet[Webhook]:
    """Return all webhooks by name, with `last` (a call taken) and the number of calls `waiting` and `given_up`."""
    house.require_admin(actor)
    unsent = Q(deliveries__sent_at=None)
    given_up = unsent & Q(deliveries__parked_at__isnull=False, deliveries__withdrawn="")
    return (
        Webhook.objects.select_related("keeper")
        .order_by("name")
        .annotate(
            last=Max("deliveries__sent_at"),
            waiting=Count("deliveries", filter=unsent & Q(deliveries__parked_at=None)),
            given_up=Count("deliveries", filter=given_up),
        )
    )


def tickets_of(calls: Iterable[HookDelivery], reader: User) -> set[int]:
    """Return the tickets that CALLS told of and READER may see."""
    numbers = {call.event.ticket_id for call in calls if call.event}
    return set(visible_to(reader).filter(pk__in=numbers).values_list("pk", flat=True))


def find(pk: int, *, actor: User) -> Webhook:
    house.require_admin(actor)
    hook = Webhook.objects.select_related("keeper").filter(pk=pk).first()
    if hook is None:
        raise NotFound(_("There is no webhook %(number)s.") % {"number": pk}, code="not_found")
    return hook


def _checked(name: str, url: str, events: list[str]) -> dict:
    name = clean_line(name, field="name", limit=60)
    if not name:
        raise Invalid(_("Give it a name."), code="required", field="name")
    if unknown := sorted(set(events) - set(Action.values)):
        words = _("There is no event %(name)s.") % {"name": ", ".join(unknown)[:200]}
        raise Invalid(words, code="unknown", field="events")
    return {"name": name, "url": transport.checked(url), "events": sorted(set(events))}


@transaction.atomic
def _stored(hook: Webhook, actor: User, action: str, data: dict) -> Webhook:
    try:
        with transaction.atomic():
            hook.save()
    except IntegrityError as error:
        raise Conflict(_("There is a webhook of this name already."), code="exists", field="name") from error
    house.record(actor, action, f"webhook {hook.name}", **data)
    hook.refresh_from_db()
    return hook


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()
