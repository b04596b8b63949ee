"""What each figure should be, who answers for it, and since when (P8.4)."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SIGNS = {("higher", False): "≥", ("higher", True): ">", ("lower", False): "≤", ("lower", True): "<"}
"""Which way is good, and whether the target itself must be beaten, to the comparison that meets it."""


class Target(models.Model):
    """One version of a figure's target. It is superseded by the next one, never edited.

    `value` is in the figure's unit; empty when the house has set none. With `strict` the value itself does not meet the
    target ("< 8"). `owner_role` names the function that owns the figure, `owner` the person who fills it, if known.
    """

    class Better(models.TextChoices):
        HIGHER = "higher", _("higher is better")
        LOWER = "lower", _("lower is better")

    key = models.CharField(_("figure"), max_length=40)
    value = models.DecimalField(_("target"), max_digits=12, decimal_places=2, null=True, blank=True)
    better = models.CharField(_("which way is good"), max_length=6, choices=Better)
    strict = models.BooleanField(_("the target itself does not meet it"), default=False)
    owner_role = models.CharField(_("owner"), max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(_("why it was set so"), blank=True)
    valid_from = models.DateTimeField(_("in force from"), db_default=Now())
    valid_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["key", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(valid_until__isnull=True), name="target_one_current"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
                name="target_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.sign} {self.value}"

    @property
    def sign(self) -> str:
        """The comparison that meets the target: ≥, >, ≤ or <."""
        return SIGNS[str(self.better), self.strict]

    @property
    def owner_name(self) -> str:
        return f"{self.owner_role} ({self.owner})" if self.owner_id else self.owner_role

    def met_by(self, value: Decimal | None) -> bool | None:
        """Whether VALUE meets the target; None when there is no value or no target."""
        if value is None or self.value is None:
            return None
        if value == self.value:
            return not self.strict
        return (value > self.value) == (self.better == self.Better.HIGHER)

    def holds(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)
