"""Wording that hurts, and what to say instead (P5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes


class Wording(Policy):
    """One rule about words: which phrases are of KIND, why they hurt, and what to say instead, each by language.

    `phrases` has one phrase a line, written as in `policies.phrases`. The rules of the last two kinds name what fulfils
    a part of the frame of a reply (P5.2); their reason and better are said when nothing does.
    """

    class Kind(models.TextChoices):
        BLAMING = "blaming", _("blaming")
        DEMEANING = "demeaning", _("demeaning")
        ABSOLUTE = "absolute", _("absolute")
        SHOUTING = "shouting", _("shouting")
        ACKNOWLEDGEMENT = "acknowledgement", _("no acknowledgement")
        NEXT_STEP = "next_step", _("no next step")

    slug = models.SlugField(_("short name"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    phrases = models.JSONField(_("phrases, one a line"))
    reason = models.JSONField(_("why it hurts"))
    better = models.JSONField(_("what to say instead"))

    class Meta:
        ordering = ["kind", "slug"]
        constraints = [
            four_eyes("wording"),
            models.UniqueConstraint(fields=["slug", "version"], name="wording_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="wording_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.title
