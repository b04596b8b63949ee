"""What could not be delivered: letters and chat messages that were given up after many tries, and what was withdrawn.

Seen by supervisors and administrators, each only for tickets that they may see; of the others they learn how many there
are, and can have them tried again without learning what they say.
"""

from datetime import datetime, timedelta

from django.db.models import CharField, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext as _

from escalation import outbox
from escalation.access import visible_to
from escalation.models import OutboxMessage
from escalation.models.outbox import Owed
from helpdesk.models import Delivery, HookDelivery
from tickets import roles
from tickets.models import User
from tickets.refusals import Invalid, NotAllowed, NotFound
from tickets.texts import clean_line

READERS = (roles.SUPERVISOR, roles.ADMIN)

MODELS: dict[str, type[Owed]] = {"outbox": OutboxMessage, "delivery": Delivery}
"""What a row is called in addresses, and what it is."""

TOLD_EVERY = timedelta(hours=1)

_TICKET = {"outbox": "ticket", "delivery": "notification__ticket"}
_TOPIC = {"outbox": "topic", "delivery": "notification__topic"}


def require_reader(user: User) -> None:
    if not user.has_role(*READERS):
        raise NotAllowed(_("Supervisors and administrators look after what could not be delivered."), code="role")


def listed(user: User, *, withdrawn: bool = False) -> QuerySet:
    """Return what was given up, or withdrawn, about what USER may see, newest first, as dictionaries."""
    both = []
    for name in MODELS:
        rows = _parked(name, withdrawn=withdrawn).filter(_seen(name, user))
        reader = F("recipient__email") if name == "delivery" else Value("")
        way = F("channel") if name == "delivery" else Value("mail")
        rows = rows.annotate(
            kind=Value(name, output_field=CharField()),
            about=Cast(F(f"{_TICKET[name]}_id"), IntegerField()),
            said=F(_TOPIC[name]),
            reader=Cast(reader, CharField()),
            way=Cast(way, CharField()),
        )
        fields = ("kind", "pk", "about", "said", "reader", "way", "attempts", "last_error", "withdrawn", "parked_at")
        both.append(rows.values(*fields))
    return both[0].union(both[1], all=True).order_by("-parked_at")


def topics(user: User) -> dict[str, int]:
    """Return how many were given up of each topic, about what USER may see."""
    counts: dict[str, int] = {}
    for name in MODELS:
        for topic in _parked(name).filter(_seen(name, user)).values_list(_TOPIC[name], flat=True)[:10_000]:
            counts[topic] = counts.get(topic, 0) + 1
    return dict(sorted(counts.items()))


def count(user: User) -> int:
    """Return how many were given up about what USER may see."""
    return sum(_parked(name).filter(_seen(name, user)).count() for name in MODELS)


def count_hidden(user: User) -> int:
    """Return how many were given up about tickets that are out of USER's sight."""
    return sum(_parked(name).exclude(_seen(name, user)).count() for name in MODELS)


def send_again(user: User, *, kind: str = "", pk: int = 0, topic: str = "", hidden: bool = False) -> int:
    """Try again one row (KIND, PK), all of a TOPIC, or those about tickets out of USER's sight; return how many."""
    require_reader(user)
    if kind:
        rows = [_find(user, kind, pk)]
    elif topic:
        rows = [_parked(name).filter(_seen(name, user), **{_TOPIC[name]: topic}) for name in MODELS]
    elif hidden:
        rows = [_parked(name).exclude(_seen(name, user)) for name in MODELS]
    else:
        raise Invalid(_("Say what is to be sent again."), code="required", field="topic")
    again = {"parked_at": None, "attempts": 0, "next_attempt_at": Now()}
    return sum(found.model.objects.filter(pk__in=found.values("pk")).update(**again) for found in rows)


def withdraw(user: User, *, kind: str, pk: int, reason: str) -> None:
    """End one row that was given up, for REASON, which is listed with the name of USER."""
    require_reader(user)
    why = clean_line(reason, field="reason", limit=120)
    if len(why) < 5:
        raise Invalid(_("Say in at least 5 characters why it is no longer to be sent."), code="short", field="reason")
    outbox.withdraw(list(_find(user, kind, pk)), f"{user.get_short_name()[:60]}: {why}")


def tell(now: datetime) -> bool:
    """Let those who look after it know, once an hour at most, that something was given up; return whether it was.

    Calls of webhooks are for administrators, who have them listed with each webhook.
    """
    since = now - TOLD_EVERY
    letters = any(_parked(name).filter(parked_at__gt=since).exists() for name in MODELS)
    calls = HookDelivery.objects.filter(Owed.PARKED, withdrawn="", parked_at__gt=since).exists()
    for topic, news in (("undelivered", letters), ("webhook_given_up", calls)):
        if news:
            outbox.promise(ticket=None, topic=topic, key=f"{topic}:{now:%Y-%m-%dT%H}", now=now)
    return letters or calls


def total() -> int:
    """Return how many were given up in all."""
    return sum(_parked(name).count() for name in MODELS)


def _parked(name: str, *, withdrawn: bool = False) -> QuerySet:
    rows = MODELS[name].objects.filter(Owed.PARKED)
    return rows.exclude(withdrawn="") if withdrawn else rows.filter(withdrawn="")


def _seen(name: str, user: User) -> Q:
    path = _TICKET[name]
    return Q(**{f"{path}__isnull": True}) | Q(**{f"{path}__in": visible_to(user)})


def _find(user: User, kind: str, pk: int) -> QuerySet:
    found = _parked(kind).filter(_seen(kind, user), pk=pk) if kind in MODELS else OutboxMessage.objects.none()
    if not found.exists():
        raise NotFound(_("There is no such row that was given up."), code="not_found")
    return found
