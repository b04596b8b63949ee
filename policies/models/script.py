"""Approved reply scripts (P6.1) and where they were used (P1.3, P6.2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes
from tickets.models import Message


class Script(Policy):
    """An approved reply. `texts` maps a language (en, it, pt) to Markdown with literal `{placeholders}`."""

    slug = models.SlugField(_("slug"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    floor = models.PositiveSmallIntegerField(_("made for floor"), null=True, blank=True)
    texts = models.JSONField(_("texts by language"))

    class Meta:
        ordering = ["title"]
        constraints = [
            four_eyes("script"),
            models.UniqueConstraint(fields=["slug", "version"], name="script_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="script_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ScriptUse(models.Model):
    """The version of a script that a message was based on."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="script_use")
    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="uses")

    def __str__(self) -> str:
        return f"{self.script} in message {self.message_id}"
