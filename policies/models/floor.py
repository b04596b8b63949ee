"""How long a ticket may stay on a floor, and which team has it there."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy
from tickets.models import Team


class FloorLimit(Policy):
    """The clock of one floor (P2 table: 15, 10 and 60 minutes). A change holds for stays that begin after it."""

    floor = models.PositiveSmallIntegerField(_("floor"), validators=[MinValueValidator(1), MaxValueValidator(3)])
    limit = models.DurationField(_("time on this floor"))
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["floor", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["floor", "version"], name="floor_limit_version"),
            models.UniqueConstraint(
                fields=["floor"], condition=models.Q(valid_until__isnull=True), name="floor_limit_one_current"
            ),
            models.CheckConstraint(condition=models.Q(floor__gte=1, floor__lte=3), name="floor_limit_floor_1_to_3"),
        ]

    def __str__(self) -> str:
        return f"Floor {self.floor}: {self.limit} (version {self.version})"
