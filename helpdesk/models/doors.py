"""What the doors themselves must remember."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models import Team


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


class SavedView(models.Model):
    """The filters of the queue under a name, for one person or for a team. `query` is what stands behind the `?`."""

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["team__name", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True, team__isnull=False) | Q(owner__isnull=False, team__isnull=True),
                name="saved_view_of_person_or_team",
            ),
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_named_once_for_person"),
            models.UniqueConstraint(fields=["team", "name"], name="saved_view_named_once_for_team"),
        ]

    def __str__(self) -> str:
        return self.name
