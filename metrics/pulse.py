"""The weekly morale pulse of the frontline team: one question, no names (P8, P8.2).

What keeps answers anonymous: an answer carries no person and no time; with each new answer all answers of the week are
written anew in random order under new random keys, so that neither keys, nor places in the table, nor transaction
numbers pair them with the list of who has answered; results appear only when the week is over, so that no answer can be
found by looking before and after; and under five answers nothing is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from metrics import fridays
from metrics.models import PulseAnswer, PulseTurn
from tickets import roles
from tickets.clock import database_now
from tickets.models import Team, User
from tickets.refusals import Conflict, Invalid, NotAllowed

FRONTLINE = (roles.AGENT, roles.SPECIALIST, roles.SUPERVISOR)
"""The roles whose morale and turnover are measured."""

LEAST = 5
"""Fewer answers (or people) than this are never shown."""

_LOCK = 0x70756C73

_SHUFFLE = """
WITH gone AS (DELETE FROM metrics_pulseanswer WHERE week = %(week)s RETURNING team_id, score)
INSERT INTO metrics_pulseanswer (id, week, team_id, score)
SELECT gen_random_uuid(), %(week)s, team_id, score
FROM (SELECT team_id, score FROM gone UNION ALL SELECT %(team)s::bigint, %(score)s::smallint) AS answers
ORDER BY random()
"""


@dataclass(frozen=True)
class Sums:
    """How many answered and the sum of their scores."""

    n: int = 0
    total: Decimal = Decimal(0)


def may_answer(person: User) -> bool:
    return person.has_role(*FRONTLINE)


def has_answered(person: User, *, now: datetime | None = None) -> bool:
    """Whether PERSON has had their turn in the week that runs."""
    return PulseTurn.objects.filter(week=fridays.of(now or database_now()), person=person).exists()


def teams_of(person: User) -> Sequence[Team]:
    """Return the teams for which PERSON can answer."""
    return list(person.teams.order_by("name"))


def answer(person: User, *, score: int, team: Team | None = None, now: datetime | None = None) -> date:
    """Store SCORE (0 to 100) for the week that runs and, apart from it, that PERSON has answered; return the week."""
    if not may_answer(person):
        raise NotAllowed(_("The pulse is answered by people who work in the front line."), code="role")
    if isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 100:
        raise Invalid(_("The score is a whole number from 0 to 100."), code="out_of_range", field="score")
    own = teams_of(person)
    if team is None and len(own) == 1:
        team = own[0]
    if team is not None and team not in own:
        raise Invalid(_("You can only answer for a team of your own."), code="not_a_member", field="team")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        week = fridays.of(now or database_now())
        _turn, first_time = PulseTurn.objects.get_or_create(week=week, person=person)
        if not first_time:
            raise Conflict(
                _("You have answered this week. The next pulse starts after Friday."), code="already_answered"
            )
        cursor.execute(_SHUFFLE, {"week": week, "team": team.pk if team else None, "score": score})
    return week


def answers_in(week: date) -> int:
    """Return how many have answered in WEEK."""
    return PulseAnswer.objects.filter(week=week).count()


def results(week: date) -> dict[int | None, Sums]:
    """Return the sums of a week that is over, for all (None) and per team id, without what must stay hidden.

    Teams are left out altogether while those under five answers could be found by subtraction.
    """
    by_team: dict[int | None, Sums] = {}
    for team, score in PulseAnswer.objects.filter(week=week).values_list("team", "score"):
        before = by_team.get(team, Sums())
        by_team[team] = Sums(before.n + 1, before.total + score)
    everybody = Sums(sum(s.n for s in by_team.values()), sum((s.total for s in by_team.values()), Decimal(0)))
    if everybody.n < LEAST:
        return {}
    shown = {team: sums for team, sums in by_team.items() if team is not None and sums.n >= LEAST}
    hidden = everybody.n - sum(sums.n for sums in shown.values())
    if 0 < hidden < LEAST:
        shown = {}
    return {None: everybody} | shown
