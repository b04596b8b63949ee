"""Other systems that are told what happens to tickets."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalation.models import AuditEvent
from escalation.models.outbox import Owed


class Webhook(models.Model):
    """An address that is called when something happens to a ticket that its keeper may see.

    `events` are actions of the audit trail, none means all. `secret` signs the calls and is sealed; `former_secret`
    signs them as well until `former_until`, so that the other side has time to change over. `read_up_to` is how far
    the trail was read.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    url = models.CharField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=24), verbose_name=_("events"), default=list, blank=True)
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("kept by"), related_name="+"
    )
    is_on = models.BooleanField(_("switched on"), default=True)
    secret = models.TextField()
    former_secret = models.TextField(blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("made"), db_default=Now())
    read_up_to = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class HookDelivery(Owed):
    """One call that is owed to one webhook: an event of the audit trail, or a trial (`event` empty)."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(
        AuditEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer = models.CharField(_("what it answered"), max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="hook_told_once")]
        indexes = [
            models.Index(fields=["webhook", "next_attempt_at", "id"], condition=Owed.OPEN, name="hook_owed"),
            models.Index(fields=["created_at"], name="hook_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event or 'trial'} to {self.webhook_id}"
