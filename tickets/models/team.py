"""Where tickets come from and who looks after them: teams, channels, categories, tags."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """Something that people call by a name and machines by a slug."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(Named):
    """People who own work together, and whether rules give them tickets (see `escalation.routing`)."""

    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="teams", blank=True)
    auto_assign = models.BooleanField(
        _("tickets are given out by rule"),
        default=False,
        help_text=_("To whoever is on duty, by language, category and load."),
    )
    tell_after = models.DurationField(
        _("supervisors hear after"),
        default=timedelta(minutes=5),
        help_text=_("Of a ticket that nobody could be given. At most half of the floor's time is waited."),
    )
    idle_after = models.DurationField(
        _("taken back after"),
        default=timedelta(minutes=5),
        help_text=_("When its owner did nothing with it while the clock ran."),
    )


class Channel(Named):
    """A way complaints arrive (store, phone, e-mail, chat, web, social, API), with the team that owns it (P1.1)."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="channels")


class Category(Named):
    """What a ticket is about, in the shop's own words."""

    class Meta(Named.Meta):
        verbose_name_plural = _("categories")


class Tag(Named):
    """A standard word that staff put on tickets."""
