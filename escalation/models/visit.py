"""Stays on floors and their clocks."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation
from policies.models import FloorLimit
from tickets.personal import ERASED, Personal


class FloorVisit(models.Model):
    """A ticket's stay on a floor. Every figure about floors is read from these rows.

    `due_at` is entry + limit + finished pauses in working time (`escalation.deadlines`), stored because the sweep looks
    for it; `warn_at` is when the last part of that time begins. Both are empty while the clock is paused. An open visit
    has no `left_at`, and a ticket has at most one.
    """

    class How(models.TextChoices):
        ARRIVAL = "arrival", _("arrival")
        CLOCK = "clock", _("clock")
        RULE = "rule", _("rule")
        PERSON = "person", _("person")
        APPROVAL = "approval", _("approval")

    # No indexes of their own: `visit_in_order` begins with the ticket, the others would be written at every climb.
    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="visits", db_index=False)
    floor = models.PositiveSmallIntegerField(_("floor"))
    entered_at = models.DateTimeField(_("entered"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    warn_at = models.DateTimeField(_("nearly late from"), null=True, blank=True)
    warned_at = models.DateTimeField(_("warned"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    limit = models.DurationField(_("time allowed"))
    policy = models.ForeignKey(
        FloorLimit, on_delete=models.PROTECT, null=True, blank=True, related_name="visits", db_index=False
    )
    how = models.CharField(_("brought here by"), max_length=8, choices=How)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    alarmed_at = models.DateTimeField(_("passing noticed"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("first assigned"), null=True, blank=True)

    # A row that cannot be climbed is set aside for a while, so that it delays nobody (see `escalation.sweep`).
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["entered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation"], condition=models.Q(left_at__isnull=True), name="visit_one_open_per_ticket"
            ),
            models.CheckConstraint(condition=models.Q(floor__gte=1, floor__lte=3), name="visit_floor_1_to_3"),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | models.Q(left_at__gte=models.F("entered_at")),
                name="visit_left_after_entering",
            ),
        ]
        indexes = [
            # The sweep's and the queue's index: only live clocks are in it, however many tickets there are.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(left_at__isnull=True, alarmed_at__isnull=True, due_at__isnull=False),
                name="visit_live_deadlines",
            ),
            # The same for warnings that nobody has had yet.
            models.Index(
                fields=["warn_at", "id"],
                condition=models.Q(
                    left_at__isnull=True, warned_at__isnull=True, alarmed_at__isnull=True, warn_at__isnull=False
                ),
                name="visit_live_warnings",
            ),
            models.Index(fields=["due_at"], condition=models.Q(left_at__isnull=True), name="visit_open_by_due"),
            models.Index(fields=["escalation", "entered_at"], name="visit_in_order"),
            models.Index(fields=["floor", "entered_at"], name="visit_floor_entered"),
            models.Index(fields=["by"], condition=models.Q(by__isnull=False), name="visit_by_person"),
        ]

    def __str__(self) -> str:
        return f"#{self.escalation_id} on Floor {self.floor} since {self.entered_at}"


class Pause(models.Model):
    """An interval during which the clock stood still because we wait for the customer: who stopped it, and why."""

    visit = models.ForeignKey(FloorVisit, on_delete=models.CASCADE, related_name="pauses")
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("why"), max_length=250)

    personal = Personal("visit__escalation", {"reason": ERASED})

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(ended_at__isnull=True), name="pause_one_open_per_visit"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="pause_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at} to {self.ended_at or 'now'}"
