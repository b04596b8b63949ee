"""How long we keep what customers wrote."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes
from tickets.models import Category


class Retention(Policy):
    """Months after its resolution at which a ticket's personal data is erased; without a category, for all others.

    Where no row is in force nothing is erased by time.
    """

    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    months = models.PositiveSmallIntegerField(
        _("months after it was resolved"), validators=[MinValueValidator(1), MaxValueValidator(600)]
    )

    class Meta:
        verbose_name = _("retention")
        constraints = [
            models.UniqueConstraint(
                fields=["category"],
                condition=models.Q(valid_until__isnull=True),
                nulls_distinct=False,
                name="retention_one_current",
            ),
            models.CheckConstraint(condition=models.Q(months__gte=1, months__lte=600), name="retention_months"),
            four_eyes("retention"),
        ]

    def __str__(self) -> str:
        return f"{self.category or 'all categories'}: {self.months} months"
