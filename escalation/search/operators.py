"""The operators of a search: what `floor:2 is:late owner:me` mean for tickets. Nothing is ignored in silence."""

from datetime import UTC, date, datetime, time, timedelta

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalation import overview
from escalation.models import Escalation, FloorVisit, Hold, RiskFlag
from escalation.models.escalation import State
from escalation.search.asked import Operator
from policies.risks import Risk
from tickets.models import Category, Channel, Passage, Tag, Team, Ticket, User
from tickets.refusals import Invalid

HELP = {
    "floor": ("floor:2", gettext_lazy("stands, or was resolved, on this floor")),
    "is": ("is:late", gettext_lazy("open, waiting, resolved, closed, late, held, mine, unassigned")),
    "status": ("status:open", gettext_lazy("open, pending (waits for the customer), resolved, closed")),
    "owner": ("owner:me", gettext_lazy("me, none, or an address or name")),
    "team": ("team:specialists", gettext_lazy("the team's short name or name")),
    "tag": ("tag:vip", gettext_lazy("a tag")),
    "category": ("category:delivery", gettext_lazy("what it is about")),
    "channel": ("channel:phone", gettext_lazy("how it came in")),
    "customer": ("customer:carla@example.org", gettext_lazy("an address, or part of a name")),
    "risk": ("risk:legal", gettext_lazy("a risk that was found or flagged")),
    "held": ("held:yes", gettext_lazy("yes or no: a hold is in force")),
    "before": ("before:2026-11-01", gettext_lazy("came in before this day")),
    "after": ("after:2026-10-31", gettext_lazy("came in after this day")),
}
"""Each operator with an example and what it takes; the page and the refusals show them."""

DATES = ("before", "after")

_NAMED_ONE_BY_ONE = 500
"""Tickets up to which they are named: of those that are late PostgreSQL expects nearly as many as are open."""

_IS = ["open", "waiting", "resolved", "closed", "late", "held", "mine", "unassigned"]


def narrow(
    tickets: QuerySet[Ticket], operators: tuple[Operator, ...], *, user: User, now: datetime
) -> QuerySet[Ticket]:
    """Return those of TICKETS for which all OPERATORS hold; an unknown operator or value is refused in words."""
    for operator in operators:
        condition = _condition(operator, user, now)
        tickets = tickets.filter(~condition if operator.leave_out else condition)
    return tickets


def span(operators: tuple[Operator, ...]) -> tuple[datetime | None, datetime | None]:
    """Return after and before when tickets came in, as the operators bound it; None where they do not."""
    after = [_start(_day(o.name, o.value)) for o in operators if o.name == "after"]
    before = [_start(_day(o.name, o.value)) for o in operators if o.name == "before"]
    return max(after, default=None), min(before, default=None)


def _condition(operator: Operator, user: User, now: datetime) -> Q:
    name, value = operator.name, operator.value
    if name not in HELP:
        raise Invalid(
            _("There is no operator '%(name)s:'. There are: %(known)s. To find the text itself, put it in quotes.")
            % {"name": name[:30], "known": ", ".join(f"{known}:" for known in HELP)},
            code="operator",
            field="q",
        )
    if not value:
        raise Invalid(
            _("'%(name)s:' needs a value: %(example)s.") % {"name": name, "example": HELP[name][0]},
            code="operator",
            field="q",
        )
    if name in _NAMED:
        return _named(name, value)
    return _READ[name](value, user, now)


def _refuse(name: str, value: str, allowed: str) -> Invalid:
    words = _("'%(value)s' means nothing after '%(name)s:'. Use %(allowed)s.")
    return Invalid(words % {"value": value[:60], "name": name, "allowed": allowed}, code="operator", field="q")


def _one_of(name: str, value: str, allowed: list[str]) -> str:
    if value.lower() not in allowed:
        raise _refuse(name, value, ", ".join(allowed))
    return value.lower()


def _floor(value: str, user: User, now: datetime) -> Q:
    floor = _one_of("floor", value, ["1", "2", "3"])
    return Q(escalation__state=f"floor_{floor}") | Q(escalation__resolved_on_floor=int(floor))


def _is(value: str, user: User, now: datetime) -> Q:
    wanted = _one_of("is", value, _IS)
    if wanted == "waiting":
        return _has_status(overview.PENDING)
    if wanted in overview.STATUSES:
        return _has_status(wanted)
    if wanted == "late":
        return _standing(due_at__lt=now)
    if wanted == "held":
        return _held()
    return Q(assignee=user) if wanted == "mine" else Q(assignee__isnull=True)


def _status(value: str, user: User, now: datetime) -> Q:
    return _has_status(_one_of("status", value, list(overview.STATUSES)))


def _has_status(status: str) -> Q:
    if status == overview.CLOSED:
        return Q(closed_at__isnull=False)
    if status == overview.RESOLVED:
        # As all but the few that live: the newest live themselves, and are passed by quickly.
        return Q(closed_at__isnull=True) & ~Q(pk__in=Escalation.objects.exclude(state=State.RESOLVED).values("pk"))
    return _standing(due_at__isnull=status == overview.PENDING)


def _standing(**how) -> Q:
    # In the order of their index: else PostgreSQL, which expects many, reads all finished stays for the few that fit.
    visits = FloorVisit.objects.filter(left_at__isnull=True, **how).order_by("due_at")
    numbers = list(visits.values_list("escalation_id", flat=True)[: _NAMED_ONE_BY_ONE + 1])
    if len(numbers) <= _NAMED_ONE_BY_ONE:
        return Q(pk__in=numbers)
    return Q(Exists(visits.filter(escalation_id=OuterRef("pk"))))


def _held() -> Q:
    return Q(Exists(Hold.objects.filter(escalation_id=OuterRef("pk"), released_at__isnull=True)))


def _yes_no(value: str, user: User, now: datetime) -> Q:
    yes = _one_of("held", value, ["yes", "no", "true", "false"]) in {"yes", "true"}
    return _held() if yes else ~_held()


def _owner(value: str, user: User, now: datetime) -> Q:
    if value.lower() == "me":
        return Q(assignee=user)
    if value.lower() in {"none", "nobody"}:
        return Q(assignee__isnull=True)
    found = list(User.objects.filter(Q(email=value.lower()) | Q(name__iexact=value)).values_list("pk", flat=True)[:50])
    if not found:
        raise _refuse("owner", value, _("me, none, or the address or full name of a colleague"))
    return Q(assignee__in=found)


def _customer(value: str, user: User, now: datetime) -> Q:
    """Say by customer without telling who is a customer: nobody of that name is simply nothing found."""
    if "@" in value:
        return Q(customer__email=value.lower())
    named = SearchQuery(value, config="helpdesk_plain", search_type="phrase")
    return Q(customer__in=Passage.objects.filter(kind="customer", words=named).values("source"))


def _risk(value: str, user: User, now: datetime) -> Q:
    risk = _one_of("risk", value, list(Risk.values))
    return Q(Exists(RiskFlag.objects.filter(escalation_id=OuterRef("pk"), risk=risk)))


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _refuse(name, value, _("a date as 2026-11-21")) from None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone()).astimezone(UTC)


def _before(value: str, user: User, now: datetime) -> Q:
    return Q(created_at__lt=_start(_day("before", value)))


def _after(value: str, user: User, now: datetime) -> Q:
    day = _day("after", value)
    return Q(created_at__gte=_start(day + timedelta(days=1))) if day < date.max else Q(pk__isnull=True)


_NAMED = {"team": Team, "channel": Channel, "category": Category, "tag": Tag}


def _named(name: str, value: str) -> Q:
    model = _NAMED[name]
    found = list(model.objects.filter(Q(slug=value.lower()) | Q(name__iexact=value)).values_list("pk", flat=True)[:50])
    if not found:
        known = list(model.objects.order_by("slug").values_list("slug", flat=True)[:15])
        more = model.objects.count() - len(known)
        words = ", ".join(known) or _("one that exists; there is none yet")
        if more > 0:
            words += " " + ngettext("or %(count)d more", "or %(count)d more", more) % {"count": more}
        raise _refuse(name, value, words)
    if name == "tag":
        return Q(Exists(Ticket.tags.through.objects.filter(ticket_id=OuterRef("pk"), tag_id__in=found)))
    return Q(**{f"{name}__in": found})


_READ = {
    "floor": _floor,
    "is": _is,
    "status": _status,
    "owner": _owner,
    "customer": _customer,
    "risk": _risk,
    "held": _yes_no,
    "before": _before,
    "after": _after,
}
