"""Which tickets an audit looks at by hand: drawn at random, and by anybody again from the seed (P3.3)."""

from django.db.models import BinaryField, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from escalation.models import Decision
from metrics import sources
from metrics.fridays import Span
from policies.models import Right
from tickets.models import Ticket


def draw(tickets: QuerySet[Ticket], seed: str, size: int) -> list[int]:
    """Return the SIZE numbers of TICKETS whose SHA-256 of "SEED:number" is smallest: random, and the same each time."""
    place = Func(
        Concat(Value(f"{seed}:"), Cast("pk", TextField()), output_field=TextField()),
        template="sha256(convert_to(%(expressions)s, 'UTF8'))",
        output_field=BinaryField(),
    )
    return sorted(tickets.annotate(place=place).order_by("place", "pk").values_list("pk", flat=True)[:size])


def population(policy: str, span: Span) -> QuerySet[Ticket]:
    """Return the tickets that say something about POLICY: resolved in SPAN, or for credits decided on."""
    if policy == Right.Against.CREDITS:
        decided = Decision.objects.filter(decided_at__gte=span.start, decided_at__lt=span.end)
        return Ticket.objects.filter(pk__in=decided.values("escalation_id"), erased_at=None)
    return Ticket.objects.filter(pk__in=sources.resolved_tickets(span).values("escalation_id"), erased_at=None)
