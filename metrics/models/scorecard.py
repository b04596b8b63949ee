"""The Friday scorecard: editions of a week and their figures. A database trigger keeps what is published (P8.6)."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from metrics.models.target import Target
from tickets.models import Team

NEAR = Decimal("0.05")
"""How far a figure may miss its target, as a share of the target, and still be called near."""

SMALL = 10
"""Fewer rows than this behind a figure make a small sample."""


class Scorecard(models.Model):
    """One edition of a week's figures, which cover `starts_at` up to but not including `ends_at`.

    Edition 1 is the one of Friday; a later one is a correction and says why. Until `published_at` is set, within the
    transaction that makes it, the edition can still be filled.
    """

    week = models.DateField(_("week (its Monday)"))
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(_("what this edition corrects"), blank=True)

    class Meta:
        ordering = ["-week", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["week", "edition"], name="scorecard_edition_once"),
            models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="scorecard_week_is_a_monday"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="scorecard_span"),
            models.CheckConstraint(
                condition=models.Q(edition=1) | models.Q(edition__gt=1) & ~models.Q(reason=""),
                name="scorecard_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, edition {self.edition}"

    @property
    def name(self) -> str:
        """The ISO week, as `2026-W47`."""
        return f"{self.week:%G-W%V}"


class Figure(models.Model):
    """One figure of an edition, for everybody or for one team.

    `value` is empty when there was nothing to measure, and `why_empty` says why. `numerator` / `denominator` give the
    value; `n` is the size of the sample. `tickets` and `amounts`, side by side, are the rows behind it: minutes, hours
    or points for a mean, 1 or 0 for a share.
    """

    class Unit(models.TextChoices):
        POINTS = "points", _("points")
        PERCENT = "percent", _("%")
        MINUTES = "minutes", _("minutes")
        HOURS = "hours", _("hours")
        TICKETS = "tickets", _("tickets")

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="figures")
    key = models.CharField(_("figure"), max_length=40)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=8, choices=Unit)
    numerator = models.DecimalField(_("numerator"), max_digits=20, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField(_("denominator"), max_digits=20, decimal_places=4, null=True, blank=True)
    n = models.PositiveIntegerField(_("sample"), default=0)
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=2, null=True, blank=True)
    better = models.CharField(_("which way is good"), max_length=6, choices=Target.Better)
    strict = models.BooleanField(default=False)
    met = models.BooleanField(_("target met"), null=True, blank=True)
    previous = models.DecimalField(_("the week before"), max_digits=16, decimal_places=4, null=True, blank=True)
    owner = models.CharField(_("owner"), max_length=200)
    notes = models.JSONField(_("notes at publication"), default=list, blank=True)
    why_empty = models.TextField(_("why there is no value"), blank=True)
    tickets = ArrayField(models.BigIntegerField(), default=list, blank=True)
    amounts = ArrayField(models.DecimalField(max_digits=16, decimal_places=4), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard", "key", "team"], nulls_distinct=False, name="figure_once_per_edition"
            )
        ]
        indexes = [models.Index(fields=["key", "scorecard"], name="figure_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"

    @property
    def state(self) -> str:
        """met, near (misses by at most a twentieth of the target), missed, or none without value or target."""
        if self.met is None:
            return "none"
        if self.met:
            return "met"
        return "near" if abs(self.value - self.target) <= abs(self.target) * NEAR else "missed"

    @property
    def small_sample(self) -> bool:
        return self.value is not None and self.unit != self.Unit.TICKETS and self.n < SMALL

    @property
    def change(self) -> Decimal | None:
        """Difference to the week before, in the figure's unit."""
        return None if self.value is None or self.previous is None else self.value - self.previous

    @property
    def shortfall(self) -> Decimal | None:
        """How far the target is missed, as a share of it; None when it is met or cannot be told."""
        if self.met is not False:
            return None
        return abs(self.value - self.target) / (abs(self.target) or 1)


class Note(models.Model):
    """What somebody had to say about a figure of a week: a spike, an experiment, an action (P8.1)."""

    week = models.DateField(_("week (its Monday)"))
    key = models.CharField(_("figure"), max_length=40)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"))
    written_at = models.DateTimeField(_("written"), db_default=Now())

    class Meta:
        ordering = ["written_at", "id"]
        indexes = [models.Index(fields=["week", "key"], name="note_week_key")]
        constraints = [models.CheckConstraint(condition=models.Q(week__iso_week_day=1), name="note_week_is_a_monday")]

    def __str__(self) -> str:
        return self.text[:60]

    def as_record(self) -> dict[str, str]:
        """The note as a published figure keeps it."""
        return {"author": str(self.author), "text": self.text, "at": self.written_at.isoformat()}
