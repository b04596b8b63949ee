"""Who has seen which version of a policy."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Seen(models.Model):
    """That somebody on the staff opened a version of a policy, and when they first did.

    KIND is the book's word for the kind of policy, VERSION the id of the row.
    """

    kind = models.CharField(max_length=40)
    version = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "version", "by"], name="seen_once_a_person")]

    def __str__(self) -> str:
        return f"{self.by} saw {self.kind} {self.version}"
