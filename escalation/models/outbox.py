"""Effects that leave the database: written with the change that causes them, carried out afterwards."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket


class OutboxMessage(models.Model):
    """A mail that is owed. `key` says what it is about, so that the same cause never makes two of them.

    Only what concerns no single ticket, such as a sign-in link, has none.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="outbox")
    topic = models.CharField(_("topic"), max_length=40)
    key = models.CharField(_("cause"), max_length=80, unique=True)
    payload = models.JSONField(_("details"), default=dict)
    created_at = models.DateTimeField(_("owed since"), db_default=Now())
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("done"), null=True, blank=True)
    parked_at = models.DateTimeField(_("given up"), null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=models.Q(sent_at__isnull=True, parked_at__isnull=True),
                name="outbox_owed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} for #{self.ticket_id}" if self.ticket_id else self.topic
