"""From which day to which a trial on the past reads. A GET form, so that two people look at the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.portal.forms import DayInput

USUAL = timedelta(days=30)
LONGEST = timedelta(days=366)


def _day() -> DayInput:
    return DayInput({"class": "input"})


class PeriodForm(forms.Form):
    """A period of whole days."""

    since = forms.DateField(label=gettext_lazy("From"), widget=_day())
    until = forms.DateField(label=gettext_lazy("until"), widget=_day())

    def clean(self) -> dict:
        data = super().clean()
        since, until = data.get("since"), data.get("until")
        if since and until and not since <= until <= since + LONGEST:
            raise forms.ValidationError(_("Choose a period that ends after it begins, of a year at most."))
        return data


@dataclass(frozen=True)
class Period:
    """The time that is read, and the form that chose it."""

    form: PeriodForm
    since: datetime
    until: datetime


def chosen(request: HttpRequest, now: datetime) -> Period:
    """Return the period that is asked for; one that makes no sense is refused, and the usual one read."""
    today = timezone.localdate(now)
    usual = {"since": today - USUAL, "until": today}
    form = PeriodForm(request.GET if "since" in request.GET else None, initial=usual)
    days = form.cleaned_data if form.is_bound and form.is_valid() else usual
    return Period(form, _start(days["since"]), min(now, _start(days["until"] + timedelta(days=1))))


def _start(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
