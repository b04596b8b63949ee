"""That somebody looked at a policy again, and left it as it is (P3.3)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PolicyReview(models.Model):
    """Somebody who answers for policies looked at a version (its id and its kind in the book) and let it stay."""

    kind = models.CharField(_("kind"), max_length=40)
    version = models.BigIntegerField(_("version"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(_("what was looked at"))
    next_on = models.DateField(_("to be reviewed on"))

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=~models.Q(note=""), name="policy_review_says_what")]
        indexes = [models.Index(fields=["kind", "version"], name="policy_review_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}: {self.note}"
