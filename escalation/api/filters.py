"""What the list of tickets can be narrowed by."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from escalation import overview
from policies.risks import Risk
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
    held = serializers.ChoiceField(choices=["true", "false"], required=False)
    q = serializers.CharField(
        max_length=200, required=False, help_text=_("a number, the customer's address, or part of the subject")
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
    "created_after": "created_at__gt",
    "created_before": "created_at__lt",
    "due_before": "floor_deadline__lt",
}


def narrow(tickets: QuerySet[Ticket], wanted: dict) -> QuerySet[Ticket]:
    """Apply what `TicketFilters` let through."""
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
        tickets = tickets.filter(_matching(wanted["q"].strip()))
    return tickets


def _assigned(tickets: QuerySet[Ticket], address: str) -> QuerySet[Ticket]:
    if address == "none":
        return tickets.filter(assignee__isnull=True)
    # By key rather than by join: PostgreSQL then knows how few tickets one person has.
    person = User.objects.filter(email=address).values_list("pk", flat=True).first()
    return tickets.filter(assignee=person) if person else tickets.none()


def _matching(text: str) -> Q:
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        return Q(pk=int(digits)) | Q(subject__icontains=text)
    if "@" in text:
        return Q(customer__email=text.lower()) | Q(subject__icontains=text)
    return Q(subject__icontains=text)
