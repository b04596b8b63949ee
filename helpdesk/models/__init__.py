"""What the doors themselves must remember, and what people are told."""

from helpdesk.models.doors import Answer, SavedView, SentForm
from helpdesk.models.notification import Channel, Delivery, Notification
from helpdesk.models.preference import NotificationSettings

__all__ = ["Answer", "Channel", "Delivery", "Notification", "NotificationSettings", "SavedView", "SentForm"]
