"""What is suggested for a ticket: earlier decisions like it, and what people said did not help (P6.2)."""

from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from escalation import access, precedents
from escalation.models import Unhelpful
from policies import scripts
from policies.remedies import Problem
from tickets.models import Ticket, User
from tickets.refusals import Invalid


def did_not_help(
    number: int, *, actor: User, script: str = "", decision: int | None = None, now: datetime | None = None
) -> None:
    """Keep that a text (by its slug) or an earlier decision, which was suggested, did not help ACTOR with the ticket.

    Said twice it counts once; it is suggested for this ticket no more, to anybody.
    """
    ticket = access.get_ticket(actor, number)
    access.require_worker(actor, ticket.escalation)
    if decision is not None and not precedents.archive(actor).filter(pk=decision).exists():
        raise Invalid(_("There is no such decision."), code="unknown", field="decision")
    said = {"decision_id": decision} if decision is not None else {"script": scripts.current(script).slug}
    Unhelpful.objects.get_or_create(ticket=ticket, user=actor, **said, defaults={"at": now} if now else {})


def refused_texts(number: int) -> QuerySet:
    """Return the slugs of the texts that did not help with a ticket."""
    return Unhelpful.objects.filter(ticket=number).exclude(script="").values("script")


def decisions(ticket: Ticket, user: User) -> list[precedents.Similar]:
    """Return earlier decisions like TICKET, whose problem its category names, without those that did not help."""
    problem = problem_of(ticket)
    if not problem:
        return []
    refused = Unhelpful.objects.filter(ticket=ticket.pk, script="").values_list("decision", flat=True)
    return precedents.similar(ticket, user, problem=problem, without=refused)


def problem_of(ticket: Ticket) -> str:
    """Return the problem of the decision matrix that the ticket's category names, or ''."""
    problem = ticket.category.slug.replace("-", "_") if ticket.category else ""
    return problem if problem in Problem.values else ""


def times_unhelpful(start: datetime, end: datetime) -> tuple[dict[str, int], int]:
    """Return how often each text did not help from START to END, by slug, and how often an earlier decision did not."""
    said = Unhelpful.objects.filter(at__gte=start, at__lt=end).order_by()
    counts = dict(said.values_list("script").annotate(times=Count("pk")))
    return counts, counts.pop("", 0)
