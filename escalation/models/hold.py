"""Precautionary holds (P2, Floor 2)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation


class Hold(models.Model):
    """Forbids resolving until it is released by approval. It never stops a clock."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="holds")
    reason = models.TextField(_("reason"))
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: a rule placed it
    placed_at = models.DateTimeField(_("placed"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        ordering = ["placed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation"], condition=models.Q(released_at__isnull=True), name="hold_one_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.escalation_id}: {self.reason[:60]}"
