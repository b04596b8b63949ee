"""What a person wants of a ticket for themselves: to hear of its changes, or not to see it for a while."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket


class Watch(models.Model):
    """Somebody watches a ticket. `told` is the last audit event of the ticket that they were told of, or knew."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    told = models.PositiveIntegerField(_("events told of"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.user} watches #{self.ticket_id}"


class Snooze(models.Model):
    """A ticket stays out of somebody's view of their own tickets: until a time, or until its customer writes.

    It hides nothing else and stops no clock.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="snoozes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes")
    until = models.DateTimeField(_("until"), null=True, blank=True)  # empty: until the customer writes
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="snooze_once")]

    def __str__(self) -> str:
        return f"{self.user} snoozes #{self.ticket_id}"
