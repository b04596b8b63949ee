"""What a policy is to become: written by some, published by somebody else."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """What every draft bears. Drafts are rows of their own, so nothing that asks for what is in force can see one.

    `ends` means that the policy is to be withdrawn. `writers` are all who ever saved it: none of them may publish it.
    """

    ends = models.BooleanField(_("withdraws it"), default=False)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    saved_at = models.DateTimeField(_("saved"), db_default=Now())

    class Meta:
        abstract = True


class PolicyDraft(Draft):
    """A draft of any kind of policy in `policies.book`: `terms` is what it says, written as in a file of the book.

    `key` says which rule it is (the book's word for it); `replaces_id` is the id of the version that it was begun from.
    """

    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("which one"), max_length=250)
    terms = models.JSONField(_("what it says"))
    replaces_id = models.BigIntegerField(_("begun from"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_on = models.DateField(_("to be reviewed on"), null=True, blank=True)
    why = models.TextField(_("why it changes"), blank=True)

    class Meta:
        ordering = ["kind", "key"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="policy_draft_one_per_rule")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
