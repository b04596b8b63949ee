"""What all policies share: a version, an owner, and the time from and until which they hold."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SOON = timedelta(minutes=1)
"""What begins later than this is to come; two who publish at once may see each other's version a moment ahead."""


class PolicyQuerySet(models.QuerySet):
    def in_force(self, at: datetime | None = None) -> "PolicyQuerySet":
        """Versions that hold at AT (default: the database's now)."""
        instant = at or Now()
        return self.filter(valid_from__lte=instant).filter(
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=instant)
        )

    def standing(self, now: datetime) -> "PolicyQuerySet":
        """Versions that hold at NOW or are to hold later; what was taken back before it began is neither."""
        open_ended = models.Q(valid_until__isnull=True)
        return self.filter(
            open_ended | models.Q(valid_until__gt=now) & models.Q(valid_until__gt=models.F("valid_from"))
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

    def is_to_come(self, now: datetime) -> bool:
        """Whether it was published for a later time than NOW."""
        return self.valid_from > now + SOON

    @property
    def was_taken_back(self) -> bool:
        """Whether it was withdrawn or superseded before it began, so that it never held."""
        return self.valid_until is not None and self.valid_until <= self.valid_from


def four_eyes(table: str) -> models.CheckConstraint:
    """Return the constraint that nobody publishes what they wrote; TABLE makes its name unique."""
    return models.CheckConstraint(
        condition=models.Q(published_by__isnull=True) | ~models.Q(published_by=models.F("created_by")),
        name=f"{table}_published_by_a_second_person",
    )
