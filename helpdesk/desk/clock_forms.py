"""The forms that change clocks and calendars. Rules are in the verbs; these carry words there and refusals back."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from helpdesk.portal.forms import CarriesRefusals
from policies import calendars
from policies.floors import Scope, Terms
from policies.models import Calendar, FloorLimit
from policies.models.calendar import interval
from tickets.models import Category, Channel
from tickets.refusals import Invalid

MIDNIGHT = 24 * 60
"""Minutes of a day."""

DAYS = tuple(capfirst(WEEKDAYS[day]) for day in range(7))

_INTERVAL = re.compile(r"(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)")
_CLOSURE = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*[-–]\s*(\d{4}-\d\d-\d\d))?\s+(\S.*)")


def floor_choices() -> list[tuple[int, str]]:
    return [(floor, _("Floor %(n)s") % {"n": floor}) for floor in (1, 2, 3)]


class TermsForm(CarriesRefusals):
    """A floor's clock, or an exception from it for a channel or a category."""

    fields_of_verbs = {"limit": "minutes", "warn_share": "warn"}

    floor = forms.TypedChoiceField(label=_("Floor"), choices=floor_choices, coerce=int)
    channel = forms.ModelChoiceField(
        label=_("Only for channel"), queryset=Channel.objects.order_by("name"), required=False, empty_label=_("All")
    )
    category = forms.ModelChoiceField(
        label=_("Only for category"), queryset=Category.objects.order_by("name"), required=False, empty_label=_("All")
    )
    minutes = forms.DecimalField(label=_("Minutes on this floor"), max_digits=9, decimal_places=3)
    calendar = forms.ModelChoiceField(
        label=_("Runs in calendar"),
        queryset=Calendar.objects.filter(valid_until__isnull=True).order_by("name"),
        to_field_name="slug",
        required=False,
        empty_label=_("Always"),
    )
    warn = forms.DecimalField(
        label=_("Warn when so many minutes are left"),
        max_digits=9,
        decimal_places=3,
        min_value=Decimal(0),
        help_text=_("0 warns of nothing."),
    )

    @staticmethod
    def of(limit: FloorLimit) -> dict:
        """Return what the form shows for a limit in force."""
        minutes = limit.limit / timedelta(minutes=1)
        return {
            "floor": limit.floor,
            "channel": limit.channel_id,
            "category": limit.category_id,
            "minutes": _short(minutes),
            "calendar": limit.calendar.slug if limit.calendar else None,
            "warn": _short(minutes * limit.warn_share),
        }

    def scope(self) -> Scope:
        data = self.cleaned_data
        return Scope(data["floor"], data["channel"], data["category"])

    def terms(self) -> Terms:
        data = self.cleaned_data
        limit = timedelta(minutes=float(data["minutes"]))
        share = float(data["warn"] / data["minutes"]) if data["minutes"] > 0 else 0.0
        return Terms(limit, data["calendar"], share)


def day_fields() -> dict[str, forms.Field]:
    """Return a field for the hours of each day of the week, Monday first."""
    hint = _("As 09:00-13:00, 14:00-18:00; empty is closed.")
    return {
        f"day{number}": forms.CharField(label=day, required=False, max_length=200, help_text="" if number else hint)
        for number, day in enumerate(DAYS)
    }


@dataclass(frozen=True)
class Day:
    """One date of a calendar: its opening hours in words and as bars (minute, minutes), or WHY it is closed."""

    date: date
    hours: str
    why: str
    bars: list[tuple[int, int]]


def next_days(calendar: Calendar, today: date, count: int = 7) -> list[Day]:
    """Return the next COUNT dates of CALENDAR; what goes past midnight is drawn up to it and goes on the next day."""
    days, rest = [], 0
    for day in (today + timedelta(days=n) for n in range(count)):
        why, told = calendar.reasons.get(day, ""), calendar.week[day.weekday()]
        runs = [] if why else [interval(*pair) for pair in told]
        bars = [(0, rest)] * bool(rest) + [(begins, min(ends, MIDNIGHT) - begins) for begins, ends in runs]
        rest = max([ends - MIDNIGHT for _begins, ends in runs if ends > MIDNIGHT], default=0)
        days.append(Day(day, hours(told), why, bars))
    return days


def closures_field() -> forms.Field:
    return forms.CharField(
        label=_("Own closures"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One in each line: 2026-12-24 - 2027-01-06 Winter break"),
    )


def hours(day: list) -> str:
    """Return the hours of a day as its field reads them."""
    return ", ".join(f"{begins}-{ends}" for begins, ends in day)


def closure(closed: dict) -> str:
    """Return a closure as its line is read."""
    return f"{closed['from']} - {closed['until']} {closed['why']}"


def read_week(data: dict) -> list:
    """Return what the fields of the days say."""
    return [_day(data[f"day{number}"]) for number in range(7)]


def read_closures(text: str) -> list[dict]:
    return [_closure(line) for line in text.splitlines() if line.strip()]


class CalendarForm(CarriesRefusals):
    """Opening hours: one line for each day, nights past midnight as 22:00-06:00."""

    slug = forms.SlugField(label=_("Short name"), max_length=60, help_text=_("Small letters, digits, hyphens."))
    name = forms.CharField(label=_("Name"), max_length=120)
    zone = forms.CharField(label=_("Time zone"), max_length=64, help_text=_("As Europe/Rome."))
    country = forms.CharField(
        label=_("Public holidays of"), max_length=2, required=False, help_text=_("Two letters, as IT.")
    )
    subdivision = forms.CharField(label=_("Region"), max_length=10, required=False, help_text=_("As RM."))
    closures = closures_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= day_fields()
        self.order_fields(["slug", "name", "zone", *(f"day{n}" for n in range(7))])

    @staticmethod
    def of(calendar: Calendar) -> dict:
        """Return what the form shows for a calendar in force."""
        shown = {name: getattr(calendar, name) for name in ("slug", "name", "zone", "country", "subdivision")}
        shown |= {f"day{number}": hours(day) for number, day in enumerate(calendar.week)}
        return shown | {"closures": "\n".join(map(closure, calendar.closures))}

    def draft(self, now: datetime) -> Calendar:
        """Return the calendar that the form describes, checked and not stored; Invalid says what is wrong with it."""
        data = self.cleaned_data
        return calendars.draft(
            slug=data["slug"],
            name=data["name"],
            zone=data["zone"],
            week=read_week(data),
            country=data["country"].upper(),
            subdivision=data["subdivision"].upper(),
            closures=read_closures(data["closures"]),
            now=now,
        )


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")


def _day(text: str) -> list[list[str]]:
    found = _INTERVAL.findall(text)
    if _INTERVAL.sub("", text).strip(" ,;"):
        raise Invalid(_("Write opening hours as 09:00-13:00, 14:00-18:00."), code="invalid", field="week")
    return [[begins.zfill(5), ends.zfill(5)] for begins, ends in found]


def _closure(line: str) -> dict:
    found = _CLOSURE.fullmatch(line.strip())
    if found is None:
        raise Invalid(_("Write closures as 2026-12-24 - 2027-01-06 Winter break."), code="invalid", field="closures")
    first, last, why = found.groups()
    return {"from": first, "until": last or first, "why": why}
