"""Risks that a rule found or a person flagged."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation
from policies.models import Trigger
from policies.risks import Risk
from tickets.personal import Personal, gone


class RiskFlag(models.Model):
    """One risk on one ticket: the rule that found it and the words it saw, or who flagged it and their note."""

    # Indexed by the constraint below.
    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="risk_flags", db_index=False)
    risk = models.CharField(_("risk"), max_length=20, choices=Risk)
    trigger = models.ForeignKey(Trigger, on_delete=models.PROTECT, null=True, blank=True, related_name="flags")
    words = models.JSONField(_("words seen"), default=list)
    flagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    flagged_at = models.DateTimeField(_("flagged"))
    note = models.TextField(_("note"), blank=True)

    personal = Personal("escalation", {"words": [], "note": gone("note")})

    class Meta:
        ordering = ["flagged_at", "id"]
        constraints = [models.UniqueConstraint(fields=["escalation", "risk"], name="risk_flag_once")]
        indexes = [models.Index(fields=["risk", "escalation"], name="risk_flag_risk")]

    def __str__(self) -> str:
        return f"#{self.escalation_id}: {self.get_risk_display()}"
