"""What is promised to customers about answers (P1.2), and until when that is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When

from policies import floors, working_time
from policies.models import FloorLimit, ResponseTime
from policies.working_time import Hours
from tickets.models import Channel
from tickets.prepared import prepared


@dataclass(frozen=True)
class Terms:
    """What is promised on a channel, and the opening hours in which it is counted (None: always)."""

    times: ResponseTime
    hours: Hours | None


@dataclass(frozen=True)
class Promise:
    """What holds for a request that comes at one instant: answer and solution by then, counted while the desk is open.

    `opens_at` is the next opening when the desk is closed at that instant, else None.
    """

    answer_at: datetime
    solution_at: datetime
    opens_at: datetime | None


class Promises:
    """The response times and opening hours in force at any time from SINCE to UNTIL, to be asked for many requests.

    The desk is open on a channel while the clock of its first floor runs there. LIMITS are those of the floors that
    held then, where they are known already.
    """

    def __init__(self, since: datetime, until: datetime, *, limits: Iterable[FloorLimit] | None = None):
        self._times = _times(since=since, until=until)
        rows = floors.held(since=since, until=until) if limits is None else limits
        self._limits = [row for row in rows if row.floor == 1 and row.category_id is None]

    def of(self, channel: int | None, at: datetime) -> Promise | None:
        """Return the promise for a request on CHANNEL (primary key) at AT, or None when nothing was promised then."""
        terms = self.terms(channel, at)
        if terms is None:
            return None
        return Promise(
            answer_at=working_time.add(at, terms.times.first_response, terms.hours),
            solution_at=working_time.add(at, terms.times.resolution, terms.hours),
            opens_at=_opening(at, terms.hours),
        )

    def terms(self, channel: int | None, at: datetime) -> Terms | None:
        """Return what `of` reckons with."""
        times, limit = _in_force(self._times, channel, at), _in_force(self._limits, channel, at)
        return Terms(times, limit.calendar.hours if limit and limit.calendar else None) if times else None


@prepared
def _times(*, since: datetime, until: datetime) -> QuerySet[ResponseTime]:
    return ResponseTime.objects.filter(Q(valid_until=None) | Q(valid_until__gt=since), valid_from__lte=until)


def promised(channel: Channel | None, at: datetime) -> Promise | None:
    """Return the promise for a request that came on CHANNEL at AT, or None when nothing was promised then."""
    return Promises(at, at).of(channel.pk if channel else None, at)


def of_rows(channel: str, at: str, which: str) -> Subquery:
    """Return the column WHICH of the promise for each row of a query: CHANNEL and AT are paths from it.

    The channel's own comes before the one for all; where nothing was promised yet, the earliest holds.
    """
    then = OuterRef(at)
    versions = (
        ResponseTime.objects.filter(Q(channel=OuterRef(channel)) | Q(channel__isnull=True))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=then))
        .annotate(not_yet=Case(When(valid_from__lte=then, then=0), default=1))
        .order_by("not_yet", F("channel").asc(nulls_last=True), "valid_from")
    )
    return Subquery(versions.values(which)[:1])


def guide(at: datetime | None = None) -> list[tuple[Channel, ResponseTime]]:
    """Return every channel with the promise in force for it: the published response-time guide (P1.2)."""
    rows = {row.channel_id: row for row in ResponseTime.objects.in_force(at)}
    channels = Channel.objects.select_related("team").order_by("name")
    promised_on = ((channel, rows.get(channel.pk) or rows.get(None)) for channel in channels)
    return [(channel, times) for channel, times in promised_on if times]


def _in_force(rows: Iterable, channel: int | None, at: datetime):
    held = {row.channel_id: row for row in rows if row.holds_at(at)}
    return held.get(channel) or held.get(None)


def _opening(at: datetime, hours: Hours | None) -> datetime | None:
    if hours is None:
        return None
    opened, _closed = next(hours.open_from(at))
    return opened if opened > at else None
