"""What a person was told of, and the ways by which it reaches them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalation.models import OutboxMessage
from escalation.models.outbox import Owed
from tickets.models import Ticket
from tickets.personal import Personal


class Channel(models.TextChoices):
    """The ways in which a person can be told."""

    APP = "app", _("at the desk")
    MAIL = "mail", _("e-mail")
    CHAT = "chat", _("chat")


class Notification(models.Model):
    """One thing that one person is told of. Its words follow from `topic` and `facts` (`helpdesk.notifications`).

    A cause tells a person once: `cause` and `recipient` are unique. It is listed at the desk when `in_app` says so;
    e-mail and chat are rows of their own (`Delivery`).
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    cause = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="notifications")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    topic = models.CharField(_("topic"), max_length=40)
    facts = models.JSONField(_("what the words are made of"), default=dict, blank=True)
    in_app = models.BooleanField(_("listed at the desk"), default=True)
    at = models.DateTimeField(_("when"), db_default=Now())
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    personal = Personal("ticket")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "recipient"], name="notification_once_per_cause")]
        indexes = [
            models.Index(
                fields=["recipient", "-id"],
                condition=models.Q(in_app=True, read_at__isnull=True),
                name="notification_unread",
            ),
            models.Index(fields=["recipient", "-id"], condition=models.Q(in_app=True), name="notification_listed"),
            models.Index(fields=["at"], name="notification_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} for person {self.recipient_id}"


class Delivery(Owed):
    """A notification on its way by e-mail or chat; it waits for quiet hours and digests in `next_attempt_at`."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(
        _("way"), max_length=4, choices=[(way, way.label) for way in Channel if way != Channel.APP]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once_per_channel"),
            models.CheckConstraint(condition=models.Q(channel__in=["mail", "chat"]), name="delivery_channel_known"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Owed.OPEN, name="delivery_owed"),
            models.Index(fields=["recipient", "channel"], condition=Owed.OPEN, name="delivery_owed_together"),
            models.Index(fields=["-parked_at"], condition=Owed.PARKED, name="delivery_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to person {self.recipient_id}"
