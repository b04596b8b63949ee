"""What customers are promised per channel (P1.2)."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes
from tickets.models import Channel


class ResponseTime(Policy):
    """Promised times to the first answer and the solution on a channel; without a channel, for all others.

    `review_told` is how soon a customer hears that somebody else must decide their case (P4.3), on any clock and day.
    """

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    first_response = models.DurationField(_("first answer within"))
    resolution = models.DurationField(_("solved within"))
    review_told = models.DurationField(_("told of a review within"), default=timedelta(minutes=5))

    class Meta:
        constraints = [
            four_eyes("response_time"),
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(valid_until__isnull=True),
                nulls_distinct=False,
                name="response_time_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel or 'all channels'}: {self.first_response}, {self.resolution}"
