"""A named bundle of what is done to many tickets in the same way."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models import Category, Tag, Team
from tickets.models.team import Named


class Macro(Named):
    """What one press does to a ticket. It sends nothing, resolves nothing and signs nothing (see `escalation.macros`).

    `script` names a reply script, whose version in force goes into the draft of whoever runs the macro.
    """

    class Owner(models.TextChoices):
        ME = "me", _("to whoever runs it")
        NOBODY = "nobody", _("back to the queue")

    class Snooze(models.TextChoices):
        CUSTOMER = "customer", _("until the customer writes")
        HOUR = "1", _("for an hour")
        THREE_HOURS = "3", _("for three hours")
        DAY = "24", _("for a day")
        WEEK = "168", _("for a week")

    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who keeps it right"), on_delete=models.PROTECT, related_name="+"
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("puts on these tags"), blank=True, related_name="+")
    category = models.ForeignKey(
        Category, verbose_name=_("sets the category"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(
        Team, verbose_name=_("gives it to the team"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.CharField(_("gives the ticket"), max_length=7, choices=Owner, blank=True)
    script = models.CharField(_("puts the script into the draft"), max_length=60, blank=True)
    wait = models.BooleanField(_("waits for the customer, which stops the clock"), default=False)
    snooze = models.CharField(_("snoozes the ticket for whoever runs it"), max_length=8, choices=Snooze, blank=True)
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta(Named.Meta):
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [
            # The clock waits for the customer only once the customer has been asked something.
            models.CheckConstraint(
                condition=models.Q(script="") | models.Q(wait=False), name="macro_waits_after_sending"
            )
        ]
