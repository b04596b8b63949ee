"""What went wrong in a bad experience, and what is done so that it does not come back (P7.2)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from metrics.models.rating import Rating
from tickets.personal import Personal, gone


class Cause(models.Model):
    """A task that a bad rating opens: its owner finds the cause and prevents it, by `due_at`.

    A rating that its customer makes better withdraws the task while nobody has closed it.
    """

    rating = models.OneToOneField(Rating, on_delete=models.PROTECT, related_name="cause")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("due"))
    cause = models.TextField(_("what caused it"), blank=True)
    action = models.TextField(_("what prevents it from now on"), blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    personal = Personal("rating__ticket", {"cause": gone("cause"), "action": gone("action")})

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False)
                & ~models.Q(cause="")
                & ~models.Q(action=""),
                name="cause_closed_with_words",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(withdrawn_at__isnull=True),
                name="cause_closed_or_withdrawn",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(closed_at__isnull=True, withdrawn_at__isnull=True),
                name="cause_open",
            ),
            models.Index(fields=["opened_at"], name="cause_opened"),
        ]

    def __str__(self) -> str:
        return f"#{self.rating.ticket_id}: {self.cause[:60] or '–'}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.withdrawn_at is None
