"""Precautionary holds (P2, Floor 2)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation
from tickets.personal import ERASED, Personal


class Blocked(models.TextChoices):
    """What a hold can forbid."""

    RESOLVE = "resolve", _("resolve")
    DECIDE = "decide", _("decide")
    NOTIFY_OUTSIDE = "notify_outside", _("notify an authority")
    MERGE = "merge", _("merge")
    ERASE = "erase", _("erase")
    SEND = "send", _("write to the customer")


def usual() -> list[str]:
    """Return what a hold forbids unless it says otherwise: everything but writing to the customer (P2, Floor 2)."""
    return [action for action in Blocked.values if action != Blocked.SEND]


class Hold(models.Model):
    """Forbids what `blocks` names until it is released by approval. It never stops a clock."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="holds")
    reason = models.TextField(_("reason"))
    blocks = ArrayField(models.CharField(max_length=16, choices=Blocked), verbose_name=_("forbids"), default=usual)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="held"
    )
    review_on = models.DateField(_("to be reviewed on"), null=True, blank=True)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: a rule placed it
    placed_at = models.DateTimeField(_("placed"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    personal = Personal("escalation", {"reason": ERASED})

    class Meta:
        ordering = ["placed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation"], condition=models.Q(released_at__isnull=True), name="hold_one_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(blocks__len__gte=1, blocks__contained_by=Blocked.values), name="hold_blocks_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.escalation_id}: {self.reason[:60]}"
