"""How a person wants to be told of things."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationSettings(models.Model):
    """A person's own choices; without a row everything is as `helpdesk.notifications.events` says.

    `choices` names only events that the person has set otherwise than usual: event -> channels. Times are in the
    person's time zone. Quiet hours that end before they begin end on the next day.
    """

    class Rhythm(models.TextChoices):
        NOW = "now", _("as it happens")
        HOURLY = "hourly", _("once an hour")
        DAILY = "daily", _("once a day")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notification_settings"
    )
    choices = models.JSONField(_("choices"), default=dict, blank=True)
    mail_rhythm = models.CharField(_("e-mail"), max_length=6, choices=Rhythm, default=Rhythm.NOW)
    chat_rhythm = models.CharField(_("chat"), max_length=6, choices=Rhythm, default=Rhythm.NOW)
    daily_at = models.PositiveSmallIntegerField(_("hour of the daily letter"), default=8)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    days_off = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("quiet all day"), default=list, blank=True
    )  # 0 is Monday
    chat_sealed = models.TextField(_("where chat goes, sealed"), blank=True)

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="notification_quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(days_off__contained_by=list(range(7)), days_off__len__lte=6),
                name="notification_not_every_day_off",
            ),
            models.CheckConstraint(condition=models.Q(daily_at__lte=23), name="notification_daily_hour"),
            models.CheckConstraint(
                condition=models.Q(mail_rhythm__in=["now", "hourly", "daily"])
                & models.Q(chat_rhythm__in=["now", "hourly", "daily"]),
                name="notification_rhythm_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
