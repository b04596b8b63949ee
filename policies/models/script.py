"""Approved texts (P6.1): reply scripts, articles, handouts and playbooks, and where they were used (P1.3, P6.2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes
from tickets.models import Category, Message


class Script(Policy):
    """An approved text. `texts` maps a language (en, it, pt) to Markdown with literal `{placeholders}`.

    A reply script or a handout is put into an answer; an article is linked to; a playbook is for staff only. The first
    line of a text, if it is a heading, is its title in that language; `title` is the one that staff know it by.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply script")
        ARTICLE = "article", _("article")
        HANDOUT = "handout", _("handout")
        PLAYBOOK = "playbook", _("playbook")

    slug = models.SlugField(_("short name"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.REPLY)
    is_public = models.BooleanField(_("customers may read it"), default=False)
    floor = models.PositiveSmallIntegerField(_("made for floor"), null=True, blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    texts = models.JSONField(_("texts by language"))

    class Meta:
        ordering = ["title"]
        constraints = [
            four_eyes("script"),
            models.UniqueConstraint(fields=["slug", "version"], name="script_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="script_one_current"
            ),
            models.CheckConstraint(
                condition=models.Q(is_public=False) | models.Q(kind__in=["article", "handout"]),
                name="script_public_if_written_for_customers",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ScriptUse(models.Model):
    """The version of a text that a message was based on."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="script_use")
    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="uses")

    def __str__(self) -> str:
        return f"{self.script} in message {self.message_id}"
