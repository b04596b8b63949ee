"""Saying how two tickets bear on each other; both trails tell."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from escalation import access, audit
from escalation.case import Case, locked_together, refuse_ended
from escalation.models import Action
from tickets.models import Ticket, TicketLink, User
from tickets.refusals import Conflict, Invalid, NotFound


def link(number: int, *, other: int, kind: str, actor: User, now: datetime | None = None) -> TicketLink:
    """Say that ticket NUMBER is related to, a duplicate of, or caused by OTHER; ACTOR works on it and sees both."""
    if number == other:
        raise Invalid(_("A ticket cannot be linked to itself."), code="same_ticket", field="other")
    if kind not in TicketLink.Kind.values:
        raise Invalid(
            _("A link is one of: %(names)s.") % {"names": ", ".join(TicketLink.Kind.values)},
            code="unknown",
            field="kind",
        )
    access.get_ticket(actor, number)
    access.get_ticket(actor, other)
    with locked_together([number, other], now=now) as cases:
        here, there = cases[number], cases[other]
        access.require_worker(actor, here.escalation)
        for case in (here, there):
            refuse_ended(case.ticket)
        made = put(here.ticket, there.ticket, kind, actor=actor, now=here.now)
        _record(Action.LINKED, here, there, kind, actor)
        return made


def unlink(number: int, link_id: int, *, actor: User, now: datetime | None = None) -> None:
    """Take a link back; that there was one stays on both trails."""
    access.get_ticket(actor, number)
    found = of(number, actor).filter(pk=link_id).first()
    if found is None:
        raise NotFound(
            _("There is no link %(link)s on ticket %(number)s that you may see.") % {"link": link_id, "number": number},
            code="not_found",
        )
    with locked_together([found.ticket_id, found.other_id], now=now) as cases:
        access.require_worker(actor, cases[number].escalation)
        gone, _rows = TicketLink.objects.filter(pk=link_id).delete()
        if not gone:
            raise Conflict(_("Somebody removed this link at the same moment."), code="gone")
        _record(Action.UNLINKED, cases[found.ticket_id], cases[found.other_id], found.kind, actor)


def of(number: int, user: User) -> QuerySet[TicketLink]:
    """Return the links of ticket NUMBER both of whose ends USER may see."""
    links = TicketLink.objects.filter(Q(ticket=number) | Q(other=number))
    seen = access.visible_to(user)
    return links.filter(ticket__in=seen, other__in=seen).select_related("ticket__escalation", "other__escalation")


def put(ticket: Ticket, other: Ticket, kind: str, *, actor: User, now: datetime) -> TicketLink:
    """Write the link between two locked tickets; what is related is so both ways, the lower number first."""
    if kind == TicketLink.Kind.RELATED:
        ticket, other = sorted((ticket, other), key=lambda one: one.pk)
    made, is_new = TicketLink.objects.get_or_create(
        ticket=ticket, other=other, kind=kind, defaults={"made_by": actor, "made_at": now}
    )
    if not is_new:
        raise Conflict(_("These two are linked so already."), code="already_linked")
    return made


def _record(action: Action, here: Case, there: Case, kind: str, actor: User) -> None:
    by = audit.person(actor)
    here.record(action, by, data={"link": str(kind), "other": there.number})
    there.record(action, by, data={"link": str(kind), "by_ticket": here.number}, activity=False)
