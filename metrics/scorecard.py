"""The weekly scorecard: drafts are computed, publications are frozen, corrections are new editions (P8, P8.6)."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from escalation import outbox
from metrics import catalogue, fridays, measures, notes, targets
from metrics.fridays import WEEK, Span
from metrics.measures import Measure
from metrics.models import Figure, Scorecard, Target
from tickets.clock import database_now
from tickets.models import Team, Ticket, User
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound
from tickets.texts import clean_text

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=1)
"""Wait after the end of a week before it is counted, so that whatever was still being written is in."""

AT_ONCE = 10
"""Weeks that one run publishes at most; after a long downtime the next run goes on."""

SLOW = 0.5
"""A draft that took more seconds than this to compute is kept for 60 times as long, 5 minutes at most."""

_LOCK = 0x73636F72


@dataclass
class Sheet:
    """A week's figures as they are read: a published edition, or (edition None) a draft computed at `as_of`."""

    week: date
    edition: int | None
    starts_at: datetime
    ends_at: datetime
    published_at: datetime | None
    reason: str
    figures: list[Figure]
    as_of: datetime | None = None
    team: Team | None = None

    @property
    def name(self) -> str:
        return fridays.name(self.week)

    @property
    def draft(self) -> bool:
        return self.edition is None

    def figure(self, key: str) -> Figure:
        return next(figure for figure in self.figures if figure.key == key)


def weeks() -> list[Scorecard]:
    """Return the latest edition of each published week, newest first."""
    return list(Scorecard.objects.filter(published_at__isnull=False).order_by("-week", "-edition").distinct("week"))


def editions(week: date) -> list[Scorecard]:
    """Return the published editions of WEEK, newest first."""
    return list(
        Scorecard.objects.filter(week=week, published_at__isnull=False)
        .select_related("published_by")
        .order_by("-edition")
    )


def find(week: date, edition: int | None = None) -> Scorecard | None:
    """Return the edition asked for (NotFound when missing), else the latest, else None: the week is not published."""
    published = Scorecard.objects.filter(week=week, published_at__isnull=False)
    if edition is None:
        return published.order_by("-edition").first()
    found = published.filter(edition=edition).first()
    if found is None:
        raise NotFound(
            _("%(week)s has no edition %(edition)s.") % {"week": fridays.name(week), "edition": edition},
            code="not_found",
        )
    return found


def read(week: date, edition: int | None = None, team: Team | None = None) -> Sheet:
    """Return WEEK's figures: the stored ones of an edition (default: the latest), or a draft while there is none."""
    found = find(week, edition)
    if found is None:
        return draft(week, team)
    stored = found.figures.filter(team=team).defer("tickets", "amounts")
    order = {key: place for place, key in enumerate(catalogue.METRICS)}
    return Sheet(
        week=week,
        edition=found.edition,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        published_at=found.published_at,
        reason=found.reason,
        figures=sorted(stored, key=lambda figure: order.get(figure.key, len(order))),
        team=team,
    )


def by_team(week: date, key: str, edition: int | None = None) -> list[Figure]:
    """Return figure KEY of WEEK for each team, by name."""
    found = find(week, edition)
    if found is not None:
        stored = found.figures.filter(key=key, team__isnull=False).select_related("team")
        return list(stored.defer("tickets", "amounts").order_by("team__name"))
    now, covered, teams = database_now(), span(week), list(Team.objects.order_by("name"))
    final = covered.end <= now
    return _compute(week, covered, teams=teams, final=final, keep_rows=False, careful=True, keys=[key])


def history(week: date, team: Team | None = None, *, count: int = 12) -> dict[str, list[tuple[date, Decimal | None]]]:
    """Return each figure's published values in the COUNT weeks up to and with WEEK, oldest first."""
    shown = [week - WEEK * back for back in range(count - 1, -1, -1)]
    newest = Scorecard.objects.filter(week__in=shown, published_at__isnull=False)
    newest = newest.order_by("week", "-edition").distinct("week").values("pk")
    stored = Figure.objects.filter(scorecard__in=newest, team=team).values_list("key", "scorecard__week", "value")
    values = {(key, monday): value for key, monday, value in stored}
    return {key: [(monday, values.get((key, monday))) for monday in shown] for key in catalogue.METRICS}


def span(week: date) -> Span:
    """Return what WEEK's figures cover: from where the week before ended up to its own Friday."""
    before = Scorecard.objects.filter(week=week - WEEK, published_at__isnull=False).order_by("edition").first()
    own = Scorecard.objects.filter(week=week, published_at__isnull=False).order_by("edition").first()
    if own:
        return Span(own.starts_at, own.ends_at)
    return Span(before.ends_at if before else fridays.due(week - WEEK), fridays.due(week))


def draft(week: date, team: Team | None = None) -> Sheet:
    """Compute WEEK's figures as they stand now. The pulse stays closed until the week is over."""
    now = database_now()
    covered = span(week)
    if covered.start > now:
        raise NotFound(_("%(week)s has not begun.") % {"week": fridays.name(week)}, code="not_found")
    kept = f"scorecard-draft:{week}:{team.pk if team else '-'}"
    sheet = cache.get(kept)
    if sheet is None:
        started = time.monotonic()
        made = _compute(week, covered, teams=[team], final=covered.end <= now, keep_rows=False, careful=True)
        sheet = Sheet(week, None, covered.start, covered.end, None, "", made, as_of=now, team=team)
        took = time.monotonic() - started
        if took > SLOW:
            cache.set(kept, sheet, min(300, took * 60))
    return sheet


def publish(week: date, *, reason: str = "", actor: User | None = None, now: datetime | None = None) -> Scorecard:
    """Freeze WEEK as its first edition, or as a further one that corrects it for REASON.

    The first edition needs no ACTOR: it is due on Friday. A correction is made by a manager or an administrator.
    """
    if actor is not None and not targets.may_edit(actor):
        raise NotAllowed(_("Scorecards are published by managers and administrators."), code="role")
    why = clean_text(reason, field="reason", limit=2000)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        instant = now or database_now()
        covered = span(week)
        if covered.end > instant:
            ends = date_format(timezone.localtime(covered.end), "SHORT_DATETIME_FORMAT")
            raise Conflict(
                _("%(week)s ends on %(when)s.") % {"week": fridays.name(week), "when": ends}, code="not_over"
            )
        last = Scorecard.objects.filter(week=week).aggregate(last=Max("edition"))["last"]
        if actor is not None and not last:
            raise Conflict(
                _("%(week)s is not published yet; that happens by itself.") % {"week": fridays.name(week)},
                code="not_published",
            )
        if last and actor is None:
            raise Conflict(_("%(week)s is published already.") % {"week": fridays.name(week)}, code="already_published")
        if last and len(why) < 10:
            raise Invalid(
                _("Say in at least 10 characters what this edition corrects."), code="too_short", field="reason"
            )
        card = Scorecard.objects.create(
            week=week,
            edition=(last or 0) + 1,
            starts_at=covered.start,
            ends_at=covered.end,
            time_zone=settings.ORGANISATION_TIME_ZONE,
            published_by=actor,
            reason=why,
        )
        made = _compute(week, covered, teams=[None, *Team.objects.all()], final=True, keep_rows=True)
        for figure in made:
            figure.scorecard = card
        Figure.objects.bulk_create(made)
        Scorecard.objects.filter(pk=card.pk).update(published_at=instant)
        card.published_at = instant
        # What a long downtime left over is published too, but is no news any more.
        if last or instant - covered.end < WEEK:
            said = {"week": card.name, "edition": card.edition}
            key = f"scorecard:{card.name}:{card.edition}"
            outbox.promise(ticket=None, topic="scorecard", key=key, payload=said, now=instant)
        logger.info("published the scorecard of %s", card)
        return card


def publish_due(now: datetime | None = None) -> list[Scorecard]:
    """Publish every week whose Friday has passed and that is not published yet, oldest first."""
    instant = now or database_now()
    published: list[Scorecard] = []
    week = _first_unpublished()
    while week is not None and fridays.due(week) + GRACE <= instant and len(published) < AT_ONCE:
        try:
            published.append(publish(week, now=now))
        except Conflict as refusal:
            if refusal.code != "already_published":
                raise
        week += WEEK
    return published


def _first_unpublished() -> date | None:
    """The week after the last published one; at first, the week in which this helpdesk began to work."""
    last = Scorecard.objects.filter(published_at__isnull=False).aggregate(last=Max("week"))["last"]
    if last:
        return last + WEEK
    began = [
        Ticket.objects.filter(source="").aggregate(first=Min("created_at"))["first"],
        Target.objects.aggregate(first=Min("valid_from"))["first"],
    ]
    known = [instant for instant in began if instant]
    return fridays.of(min(known)) if known else None


def _compute(
    week: date,
    covered: Span,
    *,
    teams: Sequence[Team | None],
    final: bool,
    keep_rows: bool,
    careful: bool = False,
    keys: Sequence[str] = (),
) -> list[Figure]:
    """Measure every figure (or KEYS) for TEAMS (None: everybody). CAREFUL shows a failing figure as such."""
    goals = targets.in_force(covered.end)
    said = notes.in_week(week)
    before = _values(week - WEEK)
    made = []
    for metric in [catalogue.METRICS[key] for key in keys or catalogue.METRICS]:
        try:
            with transaction.atomic():
                measured = measures.measure(metric, week=week, span=covered, final=final, keep_rows=keep_rows)
        except DatabaseError as error:
            if not careful:
                raise
            logger.exception("figure %s could not be computed", metric.key)
            measured = {None: Measure(why_empty=f"Not computed: {str(error).strip().splitlines()[0]}")}
        for team in teams:
            found = measured.get(team.pk if team else None) or measures.none_for(metric, covered)
            target = goals[metric.key]
            made.append(
                Figure(
                    key=metric.key,
                    team=team,
                    value=_rounded(found.value),
                    unit=metric.unit,
                    numerator=_rounded(found.numerator),
                    denominator=_rounded(found.denominator),
                    n=found.n,
                    target=target.value,
                    better=target.better,
                    strict=target.strict,
                    met=target.met_by(found.value),
                    previous=before.get((metric.key, team.pk if team else None)),
                    owner=target.owner_name,
                    notes=[note.as_record() for note in said.get(metric.key, [])] if team is None else [],
                    why_empty=found.why_empty,
                    tickets=found.tickets,
                    amounts=[_rounded(amount) for amount in found.amounts],
                )
            )
    return made


def _values(week: date) -> dict[tuple[str, int | None], Decimal]:
    """The values published for WEEK, by figure and team id."""
    before = find(week)
    if before is None:
        return {}
    return {(key, team): value for key, team, value in before.figures.values_list("key", "team", "value")}


def _rounded(value: Decimal | None) -> Decimal | None:
    """VALUE as it is stored: four decimals, half up."""
    return None if value is None else value.quantize(Decimal("0.0001"), ROUND_HALF_UP)
