"""How satisfied customers were with an outcome (P7.1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models import FloorVisit
from tickets.models import Ticket
from tickets.personal import Personal, gone


class Rating(models.Model):
    """One customer's answer about one resolution: `visit` is the stay that ended with it.

    `rated_at` is the first answer and decides the week in which it counts; a later change keeps it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="ratings")
    visit = models.OneToOneField(FloorVisit, on_delete=models.PROTECT, related_name="rating")
    score = models.PositiveSmallIntegerField(_("score, 1 to 5"))
    comment = models.TextField(_("comment"), blank=True)
    rated_at = models.DateTimeField(_("rated"))
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    personal = Personal("ticket", {"comment": gone("comment")}, given=("score", "comment", "rated_at"))

    class Meta:
        ordering = ["rated_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="rating_score_1_to_5")
        ]
        indexes = [models.Index(fields=["rated_at"], name="rating_rated_at")]

    def __str__(self) -> str:
        return f"#{self.ticket_id}: {self.score} of 5"
