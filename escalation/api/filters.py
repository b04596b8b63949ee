"""What the list of tickets can be narrowed by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from escalation import overview
from escalation.search import run
from escalation.search.asked import LONGEST
from policies.risks import Risk
from tickets.clock import database_now
from tickets.fields import Instant
from tickets.models import Ticket, User

_SLUG = {"max_length": 60, "required": False}


class TicketFilters(serializers.Serializer):
    """Each narrows the list; together they all hold."""

    floor = serializers.IntegerField(min_value=1, max_value=3, required=False)
    status = serializers.ChoiceField(choices=overview.STATUSES, required=False)
    assignee = serializers.CharField(max_length=254, required=False, help_text=_("an address, or `none`"))
    team = serializers.SlugField(**_SLUG)
    channel = serializers.SlugField(**_SLUG)
    category = serializers.SlugField(**_SLUG)
    tag = serializers.SlugField(**_SLUG)
    risk = serializers.ChoiceField(choices=Risk.choices, required=False)
    language = serializers.RegexField(r"^[a-z]{2,3}$", required=False, help_text=_("in which the customer wrote"))
    held = serializers.ChoiceField(choices=["true", "false"], required=False)
    q = serializers.CharField(
        max_length=LONGEST, required=False, help_text=_("words and operators, as in `GET /search/`: the thousand best")
    )
    created_after = Instant(required=False)
    created_before = Instant(required=False)
    due_before = Instant(required=False)


_EXACT = {
    "team": "team__slug",
    "channel": "channel__slug",
    "category": "category__slug",
    "risk": "escalation__risk_flags__risk",
    "tag": "tags__slug",
    "language": "language",
    "created_after": "created_at__gt",
    "created_before": "created_at__lt",
    "due_before": "floor_deadline__lt",
}


def narrow(tickets: QuerySet[Ticket], wanted: dict, *, user: User) -> QuerySet[Ticket]:
    """Apply what `TicketFilters` let through to TICKETS, which USER may see."""
    tickets = tickets.filter(**{_EXACT[name]: value for name, value in wanted.items() if name in _EXACT})
    if "floor" in wanted:
        tickets = overview.on_floor(tickets, wanted["floor"])
    if "status" in wanted:
        tickets = overview.having_status(tickets, wanted["status"])
    if "assignee" in wanted:
        tickets = _assigned(tickets, wanted["assignee"].lower())
    if "held" in wanted:
        tickets = tickets.filter(hold_id__isnull=wanted["held"] == "false")
    if "q" in wanted:
        found = run.numbers(tickets, wanted["q"], user=user, now=database_now(), narrowed=True)
        tickets = tickets.filter(pk__in=found)
    return tickets


def _assigned(tickets: QuerySet[Ticket], address: str) -> QuerySet[Ticket]:
    if address == "none":
        return tickets.filter(assignee__isnull=True)
    # By key rather than by join: PostgreSQL then knows how few tickets one person has.
    person = User.objects.filter(email=address).values_list("pk", flat=True).first()
    return tickets.filter(assignee=person) if person else tickets.none()
