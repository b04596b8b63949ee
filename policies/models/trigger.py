"""Rules that send a ticket straight to the floor they name (P2.2)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy
from policies.risks import Risk


class Trigger(Policy):
    """What a message or an order must contain for a risk to be flagged, and the floor the ticket then belongs on.

    `phrases` maps a language to a list of literal phrases; a trailing `*` stands for any ending ("lawyer*").
    `min_order_value` is in the shop's currency; orders in another currency never match.
    """

    slug = models.SlugField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    risk = models.CharField(_("risk"), max_length=20, choices=Risk)
    floor = models.PositiveSmallIntegerField(
        _("goes to floor"), validators=[MinValueValidator(2), MaxValueValidator(3)]
    )
    phrases = models.JSONField(_("phrases by language"), default=dict, blank=True)
    min_order_value = models.DecimalField(
        _("orders from this value on"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["-floor", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="trigger_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="trigger_one_current"
            ),
            models.CheckConstraint(condition=models.Q(floor__gte=2, floor__lte=3), name="trigger_floor_2_or_3"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"
