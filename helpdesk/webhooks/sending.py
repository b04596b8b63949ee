"""Reading the audit trail for each webhook, and calling it: signed, tried again, in any order, at least once.

Signed as standardwebhooks.com says: HMAC-SHA256 over `id.timestamp.body`. A call says what happened to which ticket and
nothing that anybody wrote; who wants more asks the REST API, under its own rights.
"""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from escalation import reasons
from escalation.access import visible_to
from escalation.models import AuditEvent
from escalation.outbox import withdraw, work_off
from helpdesk.models import HookDelivery, Webhook
from helpdesk.sealing import unseal
from helpdesk.webhooks import transport
from tickets.clock import database_now

OVERLAP = timedelta(minutes=2)
"""The trail is read again for so long: an event may be committed after one that happened later."""

AT_ONCE = 500
"""Events that are read for a webhook in one go."""

REST = timedelta(minutes=1)
"""A webhook that did not take a call is left alone for so long."""

TURN = 10
"""Seconds for which one webhook is called in a run: a side that takes calls slowly must not hold up the others."""

KEPT_FOR = timedelta(days=30)


def relay(*, limit: int = 100) -> int:
    """Owe what is new and call what is due, at most LIMIT calls each; return how many were taken.

    Nothing leaves the machine while the demo plays.
    """
    if settings.DEMO_DAY:
        return 0
    for pk in Webhook.objects.filter(is_on=True).values_list("pk", flat=True):
        _read_trail(pk)
    done = 0
    owing = HookDelivery.objects.filter(HookDelivery.OPEN, next_attempt_at__lte=database_now())
    for pk in list(owing.order_by().values_list("webhook", flat=True).distinct()):
        done += _call(pk, limit)
    return done


def forget_old(now: datetime) -> int:
    """Delete calls past their time, taken or given up; return how many."""
    return HookDelivery.objects.exclude(HookDelivery.OPEN).filter(created_at__lt=now - KEPT_FOR).delete()[0]


@transaction.atomic
def _read_trail(pk: int) -> None:
    """Owe a call for each event since the trail was read last. Whoever reads it just now does so alone."""
    hook = Webhook.objects.select_for_update(skip_locked=True, of=("self",)).select_related("keeper").filter(pk=pk)
    hook = hook.first()
    if hook is None:
        return
    now = database_now()
    since = max(hook.read_up_to - OVERLAP, hook.created_at)
    known = HookDelivery.objects.filter(webhook=hook, event=OuterRef("pk"))
    news = AuditEvent.objects.filter(~Exists(known), at__gt=since, ticket__in=visible_to(hook.keeper))
    if hook.events:
        news = news.filter(action__in=hook.events)
    found = list(news.order_by("at", "pk").values_list("pk", "at")[:AT_ONCE])
    rows = [HookDelivery(webhook=hook, event_id=event) for event, _at in found]
    HookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    # One that was switched on a moment ago is ahead of now, so that it is not told what happened before.
    read = found[-1][1] if len(found) == AT_ONCE else now
    Webhook.objects.filter(pk=pk).update(read_up_to=max(read, hook.read_up_to))


def _call(webhook: int, limit: int) -> int:
    """Call one webhook until it fails, nothing is due or its TURN is over; return how many calls were taken."""
    rows, done, came = HookDelivery.objects.filter(webhook=webhook), 0, ""

    def send(owed: Sequence[HookDelivery]) -> Sequence[HookDelivery]:
        nonlocal came
        came = "failed"
        sent = _send(owed)
        came = "went"  # or was withdrawn
        return sent

    until = monotonic() + TURN
    for _time in range(limit):
        came = ""
        done += work_off(rows, send, limit=1)
        if came == "failed":
            _rest(rows)
        if came != "went" or monotonic() > until:
            break
    return done


@transaction.atomic
def _rest(rows: QuerySet[HookDelivery]) -> None:
    """Let what is due wait, except for what another run is just calling."""
    due = rows.filter(HookDelivery.OPEN, next_attempt_at__lte=Now()).select_for_update(skip_locked=True, no_key=True)
    rows.filter(pk__in=due.values("pk")).update(next_attempt_at=Now() + REST)


def _send(rows: Sequence[HookDelivery]) -> Sequence[HookDelivery]:
    owed = HookDelivery.objects.select_related("webhook__keeper", "event__person").get(pk=rows[0].pk)
    hook, event = owed.webhook, owed.event
    if event and not (hook.is_on and hook.keeper.is_active):
        withdraw(rows, reasons.NOT_WANTED)
        return []
    if event and not visible_to(hook.keeper).filter(pk=event.ticket_id).exists():
        withdraw(rows, reasons.OUT_OF_SIGHT)
        return []
    body = json.dumps(payload(event), ensure_ascii=False).encode()
    status = transport.post(hook.url, body, headers(owed, body, database_now()))
    HookDelivery.objects.filter(pk=owed.pk).update(answer=f"HTTP {status}", last_error="")
    return rows


def payload(event: AuditEvent | None) -> dict:
    """Return what a call says of EVENT; of a trial, that it is one."""
    if event is None:
        return {"type": "trial"}
    return {
        "type": f"ticket.{event.action}",
        "at": event.at.isoformat(),
        "ticket": event.ticket_id,
        "url": settings.SITE_URL + reverse("api-ticket-detail", args=[event.ticket_id]),
        "seq": event.seq,
        "actor": event.actor,
        "floor_from": event.floor_from,
        "floor_to": event.floor_to,
    }


def headers(owed: HookDelivery, body: bytes, now: datetime) -> dict[str, str]:
    """Return who calls, which call it is (the same each time it is tried), when, and the signatures."""
    name, at = f"call_{owed.pk}", f"{now.timestamp():.0f}"
    hook = owed.webhook
    sealed = [hook.secret] + ([hook.former_secret] if hook.former_until and hook.former_until > now else [])
    signed = [signature(secret, name, at, body) for secret in map(unseal, sealed) if secret]
    if not signed:
        raise transport.CallFailed("The secret cannot be read with today's key; give it a new one.")
    return {
        "User-Agent": "Helpdesk-Webhook/1",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(signed),
    }


def signature(secret: str, name: str, at: str, body: bytes) -> str:
    """Return the signature of one call, version 1."""
    key = b64decode(secret.removeprefix("whsec_"))
    return "v1," + b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, sha256)).decode()
