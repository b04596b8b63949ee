"""How far a person may decide alone (P4.1)."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy


class Latitude(Policy):
    """What the named roles may give without anybody's signature (P4.1): an amount in the shop's currency per customer.

    What was given to the same customer within `window` counts towards the amount, so that nothing is split.
    """

    amount = models.DecimalField(_("up to"), max_digits=12, decimal_places=2, default=Decimal("100.00"))
    window = models.DurationField(_("within"), default=timedelta(hours=24))
    roles = ArrayField(models.CharField(max_length=20), verbose_name=_("roles"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(valid_until__isnull=True), name="latitude_one_current"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="latitude_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} within {self.window} (version {self.version})"
