"""How long a ticket may stay on a floor, in which hours the clock runs, and which team has it there."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.calendar import Calendar
from policies.models.policy import Policy, four_eyes
from tickets.models import Category, Channel, Team


class FloorLimit(Policy):
    """The clock of one floor (P2 table: 15, 10 and 60 minutes). A change holds for stays that begin after it.

    With a channel or a category (or both) it holds for their tickets only, before the floor's own (`floors.Limits`).
    Without a calendar the clock always runs. `warn_share` is the last part of the time in which a ticket counts as
    nearly late (P2.5); 0 warns of nothing.
    """

    floor = models.PositiveSmallIntegerField(_("floor"), validators=[MinValueValidator(1), MaxValueValidator(3)])
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    limit = models.DurationField(_("time on this floor"))
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="limits")
    warn_share = models.FloatField(_("share of the time that warns"), default=1 / 3)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["floor", "-version"]
        constraints = [
            four_eyes("floor_limit"),
            models.UniqueConstraint(
                fields=["floor", "channel", "category", "version"],
                nulls_distinct=False,
                name="floor_limit_scope_version",
            ),
            models.UniqueConstraint(
                fields=["floor", "channel", "category"],
                condition=models.Q(valid_until__isnull=True),
                nulls_distinct=False,
                name="floor_limit_scope_one_current",
            ),
            models.CheckConstraint(condition=models.Q(floor__gte=1, floor__lte=3), name="floor_limit_floor_1_to_3"),
            models.CheckConstraint(
                condition=models.Q(warn_share__gte=0, warn_share__lt=1), name="floor_limit_warns_inside_its_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.limit} (version {self.version})"

    @property
    def scope(self) -> str:
        """What it holds for, in words."""
        floor = _("Floor %(n)s") % {"n": self.floor}
        return ", ".join(str(part) for part in (floor, self.channel, self.category) if part)
