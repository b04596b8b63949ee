"""What the project's own history says about the tickets that are open now (P2.5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models import FloorVisit
from tickets.models import Ticket


class ForesightModel(models.Model):
    """One training: how many stays of each kind there were, and how many of them missed their deadline or moved up.

    `cells` maps a kind of stay (see `metrics.foresight`) to [moments, missed]. `calibration` holds, per tenth of the
    forecast chance, [sum of chances, moments, missed], measured on the newest fifth of the stays with what the older
    ones taught; `brier` is the mean squared error there, `brier_base` that of always saying the base rate. A model that
    is off says why.
    """

    class Off(models.TextChoices):
        HISTORY = "history", _("not enough history")
        NO_BETTER = "no_better", _("no better than the base rate")

    trained_at = models.DateTimeField(_("trained"))
    learned_from = models.DateTimeField(_("oldest stay"), null=True, blank=True)
    learned_until = models.DateTimeField(_("newest stay"), null=True, blank=True)
    stays = models.PositiveIntegerField(_("stays"), default=0)
    missed = models.PositiveIntegerField(_("missed or moved up"), default=0)
    base_rate = models.FloatField(_("base rate"), null=True, blank=True)
    brier = models.FloatField(_("Brier score"), null=True, blank=True)
    brier_base = models.FloatField(_("Brier score of the base rate"), null=True, blank=True)
    calibration = models.JSONField(default=list, blank=True)
    cells = models.JSONField(default=dict, blank=True)
    why_off = models.CharField(_("why it is off"), max_length=10, choices=Off, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"foresight {self.pk}: {self.get_why_off_display() or 'in use'}"


class Forecast(models.Model):
    """The chance, in thousandths, that an open ticket misses its deadline or moves up from where it is.

    It holds for `visit` only; of `stays` alike (the `kind`), `missed` did so. Written over as time goes on; nothing is
    decided by it.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="forecast")
    visit = models.ForeignKey(FloorVisit, on_delete=models.CASCADE, related_name="+")
    model = models.ForeignKey(ForesightModel, on_delete=models.CASCADE, related_name="forecasts")
    kind = models.CharField(max_length=80)
    chance = models.PositiveSmallIntegerField(_("chance in thousandths"))
    stays = models.PositiveIntegerField(_("stays alike"))
    missed = models.PositiveIntegerField(_("of them missed or moved up"))

    class Meta:
        indexes = [models.Index(fields=["-chance"], name="forecast_chance")]
        constraints = [
            models.CheckConstraint(condition=models.Q(chance__lte=1000), name="forecast_chance_up_to_1000"),
            models.CheckConstraint(condition=models.Q(missed__lte=models.F("stays")), name="forecast_missed_of_stays"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id}: {self.chance / 10:.0f} %"
