"""Instants as customers are told them."""

from datetime import datetime, timedelta

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
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    time = date_format(local, "TIME_FORMAT")
    if local.date() == today:
        return _("by %(time)s today") % {"time": time}
    if local.date() == today + timedelta(days=1):
        return _("by %(time)s tomorrow") % {"time": time}
    return _("by %(time)s on %(day)s") % {"time": time, "day": _day(local)}


def on(moment: datetime, now: datetime) -> str:
    """Return 'at 09:00 tomorrow' for what happens then."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    time = date_format(local, "TIME_FORMAT")
    if local.date() == today:
        return _("at %(time)s today") % {"time": time}
    if local.date() == today + timedelta(days=1):
        return _("at %(time)s tomorrow") % {"time": time}
    return _("at %(time)s on %(day)s") % {"time": time, "day": _day(local)}


def _day(local: datetime) -> str:
    return f"{date_format(local, 'l')} {date_format(local, 'MONTH_DAY_FORMAT')}"
