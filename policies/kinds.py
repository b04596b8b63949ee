"""What needs somebody else's signature (P2, P4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApprovalKind(models.TextChoices):
    FLOOR_3 = "floor_3", _("Move to Floor 3")
    HOLD_RELEASE = "hold_release", _("Release of a hold")
    FINAL_RESOLUTION = "final_resolution", _("Final resolution")
    EXTERNAL_NOTIFICATION = "external_notification", _("Notice to an authority")
    DECISION = "decision", _("Decision beyond the latitude")
    CONTACT = "contact", _("Step against abuse")
