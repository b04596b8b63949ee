"""The guided tour: eight places of the day, each with a time, a person, a page, and what to look at there."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from helpdesk.demo import day
from helpdesk.desk.scorecard_request import latest_published
from metrics import fridays
from tickets.links import personal_token


@dataclass(frozen=True)
class Stop:
    """A place to jump to: AT a time of the day (`3 17:05`: three days later), as a PERSON, on a PAGE.

    PERSON is the part of the address before the @. PAGE is an address, `scorecard` for the newest published one, or
    `ticket:`, `decide:` or `customer:` with the key of a story in day.toml.
    """

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


STOPS = (
    Stop(
        slug="desk",
        title=_("The desk"),
        text=_(
            "Every ticket has fifteen minutes on Floor 1. The nearest deadline stands on top; press Continue and see "
            "it run."
        ),
        at="09:04",
        person="agent",
        page="/desk/",
    ),
    Stop(
        slug="latitude",
        title=_("What an agent may decide alone"),
        text=_(
            "A parcel went to the wrong door. Choose the problem, a remedy and an amount, and ask the matrix: up to "
            "100 Anna decides and closes at first contact, above it a review begins by itself."
        ),
        at="09:07",
        person="agent",
        page="decide:cups",
    ),
    Stop(
        slug="abuse",
        title=_("Abuse leaves the first line"),
        text=_(
            "A rule read the message and sent it to Floor 2, where it was given to Marco within seconds. The words "
            "are folded away until he asks for them, and how we write is one click from the answer."
        ),
        at="10:09",
        person="specialist",
        page="ticket:abuse",
    ),
    Stop(
        slug="floor-3",
        title=_("Floor 3 case"),
        text=_(
            "Possible fraud goes straight to Floor 3, out of the first line's sight. A hold names what nobody may do "
            "now, and who lifts it; the decision is due in an hour."
        ),
        at="10:33",
        person="risk",
        page="ticket:card",
    ),
    Stop(
        slug="past",
        title=_("The clock does not wait for a signature"),
        text=_(
            "Marco asked to move the case to Floor 3, nobody signed in time, so the clock moved it. Marta, the "
            "supervisor, still owes the justification: give it here, and see it in the log."
        ),
        at="14:15",
        person="supervisor",
        page="/desk/approvals/",
    ),
    Stop(
        slug="final",
        title=_("The final signature"),
        text=_(
            "Elena proposed how the case ends. She cannot sign it herself, so Legal reads the file and signs, or "
            "refuses. Sign it yourself, or let Laura do it at 15:02."
        ),
        at="14:46",
        person="legal",
        page="/desk/approvals/",
    ),
    Stop(
        slug="customer",
        title=_("What the customer sees"),
        text=_(
            "The same fraud case as Amara Obi saw it: plain words, one promise of a time, and never a floor, a note "
            "or a risk. Her letters are in the outbox."
        ),
        at="14:50",
        person="agent",
        page="customer:card",
    ),
    Stop(
        slug="scorecard",
        title=_("Friday's scorecard"),
        text=_(
            "On Friday at five the week is published and frozen. Each figure leads to the tickets behind it, today's "
            "included."
        ),
        at="3 17:05",
        person="manager",
        page="scorecard",
    ),
)
"""The stops in their order."""


def stop(slug: str) -> Stop | None:
    return next((found for found in STOPS if found.slug == slug), None)
