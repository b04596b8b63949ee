"""What the doors themselves must remember."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Answer(models.Model):
    """The answer to a POST that carried an `Idempotency-Key`; the same key gets the same answer for 24 hours.

    It commits together with what the POST did; until then it has no status, and only its own transaction sees it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of address and body
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.BinaryField(blank=True, default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="answer_one_for_each_key")]
        indexes = [models.Index(fields=["created_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return f"{self.key} -> {self.status}"


class SentForm(models.Model):
    """A form that was sent and done, and the address it led to. Sent again, it leads there and does nothing more."""

    token = models.UUIDField(primary_key=True)
    location = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="sent_form_by_age")]

    def __str__(self) -> str:
        return f"{self.token} -> {self.location}"
