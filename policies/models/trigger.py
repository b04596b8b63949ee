"""Rules that send a ticket straight to the floor they name, and what else they do (P2.2)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.draft import Draft
from policies.models.policy import Policy, four_eyes
from policies.risks import Risk
from tickets.models import Team


class TriggerTerms(models.Model):
    """What must hold for a rule to fire, and what it then does. All that it asks for must hold together.

    `phrases` maps a language to a list of literal phrases; a trailing `*` stands for any ending ("lawyer*"),
    a leading `!` excepts a wording ("!idiot-proof").
    `min_order_value` is in the shop's currency; orders in another currency never match. `condition` is an expression
    (see `policies.expressions`). Rules are read in the order of `position`, so that a later one can ask which risks
    the earlier ones found.
    """

    slug = models.SlugField(_("short name"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    phrases = models.JSONField(_("phrases by language"), default=dict, blank=True)
    min_order_value = models.DecimalField(
        _("orders from this value on"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    condition = models.TextField(_("condition"), blank=True)

    floor = models.PositiveSmallIntegerField(
        _("goes to floor"), null=True, blank=True, validators=[MinValueValidator(2), MaxValueValidator(3)]
    )
    risk = models.CharField(_("risk"), max_length=20, choices=Risk, blank=True)
    hold = models.BooleanField(_("places a hold"), default=False)
    tags = models.JSONField(_("tags (slugs)"), default=list, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    warning = models.CharField(_("warns the supervisors"), max_length=250, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def acts(self) -> bool:
        """Whether it does more than flag a risk and name a floor."""
        return bool(self.hold or self.tags or self.team_id or self.warning)


class Trigger(TriggerTerms, Policy):
    """One version of a rule, in force from its date on."""

    class Meta:
        ordering = ["position", "-floor", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="trigger_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="trigger_one_current"
            ),
            models.CheckConstraint(condition=models.Q(floor__gte=2, floor__lte=3), name="trigger_floor_2_or_3"),
            four_eyes("trigger"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"


class TriggerDraft(TriggerTerms, Draft):
    """What a rule is to become. It never fires; it is tried on real tickets, then published by somebody else.

    `replaces` is the version it was begun from; none for a new rule.
    """

    replaces = models.ForeignKey(Trigger, on_delete=models.PROTECT, null=True, blank=True, related_name="drafts")
    tried_at = models.DateTimeField(_("tried"), null=True, blank=True)
    tried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    trial = models.JSONField(_("what the trial found"), default=dict, blank=True)

    class Meta:
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["slug"], name="trigger_draft_one_per_rule")]

    def as_trigger(self) -> Trigger:
        """Return the rule that this draft would become, not stored."""
        return Trigger(**{field.name: getattr(self, field.name) for field in TriggerTerms._meta.local_fields})


class TriggerFault(models.Model):
    """That a rule in force could not answer: it then counts as not fired, and its owner must see it."""

    trigger = models.OneToOneField(Trigger, on_delete=models.CASCADE, related_name="fault")
    count = models.PositiveIntegerField(_("times"), default=0)
    last_at = models.DateTimeField(_("last"))
    last_error = models.CharField(_("why"), max_length=250)

    def __str__(self) -> str:
        return f"{self.trigger}: {self.last_error}"
