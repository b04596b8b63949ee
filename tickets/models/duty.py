"""Who is there to be given work, and what they are good at."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.team import Category


class DutyQuerySet(models.QuerySet):
    def present(self, now: datetime) -> "DutyQuerySet":
        """People who are on duty and were seen within the last OFFLINE_MINUTES."""
        return self.filter(on_duty=True, seen_at__gt=now - offline_after(), user__is_active=True)


class Duty(models.Model):
    """Whether a person is on duty, as they say themselves, and when they last asked for a page.

    Offline is who is off duty or has not been seen for OFFLINE_MINUTES. The row is also the lock under which work is
    given to a person, so that nobody is given more than they can hold.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="duty"
    )
    on_duty = models.BooleanField(_("on duty"), default=False)
    changed_at = models.DateTimeField(_("since"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    given_at = models.DateTimeField(_("last given a ticket by rule"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duty")

    def __str__(self) -> str:
        state = _("on duty") if self.on_duty else _("off duty")
        return f"{self.user}: {state}"

    def is_present(self, now: datetime) -> bool:
        return self.offline_since(now) is None

    def offline_since(self, now: datetime) -> datetime | None:
        """Return since when the person is away; None while they are there, the beginning of time if they never were."""
        never = datetime.min.replace(tzinfo=now.tzinfo)
        if not self.on_duty:
            return self.changed_at or never
        gone = self.seen_at + offline_after() if self.seen_at else never
        return gone if gone <= now else None


class Skills(models.Model):
    """What a person speaks and knows, and how many open tickets they can hold. An empty list says nothing."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="skills"
    )
    languages = ArrayField(
        models.CharField(max_length=10),
        verbose_name=_("languages"),
        default=list,
        blank=True,
        help_text=_("Codes with commas between them: it, pt, en."),
    )
    categories = models.ManyToManyField(Category, verbose_name=_("categories"), related_name="+", blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("open tickets at a time"),
        default=5,
        help_text=_("Rules give no more; people still can. Tickets that wait for the customer do not count."),
    )

    class Meta:
        verbose_name = _("skills")
        verbose_name_plural = _("skills")

    def __str__(self) -> str:
        return str(self.user)


def offline_after() -> timedelta:
    """Return how long a person on duty may go unseen before they count as offline."""
    return timedelta(minutes=settings.OFFLINE_MINUTES)
