"""Approved texts that failed or that nobody used, and what a weekly review made of them (P6.2)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models import Script


class TextAnswer(models.Model):
    """What a weekly review made of one text: a change was drafted or asked for, or it stays, each with a reason.

    `script` is the version that was in force then.
    """

    class Answer(models.TextChoices):
        DRAFTED = "drafted", _("a change is drafted")
        ASKED = "asked", _("a change is asked for")
        STAYS = "stays", _("stays as it is")

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    reason = models.TextField(_("why"))
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        ordering = ["-answered_at"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="text_answer_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.script}: {self.get_answer_display()}"
