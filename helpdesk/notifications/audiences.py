"""Who is to hear of something, as things stand when it is asked: nobody when the reason for it has gone."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from escalation import access, signers
from escalation.access import WORKERS
from escalation.models import Approval, ExternalNotification, FloorVisit, Hold, LegalHold, OutboxMessage
from metrics import audit_calendar, audits, quarters
from metrics.models import Cause, Target
from policies import book, reviews
from policies.models import Policy
from tickets import roles
from tickets.models import Draft, Ticket, User

RISK_LEGAL = {roles.HEAD_OF_RISK, roles.LEGAL}


def in_roles(*allowed: str) -> QuerySet[User]:
    """Return the active people who act in one of the roles ALLOWED."""
    return User.objects.filter(is_active=True, groups__name__in=allowed).distinct()


def owner(owed: OutboxMessage) -> list[User]:
    """Whoever has the ticket."""
    assignee = owed.ticket.assignee
    return [assignee] if assignee and assignee.is_active else []


def person_who_has_it(owed: OutboxMessage) -> list[User]:
    """The person it was given to, while they have it."""
    return [person for person in owner(owed) if person.pk == owed.payload["person"]]


def person_without_it(owed: OutboxMessage) -> Iterable[User]:
    """The person it was taken from, while they do not have it."""
    person = User.objects.filter(is_active=True, pk=owed.payload["person"])
    return person.exclude(pk=owed.ticket.assignee_id) if owed.ticket.assignee_id else person


def named(owed: OutboxMessage) -> QuerySet[User]:
    """The person it is for, while they may see the ticket."""
    people = User.objects.filter(is_active=True, pk=owed.payload["person"])
    return people if all(access.can_see(person, owed.ticket_id) for person in people) else people.none()


def watcher(owed: OutboxMessage) -> QuerySet[User]:
    """The person it is for, while they watch the ticket and may see it."""
    return named(owed).filter(watches__ticket=owed.ticket_id)


def writer(owed: OutboxMessage) -> QuerySet[User]:
    """Who wrote what came back, until they have seen to it."""
    row = Draft.objects.filter(pk=owed.payload["draft"]).exclude(problem="")
    return User.objects.filter(is_active=True, pk__in=row.values("author"))


def risk_and_legal(owed: OutboxMessage) -> QuerySet[User]:
    return in_roles(*RISK_LEGAL)


def alarmed(owed: OutboxMessage) -> QuerySet[User]:
    return in_roles(roles.EXECUTIVE, *RISK_LEGAL)


def deadline(owed: OutboxMessage) -> dict:
    """What is said of a deadline that comes near."""
    visit = FloorVisit.objects.get(pk=owed.payload["visit"])
    due = visit.due_at.isoformat() if visit.due_at else ""
    return {"due": due, "floor": visit.floor, "unsigned": bool(_unsigned(owed.ticket))}


def who_can_act(owed: OutboxMessage) -> Iterable[User]:
    """Whoever has the ticket, else those of its team who work on its floor, else all who do; and missing signers.

    Nobody once it has moved on, waits for the customer, or is late.
    """
    visit = FloorVisit.objects.filter(pk=owed.payload["visit"], left_at=None, due_at__gt=Now()).first()
    if visit is None:
        return []
    people = owner(owed)
    if not people:
        working = in_roles(*WORKERS[visit.floor])
        team = working.filter(teams=owed.ticket.team_id) if visit.floor < 3 else working.none()
        people = list(team) or list(working)
    found = {person.pk: person for person in people}
    for approval in _unsigned(owed.ticket):
        found |= {person.pk: person for person in signers.people(approval)}
    return found.values()


def _unsigned(ticket: Ticket) -> list[Approval]:
    kinds = [Approval.Kind.FLOOR_3, Approval.Kind.FINAL_RESOLUTION]
    return list(ticket.escalation.approvals.filter(state=Approval.State.PENDING, kind__in=kinds))


def signers_of(owed: OutboxMessage) -> Iterable[User]:
    """Those who may sign and have not."""
    approval = _approval(owed)
    return signers.people(approval) if approval.state == Approval.State.PENDING else []


def next_in_line(owed: OutboxMessage) -> Iterable[User]:
    """Those above the silent signers: Risk and Legal above supervisors, executives above Risk and Legal."""
    approval = _approval(owed)
    if approval.state != Approval.State.PENDING:
        return []
    asked = set(signers.asked_of(approval.kind, owed.ticket.escalation))
    above = in_roles(roles.EXECUTIVE) if asked <= RISK_LEGAL else in_roles(*RISK_LEGAL)
    return above.exclude(pk=approval.requested_by_id)


def asker(owed: OutboxMessage) -> Iterable[User]:
    """Who asked for a signature."""
    return User.objects.filter(is_active=True, pk=_approval(owed).requested_by_id)


def owing_words(owed: OutboxMessage) -> Iterable[User]:
    """Those who owe words for what the clock moved past them (P2.1)."""
    approval = _approval(owed)
    return signers.people(approval) if approval.justification_owed else []


def supervisors_of_unowned(owed: OutboxMessage) -> Iterable[User]:
    return _supervisors(owed.ticket) if owed.ticket.assignee_id is None else []


def supervisors_of_open(owed: OutboxMessage) -> Iterable[User]:
    return _supervisors(owed.ticket)


def _supervisors(ticket: Ticket) -> Iterable[User]:
    """The supervisors of the ticket's team, or all when it has none; on Floor 3 those whose floor it is."""
    if ticket.escalation.floor is None:
        return []
    if ticket.escalation.floor == 3:
        return in_roles(*RISK_LEGAL)
    return _leading(ticket)


def _leading(ticket: Ticket) -> Iterable[User]:
    """The supervisors of the ticket's team, or all when it has none."""
    supervisors = in_roles(roles.SUPERVISOR)
    return list(supervisors.filter(teams=ticket.team_id)) or supervisors


def watching(owed: OutboxMessage) -> QuerySet[User]:
    """Who looks at what a rule points to."""
    return in_roles(*RISK_LEGAL) if owed.ticket.escalation.sensitive_floor == 3 else in_roles(roles.SUPERVISOR)


def notifiers(owed: OutboxMessage) -> Iterable[User]:
    """Who asked for a notice to an authority, and Risk and Legal, until it is sent."""
    row = ExternalNotification.objects.get(pk=owed.payload["notice"])
    if row.sent_at is not None:
        return []
    allowed = Q(groups__name__in=RISK_LEGAL) | Q(pk=row.asked_by_id)
    return User.objects.filter(allowed, is_active=True).distinct()


def hold_owner(owed: OutboxMessage) -> Iterable[User]:
    """Who owns a hold that is in force."""
    return User.objects.filter(
        is_active=True, pk__in=Hold.objects.filter(pk=owed.payload["hold"], released_at=None).values("owner")
    )


def legal_reviewers(owed: OutboxMessage) -> QuerySet[User]:
    """Risk and Legal, while a legal hold is in force whose day of review has come."""
    in_force = LegalHold.objects.filter(pk=owed.payload["hold"], released_at=None).exists()
    return in_roles(*RISK_LEGAL) if in_force else User.objects.none()


def untold(owed: OutboxMessage) -> Iterable[User]:
    """Who asked for a review, and who leads there, while the customer has not been told of it."""
    if not OutboxMessage.objects.filter(pk=owed.payload["letter"], sent_at=None).exists():
        return []
    return {person.pk: person for person in [*asker(owed), *_supervisors(owed.ticket)]}.values()


def answering(owed: OutboxMessage) -> Iterable[User]:
    """Who answers for the cause of a bad rating while that is open: its owner, else the supervisors."""
    task = Cause.objects.select_related("owner").filter(pk=owed.payload["cause"]).first()
    if task is None or not task.is_open:
        return []
    if task.owner and task.owner.is_active:
        return [task.owner]
    return in_roles(*RISK_LEGAL) if owed.ticket.escalation.sensitive_floor == 3 else _leading(owed.ticket)


def policy_reviewers(owed: OutboxMessage) -> Iterable[User]:
    """The owner of a policy whose day of review has come, unless it was superseded meanwhile."""
    row = _policy(owed)
    return reviews.people(row) if row else []


def policy(owed: OutboxMessage) -> dict:
    """What is said of it."""
    return owed.payload | {"name": str(_policy(owed))}


def _policy(owed: OutboxMessage) -> Policy | None:
    return book.kind(owed.payload["kind"]).model.objects.in_force().filter(pk=owed.payload["policy"]).first()


def staff(owed: OutboxMessage) -> QuerySet[User]:
    """Everybody with a role: the scorecard is shared with owners and teams (P8)."""
    return in_roles(*roles.ALL)


def auditors(owed: OutboxMessage) -> Iterable[User]:
    """Who audits policies, while something of the quarter is missing."""
    return in_roles(*audits.AUDITORS) if audit_calendar.missing(quarters.parse(owed.payload["quarter"])) else []


def owns_a_figure(user: User) -> bool:
    """Whether USER answers for a figure of the scorecard."""
    return Target.objects.filter(owner=user, valid_until__isnull=True).exists()


def caretakers(owed: OutboxMessage) -> QuerySet[User]:
    """Who looks after what could not be delivered."""
    return in_roles(roles.SUPERVISOR, roles.ADMIN)


def administrators(owed: OutboxMessage) -> QuerySet[User]:
    return in_roles(roles.ADMIN)


def _approval(owed: OutboxMessage) -> Approval:
    return Approval.objects.select_related("escalation").get(pk=owed.payload["approval"])
