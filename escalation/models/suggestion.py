"""What people say of the texts and earlier decisions that a ticket's page suggests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalation.models.decision import Decision
from tickets.models import Ticket


class Unhelpful(models.Model):
    """Somebody said that a suggested text (by its `script`, a slug) or an earlier decision did not help with a ticket.

    It is suggested for that ticket no more, and the weekly review of the texts counts it (P6.2).
    """

    # The index of the constraint begins with it.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    script = models.CharField(_("text"), max_length=60, blank=True)
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = _("unhelpful suggestions")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user", "script", "decision"], name="unhelpful_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(script="", decision__isnull=False) | (~Q(script="") & Q(decision__isnull=True)),
                name="unhelpful_is_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="unhelpful_by_week")]

    def __str__(self) -> str:
        return f"{self.script or self.decision_id} for #{self.ticket_id}"
