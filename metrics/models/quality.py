"""Reviews of calls, chats and mails (P8, QA quality score)."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket
from tickets.personal import Personal, gone


class QaReview(models.Model):
    """What a reviewer thought of one person's work on one ticket, 0 to 100. Nobody reviews themselves."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="qa_reviews", verbose_name=_("ticket"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewer")
    )
    reviewed = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="qa_reviews", verbose_name=_("whose work")
    )
    score = models.PositiveSmallIntegerField(_("score, 0 to 100"))
    note = models.TextField(_("note"), blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), db_default=Now())

    personal = Personal("ticket", {"note": gone("note")})

    class Meta:
        ordering = ["-reviewed_at", "-id"]
        verbose_name = _("QA review")
        constraints = [
            models.CheckConstraint(condition=models.Q(score__lte=100), name="qa_score_0_to_100"),
            models.CheckConstraint(condition=~models.Q(reviewer=models.F("reviewed")), name="qa_four_eyes"),
        ]
        indexes = [models.Index(fields=["reviewed_at"], name="qa_reviewed_at")]

    def __str__(self) -> str:
        return f"#{self.ticket_id}: {self.score} of 100"
