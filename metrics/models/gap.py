"""Where the decision matrix fell short, and what was made of it (P4.5)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models import Decision
from tickets.personal import ERASED, Personal


class GapAnswer(models.Model):
    """What a weekly review made of one gap: a draft of a better cell was begun, or it was dismissed with a reason."""

    class Answer(models.TextChoices):
        DRAFTED = "drafted", _("a change is drafted")
        DISMISSED = "dismissed", _("dismissed")

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="gap_answer")
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    reason = models.TextField(_("why"))
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"))

    personal = Personal("decision__escalation", {"reason": ERASED})

    class Meta:
        ordering = ["-answered_at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="gap_answer_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.get_answer_display()}"
