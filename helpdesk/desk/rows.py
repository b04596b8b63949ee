"""The lines of the queue, with every word ready: a page has 50 of them, so their template only puts words in place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, Left, NullIf
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from escalation.models import Approval, Hold, RiskFlag
from policies.risks import Risk
from tickets.models import Message, Ticket

SNIPPET = 60
"""Characters of the last public message that a line shows."""


@dataclass(slots=True)
class Row:
    """One line. `marks` are (colour, word): hold, what is owed, risks, tags."""

    number: int
    url: str
    subject: str
    snippet: str
    unanswered: bool
    clock: str
    due: datetime | None
    window: timedelta | None
    customer: str
    channel: str
    floor: str
    marks: list[tuple[str, str]]
    owner: str
    activity: str
    active_at: str


def read(numbers: list[int], now: datetime) -> list[Row]:
    """Return the lines for NUMBERS, which the reader may see, in that order."""
    found = {ticket.pk: ticket for ticket in _lean(numbers)}
    words = _words()
    return [_row(found[number], now, words) for number in numbers if number in found]


def _lean(numbers: list[int]) -> QuerySet:
    """Return what a line shows and nothing else: whole rows of six tables would take longer than drawing the page."""
    here = OuterRef("pk")
    of_this_ticket = {"escalation_id": here}
    last = Message.objects.filter(ticket=here, visibility=Message.Visibility.PUBLIC).order_by("-created_at", "-id")
    owed = Approval.objects.filter(**of_this_ticket, state=Approval.State.OVERTAKEN, decided_at__isnull=True)
    tags = Ticket.tags.through.objects.filter(ticket_id=here).order_by("tag__slug")
    tickets = Ticket.objects.filter(pk__in=numbers).annotate(
        stay=FilteredRelation("escalation__visits", condition=Q(escalation__visits__left_at__isnull=True)),
        stay_id=F("stay__pk"),
        due=F("stay__due_at"),
        window=F("stay__limit"),
        floor=Coalesce("stay__floor", "escalation__resolved_on_floor"),
        held=Exists(Hold.objects.filter(**of_this_ticket, released_at__isnull=True)),
        owed=Exists(owed),
        risks=ArraySubquery(RiskFlag.objects.filter(**of_this_ticket).order_by("flagged_at", "id").values("risk")),
        tag_slugs=ArraySubquery(tags.values("tag__slug")),
        last=Subquery(last.values(both=JSONObject(text=Left("body", SNIPPET * 2), author="author_id"))[:1]),
        customer_name=_name_of("customer"),
        owner_name=_name_of("assignee"),
        channel_name=F("channel__name"),
    )
    return tickets.values_list(
        "pk", "subject", "updated_at", "stay_id", "due", "window", "floor", "held", "owed", "risks", "tag_slugs",
        "last", "customer_name", "owner_name", "channel_name", named=True,
    )  # fmt: skip


def _name_of(who: str) -> Coalesce:
    """Return the name of the customer or the owner, or their address when they have none."""
    return Coalesce(NullIf(f"{who}__name", Value("")), f"{who}__email", output_field=CharField())


def _words() -> dict:
    """Translate once what all lines share."""
    address = reverse("desk:ticket", args=[0])
    return {
        "address": address.removesuffix("0/"),
        "floors": {floor: _("Floor %(n)s") % {"n": floor} for floor in (1, 2, 3)},
        "risks": {risk: str(label) for risk, label in Risk.choices},
        "held": ("held", _("on hold")),
        "owed": ("late", _("justification owed")),
        "now": _("now"),
        "min": pgettext("minutes ago", "%(n)s min"),
        "h": pgettext("hours ago", "%(n)s h"),
        "d": pgettext("days ago", "%(n)s d"),
    }


def _row(ticket, now: datetime, words: dict) -> Row:
    marks = [words["held"]] if ticket.held else []
    marks += [words["owed"]] if ticket.owed else []
    marks += [("warn", words["risks"].get(risk, risk)) for risk in ticket.risks]
    marks += [("plain", tag) for tag in ticket.tag_slugs]
    said = ticket.last or {}
    return Row(
        number=ticket.pk,
        url=f"{words['address']}{ticket.pk}/",
        subject=ticket.subject,
        snippet=_one_line(said.get("text") or ""),
        unanswered=ticket.stay_id is not None and said.get("author") is None,
        clock="stopped" if ticket.stay_id is None else "running" if ticket.due else "paused",
        due=ticket.due,
        window=ticket.window,
        customer=ticket.customer_name,
        channel=ticket.channel_name,
        floor=words["floors"].get(ticket.floor, ""),
        marks=marks,
        owner=ticket.owner_name or "",
        activity=_ago(ticket.updated_at, now, words),
        active_at=date_format(timezone.localtime(ticket.updated_at), "SHORT_DATETIME_FORMAT"),
    )


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SNIPPET else f"{line[:SNIPPET].rstrip()}…"


def _ago(value: datetime, now: datetime, words: dict) -> str:
    minutes = int((now - value).total_seconds() // 60)
    if minutes < 1:
        return words["now"]
    if minutes < 60:
        return words["min"] % {"n": minutes}
    if minutes < 48 * 60:
        return words["h"] % {"n": minutes // 60}
    return words["d"] % {"n": minutes // (24 * 60)}
