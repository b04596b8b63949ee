"""What customers may count on, and which policy of ours stands behind it (P3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes


class Right(Policy):
    """One cell of the public matrix: a right of the customer against a policy of the house, in plain words (P3.2).

    Texts are by language. `by_channel` has lines of the form "channel: words" for what differs there. `measure` names
    the figure that tells how far we keep it; without one the quarterly audit does.
    """

    class About(models.TextChoices):
        """The rights of P3.1."""

        RESPECT = "respect", _("Respectful treatment")
        PRICING = "pricing", _("Transparent pricing")
        ACCESS = "access", _("Accessible options")
        PRIVACY = "privacy", _("Privacy")
        DATA_CONTROL = "data_control", _("Control over your data")
        REFUNDS = "refunds", _("Refunds")
        OPT_OUT = "opt_out", _("Saying no to messages")

    class Against(models.TextChoices):
        """The policies of P3.1."""

        RESPONSE_TIMES = "response_times", _("Response times")
        ESCALATION_PATHS = "escalation_paths", _("Ways to be heard higher up")
        CREDITS = "credits", _("Money back and credits")
        DATA_HANDLING = "data_handling", _("Handling of data")

    class Measure(models.TextChoices):
        PROMISES = "promises", _("cases answered and solved as promised")
        SIGNED_MOVES = "signed_moves", _("moves to Floor 3 with a signature")
        CLOCKS = "clocks", _("stays that ended before their clock ran out, or moved when it did")
        MATRIX = "matrix", _("decisions that the matrix had an answer to")
        REFUNDS = "refunds", _("refunds and credits given within 24 hours")
        DATA_REQUESTS = "data_requests", _("requests about data answered within a month")

    right = models.CharField(_("right"), max_length=20, choices=About)
    policy = models.CharField(_("policy"), max_length=20, choices=Against)
    you = models.JSONField(_("you have the right …"), default=dict)
    we = models.JSONField(_("our policy requires …"), default=dict)
    exceptions = models.JSONField(_("exceptions"), default=dict, blank=True)
    by_channel = models.JSONField(_("what differs by channel"), default=dict, blank=True)
    measure = models.CharField(_("measured by"), max_length=20, choices=Measure, blank=True)

    class Meta:
        ordering = ["right", "policy"]
        constraints = [
            four_eyes("right"),
            models.UniqueConstraint(fields=["right", "policy", "version"], name="right_version"),
            models.UniqueConstraint(
                fields=["right", "policy"], condition=models.Q(valid_until__isnull=True), name="right_one_current"
            ),
            models.CheckConstraint(
                condition=models.Q(you__has_key="en", we__has_key="en"), name="right_says_it_in_english"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_right_display()}: {self.get_policy_display()} (version {self.version})"
