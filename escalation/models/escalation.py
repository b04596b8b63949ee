"""Where a ticket stands: the state machine of P2.

The transition methods change columns in memory only. `escalation.moves` and `escalation.sweep` call them, under the row
lock of `escalation.case`, and write the row together with its audit event.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from tickets.models import Ticket

FLOORS = (1, 2, 3)
GENESIS = "0" * 64
"""What the first audit event of a ticket names as the hash before it."""


class State(models.TextChoices):
    FLOOR_1 = "floor_1", _("Floor 1")
    FLOOR_2 = "floor_2", _("Floor 2")
    FLOOR_3 = "floor_3", _("Floor 3")
    RESOLVED = "resolved", _("Resolved")


class Escalation(models.Model):
    """A ticket's stand on the floors.

    `version` counts the audit events of the ticket: whatever changes a ticket writes one event and raises it by one, so
    it serves as the ETag, as the optimistic lock, and as the length that the audit chain must have.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="escalation")
    state = FSMField(default=State.FLOOR_1, choices=State, protected=True)
    version = models.PositiveIntegerField(_("number of recorded events"), default=0)
    head_hash = models.CharField(_("hash of the last event"), max_length=64, default=GENESIS)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_on_floor = models.PositiveSmallIntegerField(_("resolved on floor"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="escalation_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="resolved", resolved_at__isnull=False, resolved_on_floor__isnull=False)
                | ~models.Q(state="resolved") & models.Q(resolved_at__isnull=True, resolved_on_floor__isnull=True),
                name="escalation_resolved_says_when_and_where",
            ),
        ]
        indexes = [
            models.Index(fields=["resolved_at"], name="escalation_resolved"),
            models.Index(fields=["state"], condition=~models.Q(state="resolved"), name="escalation_live"),
            # Nearly all are resolved on Floor 1; `floor:2` in a search looks for the others.
            models.Index(
                fields=["resolved_on_floor"], condition=models.Q(resolved_on_floor__gt=1), name="escalation_higher"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.get_state_display()}"

    @property
    def floor(self) -> int | None:
        """1, 2 or 3; None when resolved."""
        return None if self.state == State.RESOLVED else int(self.state[-1])

    @property
    def sensitive_floor(self) -> int:
        """The floor whose secrecy holds: where it is, or where it was resolved."""
        return self.floor or self.resolved_on_floor or 1

    @transition(field=state, source=State.FLOOR_1, target=State.FLOOR_2)
    def climb_to_2(self) -> None:
        """Up from triage to specialist review."""

    @transition(field=state, source=[State.FLOOR_1, State.FLOOR_2], target=State.FLOOR_3)
    def climb_to_3(self) -> None:
        """Up to Risk and Legal; straight from Floor 1 only by a rule (P2.2)."""

    @transition(field=state, source=[State.FLOOR_2, State.FLOOR_3], target=State.FLOOR_1)
    def return_to_1(self) -> None:
        """Down again to triage."""

    @transition(field=state, source=State.FLOOR_3, target=State.FLOOR_2)
    def return_to_2(self) -> None:
        """Down again to specialist review."""

    @transition(field=state, source=[State.FLOOR_1, State.FLOOR_2, State.FLOOR_3], target=State.RESOLVED)
    def resolve(self, now) -> None:
        """The case is answered; the clock ends."""
        self.resolved_on_floor = self.floor
        self.resolved_at = now

    @transition(field=state, source=State.RESOLVED, target=State.FLOOR_1)
    def reopen_on_1(self) -> None:
        """Back to triage."""
        self._forget_resolution()

    @transition(field=state, source=State.RESOLVED, target=State.FLOOR_2)
    def reopen_on_2(self) -> None:
        """Back to specialist review."""
        self._forget_resolution()

    @transition(field=state, source=State.RESOLVED, target=State.FLOOR_3)
    def reopen_on_3(self) -> None:
        """Back to Risk and Legal, whose secrecy still holds."""
        self._forget_resolution()

    def _forget_resolution(self) -> None:
        self.resolved_at = None
        self.resolved_on_floor = None
