"""Instants as customers are told them."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

HOUSE = (
    gettext_noop("Damage"),
    gettext_noop("Wrong shipment"),
    gettext_noop("Return"),
    gettext_noop("Product question"),
    gettext_noop("Service"),
    gettext_noop("Payment"),
    gettext_noop("Out of the box"),
    gettext_noop("Privacy"),
    gettext_noop("Web form"),
    gettext_noop("E-mail"),
    gettext_noop("Phone"),
    gettext_noop("Chat"),
    gettext_noop("Store"),
    gettext_noop("Social media"),
    gettext_noop("API"),
    gettext_noop("First line"),
)
"""Names that a house begins with (`tickets.starter`): customers read them in their language."""


def until(moment: datetime, now: datetime) -> str:
    """Return 'by 14:32 today', in the reader's zone and language; another day is named."""
    return _told(moment, now, _("by %(time)s today"), _("by %(time)s tomorrow"), _("by %(time)s on %(day)s"))


def on(moment: datetime, now: datetime) -> str:
    """Return 'at 09:00 tomorrow' for what happens then."""
    return _told(moment, now, _("at %(time)s today"), _("at %(time)s tomorrow"), _("at %(time)s on %(day)s"))


def _told(moment: datetime, now: datetime, today: str, tomorrow: str, another: str) -> str:
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localtime(now).date()).days
    day = f"{date_format(local, 'l')} {date_format(local, 'MONTH_DAY_FORMAT')}"
    return {0: today, 1: tomorrow}.get(days, another) % {"time": date_format(local, "TIME_FORMAT"), "day": day}
