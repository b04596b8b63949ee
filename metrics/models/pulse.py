"""The weekly morale pulse: what was answered, and apart from it who has answered (P8.2)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models import Team


class PulseAnswer(models.Model):
    """One anonymous answer. It holds no person and no time, and its key and place in the table are random."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    week = models.DateField(_("week (its Monday)"), db_index=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    score = models.PositiveSmallIntegerField(_("score, 0 to 100"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(score__lte=100), name="pulse_score_0_to_100"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="pulse_week_is_a_monday"),
        ]

    def __str__(self) -> str:
        return f"an answer in the week of {self.week}"


class PulseTurn(models.Model):
    """That a person has answered in a week, so that nobody answers twice; not what."""

    week = models.DateField(_("week (its Monday)"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["week", "person"], name="pulse_one_turn_a_week")]

    def __str__(self) -> str:
        return f"{self.person} in the week of {self.week}"
