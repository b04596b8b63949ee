"""What the doors themselves must remember, what people are told, and which other systems are."""

from helpdesk.models.doors import Answer, SavedView, SentForm
from helpdesk.models.notification import Channel, Delivery, Notification
from helpdesk.models.preference import NotificationSettings
from helpdesk.models.webhook import HookDelivery, Webhook

__all__ = [
    "Answer",
    "Channel",
    "Delivery",
    "HookDelivery",
    "Notification",
    "NotificationSettings",
    "SavedView",
    "SentForm",
    "Webhook",
]
