"""What all policies share: a version, an owner, and the time from and until which they hold."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PolicyQuerySet(models.QuerySet):
    def in_force(self, at: datetime | None = None) -> "PolicyQuerySet":
        """Versions that hold at AT (default: the database's now)."""
        instant = at or Now()
        return self.filter(valid_from__lte=instant).filter(
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=instant)
        )


class Policy(models.Model):
    """One version of a rule of the house. It is superseded by the next version, never edited.

    A database trigger refuses a change of what it says; its owner, its end and its day of review may be set.
    """

    version = models.PositiveIntegerField(_("version"), default=1)
    valid_from = models.DateTimeField(_("in force from"), db_default=Now())
    valid_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    why = models.TextField(_("why it changed"), blank=True)
    review_on = models.DateField(_("to be reviewed on"), null=True, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        abstract = True

    def holds_at(self, instant: datetime) -> bool:
        return self.valid_from <= instant and (self.valid_until is None or self.valid_until > instant)

    def supersede_with(self, successor: "Policy", *, now: datetime) -> "Policy":
        """End this version at NOW and put SUCCESSOR in force from then on. Call it with this row locked."""
        type(self).objects.filter(pk=self.pk).update(valid_until=now)
        successor.version = self.version + 1
        successor.valid_from = now
        successor.review_on = successor.review_on or self.review_on
        successor.save(force_insert=True)
        return successor


def four_eyes(table: str) -> models.CheckConstraint:
    """Return the constraint that nobody publishes what they wrote; TABLE makes its name unique."""
    return models.CheckConstraint(
        condition=models.Q(published_by__isnull=True) | ~models.Q(published_by=models.F("created_by")),
        name=f"{table}_published_by_a_second_person",
    )
