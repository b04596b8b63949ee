"""The guided tour: eight places of the day, each with a time, a person, a page, and what to look at there."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.urls import reverse

from helpdesk.demo import day
from helpdesk.demo.stage import read
from helpdesk.desk.scorecard_request import latest_published
from metrics import fridays
from tickets.links import personal_token


@dataclass(frozen=True)
class Stop:
    """A place to jump to: AT a time of the day, as a PERSON (the part of the address before the @), on a PAGE."""

    slug: str
    title: str
    text: str
    at: str
    person: str
    page: str

    def instant(self, morning: datetime) -> datetime:
        return day.at(self.at, morning)

    def url(self) -> str:
        """Return where it is: a page, or the ticket that a story became as staff or its customer see it."""
        kind, _colon, key = self.page.partition(":")
        if kind == "scorecard":
            published = latest_published()
            return reverse("desk:scorecard") + (f"?week={fridays.name(published.week)}" if published else "")
        if not key:
            return self.page
        number = day.ticket_of(key)
        if number is None:
            return reverse("demo:tour")
        if kind == "customer":
            return reverse("portal:follow", args=[personal_token(number)])
        return reverse("desk:decision" if kind == "decide" else "desk:ticket", args=[number])


@cache
def stops() -> list[Stop]:
    return [Stop(**stop) for stop in read("tour.toml")["stop"]]


def stop(slug: str) -> Stop | None:
    return next((found for found in stops() if found.slug == slug), None)
