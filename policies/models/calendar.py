"""When the house works."""

from datetime import date, timedelta
from functools import cached_property

from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models.policy import Policy, four_eyes
from policies.working_time import DAY, Hours


class Calendar(Policy):
    """Weekly opening hours in a time zone, public holidays and own closures: the time in which a floor's clock runs.

    `week` has seven lists (Monday first) of `["09:00", "13:00"]`; an end that is not later than its beginning lies on
    the next day. `holidays` is a copy, made with this version, of the dates of `country` (ISO 3166-1) and
    `subdivision` (3166-2) as `["2026-12-25", "Christmas Day"]`, up to `holidays_until`. `closures` are own days:
    `{"from", "until", "why"}`.
    """

    slug = models.SlugField(_("short name"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    zone = models.CharField(_("time zone"), max_length=64)
    week = models.JSONField(_("hours of the week"))
    country = models.CharField(_("public holidays of"), max_length=2, blank=True)
    subdivision = models.CharField(_("region"), max_length=10, blank=True)
    holidays = models.JSONField(_("public holidays"), default=list, blank=True)
    holidays_until = models.DateField(_("holidays known until"), null=True, blank=True)
    closures = models.JSONField(_("own closures"), default=list, blank=True)

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            four_eyes("calendar"),
            models.UniqueConstraint(fields=["slug", "version"], name="calendar_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="calendar_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"

    @cached_property
    def hours(self) -> Hours:
        """The same for `policies.working_time`."""
        week = tuple(tuple(interval(*pair) for pair in day) for day in self.week)
        return Hours(self.zone, week, frozenset(self.reasons))

    @cached_property
    def reasons(self) -> dict[date, str]:
        """Each closed date with why it is closed."""
        closed = {date.fromisoformat(day): name for day, name in self.holidays}
        for closure in self.closures:
            day, last = date.fromisoformat(closure["from"]), date.fromisoformat(closure["until"])
            while day <= last:
                closed[day] = closure["why"]
                day += timedelta(days=1)
        return closed


def interval(begins: str, ends: str) -> tuple[int, int]:
    """Return two times of day ("22:00", "06:00") as minutes since the day began; the end lies after the beginning."""
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (begins, ends))
    return start, end if end > start else end + DAY
