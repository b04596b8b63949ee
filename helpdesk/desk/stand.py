"""Where a ticket stands, in the words of the floor panel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from escalation import overview, signers, telling, visits
from escalation.models import Approval, Blocked, FloorVisit, Hold, Pause, RiskFlag
from helpdesk.desk import foresight
from helpdesk.templatetags.ux import clock_time
from policies import floors, responses
from policies.matrix import Matrix
from policies.models import FloorLimit
from tickets import roles
from tickets.models import Ticket
from tickets.prepared import prepared

_SHOWN = ("escalation", "floor", "entered_at", "due_at", "limit", "how", "alarmed_at", "by__name", "by__email")
"""What the panel says of a stay whose clock runs or has ended."""


@prepared
def _last_stay(paused: bool, *, number: int) -> QuerySet[FloorVisit]:
    stays = FloorVisit.objects.filter(escalation=number)
    # How long is left on a clock that stands is counted by its policy and calendar; a running one says so itself.
    if paused:
        stays = stays.select_related("by", "policy__calendar")
    else:
        stays = stays.select_related("by").only(*_SHOWN)
    return foresight.with_forecast(stays).order_by("-entered_at", "-id")[:1]


@dataclass(frozen=True)
class Request:
    """A request for a signature with who may decide it."""

    approval: Approval
    signers: str

    @property
    def waiting(self) -> bool:
        return self.approval.state == Approval.State.PENDING or self.approval.justification_owed


def named_actions(actions: list[str]) -> str:
    """Return what a hold forbids, in words."""
    return ", ".join(str(Blocked(action).label) for action in actions)


def in_words(moment: datetime) -> str:
    """Return MOMENT as the reader would say it: day of the week, date, time and their zone."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'l')} {date_format(local, 'DATETIME_FORMAT')} {date_format(local, 'e')}"


class Stand:
    """Everything that the panel says about TICKET at NOW. Each part is asked of the database once, when it is shown."""

    def __init__(self, ticket: Ticket, now: datetime | None = None):
        self.ticket = ticket
        self.now = now or timezone.now()
        self.clock = overview.clock(ticket)
        self.status = overview.status(ticket)
        self.floor = ticket.escalation.sensitive_floor
        self.resolved = ticket.escalation.floor is None

    @cached_property
    def visit(self) -> FloorVisit | None:
        """The open stay, or the last one when resolved."""
        return next(iter(_last_stay(self.clock == "paused", number=self.ticket.pk)), None)

    @cached_property
    def pause(self) -> Pause | None:
        if self.clock != "paused":
            return None
        return self.visit.pauses.select_related("by").filter(ended_at__isnull=True).first()

    @cached_property
    def left(self) -> timedelta | None:
        """The time that is left on a clock that stands still."""
        if self.pause is None:
            return None
        return visits.time_left(self.visit, self.now)

    @cached_property
    def hold(self) -> Hold | None:
        """The hold in force."""
        if self.ticket.hold_placed_at is None:
            return None
        in_force = Hold.objects.filter(escalation_id=self.ticket.pk, released_at__isnull=True)
        return in_force.select_related("owner", "placed_by").first()

    @property
    def forbidden(self) -> str:
        """What the hold forbids, in words."""
        return named_actions(self.hold.blocks) if self.hold else ""

    @cached_property
    def requests(self) -> list[Request]:
        if not getattr(self.ticket, "has_requests", True):
            return []
        rows = telling.with_told(Approval.objects.filter(escalation_id=self.ticket.pk))
        rows = rows.select_related("requested_by", "decided_by")
        rows = list(rows.order_by("-requested_at", "-id")[:20])
        for row in rows:
            row.escalation = self.ticket.escalation
        matrix = Matrix() if rows else None
        return [Request(row, signers.names(row, matrix)) for row in rows]

    def waits_for(self, kind: str) -> bool:
        """Whether a request of KIND is pending."""
        return any(r.approval.kind == kind and r.approval.state == Approval.State.PENDING for r in self.requests)

    @property
    def responsible(self) -> str:
        """The role that answers for the ticket on its floor (P2.4)."""
        return [roles.LABELS[roles.AGENT], roles.LABELS[roles.SUPERVISOR], _("Head of Risk or Legal")][self.floor - 1]

    @cached_property
    def flags(self) -> list[RiskFlag]:
        if not self.ticket.risks:
            return []
        rows = RiskFlag.objects.filter(escalation_id=self.ticket.pk).select_related("trigger", "flagged_by")
        return list(rows.order_by("flagged_at", "id"))

    @property
    def arrived(self) -> str:
        """How the ticket came to this floor, in a sentence."""
        if self.visit is None:
            return ""
        time = clock_time(self.visit.entered_at, self.now)
        how = {
            FloorVisit.How.CLOCK: _("Moved here by the clock at %(time)s."),
            FloorVisit.How.RULE: _("Sent here by rule at %(time)s."),
            FloorVisit.How.PERSON: _("Sent here by %(who)s at %(time)s."),
            FloorVisit.How.APPROVAL: _("Sent here on a signature at %(time)s."),
        }.get(self.visit.how, _("Here since %(time)s."))
        if self.visit.how == FloorVisit.How.PERSON and self.visit.by is None:
            how = _("Here since %(time)s.")
        return how % {"time": time, "who": self.visit.by}

    @cached_property
    def at_zero(self) -> str:
        """What happens when the clock runs out, in a sentence."""
        if self.resolved:
            return ""
        if self.floor == 3 and self.visit and self.visit.alarmed_at:
            time = clock_time(self.visit.alarmed_at, self.now)
            return _("Executives were informed at %(time)s. The decision is still owed, by Risk or Legal.") % {
                "time": time
            }
        if self.floor == 3:
            return _("At zero executives are informed. The decision is still owed, by Risk or Legal.")
        limits = floors.Limits(row for row in self._limits if row.holds_at(self.now))
        limit = limits.find(self.floor + 1, self.ticket.channel_id, self.ticket.category_id)
        team = (limit.team if limit else None) or self.ticket.channel.team
        return _("At zero it moves to Floor %(floor)s, %(team)s.") % {"floor": self.floor + 1, "team": team}

    @cached_property
    def foreseen(self) -> foresight.Warning | None:
        """The warning that foresight has for the ticket where it stands, if it has one (P2.5)."""
        return foresight.warning(self.ticket, self.visit)

    @cached_property
    def answer_due(self) -> datetime | None:
        """Until when a first answer is promised (P1.2); None once it was given, or when the ticket is resolved."""
        if self.ticket.first_response_at or self.resolved:
            return None
        at = self.ticket.created_at
        promise = responses.Promises(at, at, limits=self._limits).of(self.ticket.channel_id, at)
        return promise and promise.answer_at

    @cached_property
    def _limits(self) -> list[FloorLimit]:
        """The limits of the floors from the ticket's first moment until now."""
        return floors.held(since=self.ticket.created_at, until=self.now)

    @property
    def answer_window(self) -> timedelta:
        return self.answer_due - self.ticket.created_at
