"""What became of tickets after an approved text was used (P6.2): counted week by week, each number from rows."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from escalation import suggestions
from escalation.models import Action, AuditEvent
from metrics.fridays import Span
from metrics.models import Rating
from policies.models import Script, ScriptUse


@dataclass(frozen=True)
class Use:
    """One text in a span of time: answers based on it, and how many of their tickets then came back or moved up.

    `unhelpful` is how often it was suggested and somebody said that it did not help. `rating` is the mean of the
    customers' scores (1 to 5) of `rated` tickets; None when nobody rated.
    """

    script: Script
    used: int = 0
    reopened: int = 0
    moved_up: int = 0
    rated: int = 0
    rating: Decimal | None = None
    unhelpful: int = 0


def table(span: Span) -> list[Use]:
    """Return every text in force that may go into an answer, those used most first, the never used ones last."""
    found = {row.pop("script__slug"): row for row in _counts(span, ScriptUse.objects.all())}
    unhelpful, _decisions = suggestions.times_unhelpful(span.start, span.end)
    texts = Script.objects.in_force().exclude(kind=Script.Kind.PLAYBOOK).select_related("owner").defer("texts")
    uses = [Use(text, **found.get(text.slug, {}), unhelpful=unhelpful.get(text.slug, 0)) for text in texts]
    return sorted(uses, key=lambda use: (-use.used, -use.unhelpful, use.script.title))


def of(text: Script, span: Span) -> Use:
    """Return what followed one text in all its versions."""
    found = next(iter(_counts(span, ScriptUse.objects.filter(script__slug=text.slug))), None) or {}
    unhelpful, _decisions = suggestions.times_unhelpful(span.start, span.end)
    found = {name: value for name, value in found.items() if name != "script__slug"}
    return Use(text, **found, unhelpful=unhelpful.get(text.slug, 0))


def _counts(span: Span, uses: QuerySet[ScriptUse]) -> QuerySet[dict]:
    later = {"ticket": OuterRef("message__ticket"), "at__gt": OuterRef("message__created_at")}
    ratings = Rating.objects.filter(
        ticket=OuterRef("message__ticket"), rated_at__gt=OuterRef("message__created_at")
    ).order_by("-rated_at")
    uses = uses.filter(message__created_at__gte=span.start, message__created_at__lt=span.end)
    again = ScriptUse.objects.filter(
        script__slug=OuterRef("script__slug"),
        message__ticket=OuterRef("message__ticket"),
        message__created_at__lt=span.end,
        pk__gt=OuterRef("pk"),
    )
    uses = uses.annotate(
        again=Exists(again),  # a ticket's score counts once, with the last of its answers
        came_back=Exists(AuditEvent.objects.filter(action=Action.REOPENED, **later)),
        climbed=Exists(AuditEvent.objects.filter(floor_to__gt=F("floor_from"), **later)),
        score=Subquery(ratings.values("score")[:1]),
    )
    return uses.values("script__slug").annotate(
        used=Count("pk"),
        reopened=Count("message__ticket", filter=Q(came_back=True), distinct=True),
        moved_up=Count("message__ticket", filter=Q(climbed=True), distinct=True),
        rated=Count("score", filter=Q(again=False)),
        rating=Avg("score", filter=Q(again=False)),
    )
