"""The words for what can make a ticket risky (P2: why a ticket leaves Floor 1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Risk(models.TextChoices):
    PRIVACY_BREACH = "privacy_breach", _("Privacy breach")
    FRAUD = "fraud", _("Potential fraud")
    LEGAL = "legal", _("Legal risk")
    HARASSMENT = "harassment", _("Harassment")
    ABUSE = "abuse", _("Abusive language")
    DISPUTE = "dispute", _("Disputed facts")
    HIGH_VALUE = "high_value", _("High value")
