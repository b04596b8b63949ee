"""What was changed about the house itself: people, roles, teams, names, tokens."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class HouseChange(models.Model):
    """One change, by whom and what it was about. A database trigger refuses UPDATE, DELETE and TRUNCATE."""

    class Action(models.TextChoices):
        SET_UP = "set_up", _("set up")
        INVITED = "invited", _("invited")
        CHANGED = "changed", _("changed")
        MADE = "made", _("made")
        MERGED = "merged", _("merged")
        DELETED = "deleted", _("deleted")
        SWITCHED_OFF = "switched_off", _("switched off")
        SWITCHED_ON = "switched_on", _("switched on again")
        FACTOR_RESET = "factor_reset", _("second factor taken away")
        TOKEN_WITHDRAWN = "token_withdrawn", _("API token withdrawn")

    at = models.DateTimeField(_("when"), db_default=Now())
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: the program itself
    action = models.CharField(_("what"), max_length=16, choices=Action)
    about = models.CharField(_("about"), max_length=300)
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("change of the house")
        verbose_name_plural = _("changes of the house")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="house_change_at")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    action__in=[
                        "set_up", "invited", "changed", "made", "merged", "deleted", "switched_off", "switched_on",
                        "factor_reset", "token_withdrawn",
                    ]
                ),
                name="house_change_known",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.about}"
