"""Instants as customers are told them."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


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
