"""Opening hours: writing them down, checking them, and putting them in force."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

import holidays
from django.db import transaction
from django.utils.translation import gettext as _

from policies import floors, succession, working_time
from policies.models import Calendar
from policies.models.calendar import interval
from tickets.models import User
from tickets.refusals import Invalid
from tickets.texts import clean_line

YEAR = timedelta(days=366)
HOLIDAY_YEARS = 3
"""Calendar years of public holidays that a version knows, this one included."""
LAST_YEAR = 2100
"""Beyond it nobody plans, and looking through a calendar for a year without an hour would take long."""

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check(columns: dict) -> None:
    """Refuse a calendar that makes no sense at any time, and put its hours and closures in order."""
    if len(columns["slug"]) > 60 or not _SLUG.fullmatch(columns["slug"]):
        raise Invalid(_("Use small letters, digits and hyphens."), code="invalid", field="slug")
    if columns["zone"] not in available_timezones():
        raise Invalid(_("There is no such time zone; write it as Europe/Rome."), code="unknown", field="zone")
    columns["name"] = clean_line(columns["name"], field="name", limit=120, required=True)
    columns["week"], columns["closures"] = _week(columns["week"]), _closures(columns["closures"])
    _require_region(columns["country"], columns["subdivision"])


def made(columns: dict, now: datetime) -> Calendar:
    """Return the calendar of checked COLUMNS, not stored, with a copy of three years' public holidays from NOW on.

    A calendar that is closed for a year on end is refused: its clocks would never run out, and its tickets be stuck.
    """
    calendar = Calendar(**columns)
    if calendar.country:
        calendar.holidays, calendar.holidays_until = _holidays(calendar.country, calendar.subdivision, now.year)
    _refuse_never_open(calendar, now)
    return calendar


def draft(
    *,
    slug: str,
    name: str,
    zone: str,
    week: Sequence[Sequence[Sequence[str]]],
    country: str = "",
    subdivision: str = "",
    closures: Sequence[dict] = (),
    now: datetime,
) -> Calendar:
    """Return a checked calendar that is not stored yet; WEEK and CLOSURES are as in the model."""
    columns = {"slug": slug, "name": name, "zone": zone, "week": week, "country": country}
    columns |= {"subdivision": subdivision, "closures": list(closures)}
    check(columns)
    return made(columns, now)


def put_in_force(calendar: Calendar, *, actor: User, now: datetime) -> Calendar:
    """Store a draft as the next version of its slug; every limit that runs in it gets a new version too.

    Stays that have begun keep the version they began with.
    """
    floors.require_owner(actor)
    with transaction.atomic():
        for floor in (1, 2, 3):
            floors.lock(floor)
        calendar.created_by = actor
        current = Calendar.objects.filter(slug=calendar.slug, valid_until__isnull=True).first()
        if current is None:
            calendar.valid_from = now
            calendar.save(force_insert=True)
            return calendar
        calendar.owner = current.owner
        start = max(now, current.valid_from + succession.TICK)
        succession.follow(Calendar.objects.filter(slug=calendar.slug), calendar, start=start)
        floors.follow(calendar, actor=actor, now=start)
        return calendar


def named(slug: str | None) -> Calendar | None:
    """Return the newest version of the calendar SLUG; None, which is always, for None."""
    if slug is None:
        return None
    found = Calendar.objects.filter(slug=slug, valid_until__isnull=True).first()
    if found is None:
        raise Invalid(_("There is no calendar '%(slug)s'.") % {"slug": slug}, code="unknown", field="calendar")
    return found


def current() -> list[Calendar]:
    """Return the newest version of every calendar."""
    return list(Calendar.objects.filter(valid_until__isnull=True).order_by("name"))


def _week(week: Sequence[Sequence[Sequence[str]]]) -> list[list[list[str]]]:
    if not isinstance(week, list | tuple) or len(week) != 7 or not all(isinstance(day, list | tuple) for day in week):
        raise Invalid(_("Give seven days, Monday first."), code="invalid", field="week")
    for day in week:
        for pair in day:
            if (
                not isinstance(pair, list | tuple)
                or len(pair) != 2
                or not all(isinstance(text, str) and _TIME.fullmatch(text) for text in pair)
            ):
                raise Invalid(_("Write times of day as 09:00."), code="invalid", field="week")
            if pair[0] == "24:00":
                raise Invalid(_("Nothing opens at 24:00; use 00:00 of the next day."), code="invalid", field="week")
    if working_time.overlap([[interval(*pair) for pair in day] for day in week]):
        raise Invalid(_("Two intervals of the week overlap."), code="overlap", field="week")
    return [sorted(list(pair) for pair in day) for day in week]


def _closures(closures: Sequence[dict]) -> list[dict]:
    if not isinstance(closures, list | tuple):
        raise Invalid(_("Write dates as 2026-12-24."), code="invalid", field="closures")
    found = []
    for closure in closures:
        try:
            first, last = (date.fromisoformat(closure[name]) for name in ("from", "until"))
        except (KeyError, TypeError, ValueError):
            raise Invalid(_("Write dates as 2026-12-24."), code="invalid", field="closures") from None
        if last.year > LAST_YEAR:
            raise Invalid(
                _("Write closures up to the year %(year)s.") % {"year": LAST_YEAR},
                code="out_of_range",
                field="closures",
            )
        if not first <= last < first + YEAR:
            raise Invalid(_("A closure ends after it begins, within a year."), code="out_of_range", field="closures")
        why = clean_line(str(closure.get("why", "")), field="closures", limit=120, required=True)
        found.append({"from": first.isoformat(), "until": last.isoformat(), "why": why})
    return sorted(found, key=lambda closure: closure["from"])


def _require_region(country: str, subdivision: str) -> None:
    if subdivision and not country:
        raise Invalid(_("Choose the country of this region."), code="required", field="country")
    regions = holidays.list_supported_countries().get(country)
    if country and regions is None:
        raise Invalid(_("No public holidays are known for this country."), code="unknown", field="country")
    if subdivision and subdivision not in regions:
        raise Invalid(
            _("%(country)s has no region %(subdivision)s.") % {"country": country, "subdivision": subdivision},
            code="unknown",
            field="subdivision",
        )


def _holidays(country: str, subdivision: str, year: int) -> tuple[list, date]:
    years = range(year, year + HOLIDAY_YEARS)
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    # Asking for a year also brings the days of its neighbours that are observed in it; each is kept.
    return [[day.isoformat(), name] for day, name in sorted(found.items())], date(years[-1], 12, 31)


def _refuse_never_open(calendar: Calendar, now: datetime) -> None:
    last = max((date.fromisoformat(closure["until"]) for closure in calendar.closures), default=now.date())
    end = datetime(max(last.year, now.year) + 1, 12, 31, tzinfo=now.tzinfo) + YEAR
    if working_time.longest_closure(calendar.hours, now, end) >= YEAR:
        raise Invalid(
            _("This calendar is closed for a year or longer; a clock in it would never run out."),
            code="never_open",
            field="week",
        )
