"""Effects that leave the database: written with the change that causes them, carried out afterwards."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket
from tickets.personal import Personal


class Owed(models.Model):
    """Something that is to be carried out outside: tried until it works, given up after a while, or withdrawn.

    What was given up or withdrawn has `parked_at`; `withdrawn` says why it is no longer to be done.
    """

    OPEN = models.Q(sent_at__isnull=True, parked_at__isnull=True)
    PARKED = models.Q(sent_at__isnull=True, parked_at__isnull=False)

    created_at = models.DateTimeField(_("owed since"), db_default=Now())
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("done"), null=True, blank=True)
    parked_at = models.DateTimeField(_("given up"), null=True, blank=True)
    last_error = models.TextField(blank=True)
    withdrawn = models.CharField(_("why it was withdrawn"), max_length=200, blank=True, db_default="")

    class Meta:
        abstract = True


class OutboxMessage(Owed):
    """A mail that is owed. `key` says what it is about, so that the same cause never makes two of them."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="outbox"
    )  # empty: it is about no ticket
    topic = models.CharField(_("topic"), max_length=40)
    key = models.CharField(_("cause"), max_length=80)
    payload = models.JSONField(_("details"), default=dict)

    personal = Personal("ticket", {"payload": {}, "last_error": ""})

    class Meta:
        # A constraint and not `unique=True`, which would bring an index for LIKE that nothing uses.
        constraints = [models.UniqueConstraint(fields=["key"], name="outbox_key_once")]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Owed.OPEN, name="outbox_owed"),
            models.Index(fields=["-parked_at"], condition=Owed.PARKED, name="outbox_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} for #{self.ticket_id}" if self.ticket_id else self.topic
