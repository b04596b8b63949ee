"""What people tell us: ratings by customers, the pulse of the front line, reviews of work."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from escalation import conversation, moves
from escalation.audit import verify
from escalation.models import Action, AuditEvent
from metrics import fridays, pulse, quality, ratings, scorecard
from metrics.models import PulseAnswer, PulseTurn, QaReview, Rating
from tests.builders import T0, hire, minutes, on_floor, open_ticket
from tickets import roles
from tickets.models import Team
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

WEEK = date(2026, 11, 16)
FRIDAY = fridays.due(WEEK)
AFTER = FRIDAY + scorecard.GRACE


@pytest.fixture
def resolved(people):
    ticket = open_ticket()
    moves.resolve(ticket.pk, actor=people.agent, summary="Delivered.", now=T0 + minutes(5))
    ticket.refresh_from_db()
    return ticket


def test_a_customer_rates_a_resolution_and_it_is_on_record(resolved):
    rating = ratings.rate(resolved.pk, score=4, comment="Quick.\x00", now=T0 + minutes(9))
    assert (rating.score, rating.comment) == (4, "Quick.")
    event = AuditEvent.objects.get(ticket=resolved, action=Action.RATED)
    assert (event.by, event.customer, event.data["score"]) == ("customer", resolved.customer, 4)
    assert list(verify()) == []


def test_a_rating_can_be_changed_for_seven_days_and_keeps_its_week(resolved):
    ratings.rate(resolved.pk, score=4, now=T0 + minutes(9))
    week_later = T0 + minutes(9) + timedelta(days=7)
    assert ratings.may_rate(resolved, now=week_later)
    ratings.rate(resolved.pk, score=2, now=week_later)
    rating = Rating.objects.get()
    assert (rating.score, rating.rated_at, rating.changed_at) == (2, T0 + minutes(9), week_later)
    assert not ratings.may_rate(resolved, now=week_later + minutes(1))
    with pytest.raises(Conflict):
        ratings.rate(resolved.pk, score=5, now=week_later + minutes(1))


def test_the_same_rating_again_changes_nothing(resolved):
    ratings.rate(resolved.pk, score=4, now=T0 + minutes(9))
    ratings.rate(resolved.pk, score=4, now=T0 + minutes(10))
    assert AuditEvent.objects.filter(action=Action.RATED).count() == 1


def test_each_resolution_has_a_rating_of_its_own(people, resolved):
    ratings.rate(resolved.pk, score=1, now=T0 + minutes(9))
    conversation.customer_message(resolved.pk, body="Not solved.", now=T0 + minutes(10))
    resolved.refresh_from_db()
    assert ratings.current(resolved) is None
    with pytest.raises(Conflict):
        ratings.rate(resolved.pk, score=5, now=T0 + minutes(11))
    moves.resolve(resolved.pk, actor=people.agent, summary="Now.", now=T0 + minutes(12))
    ratings.rate(resolved.pk, score=5, now=T0 + minutes(13))
    assert list(Rating.objects.values_list("score", flat=True)) == [1, 5]


@pytest.mark.parametrize("score", [0, 6, -1, True, "5", 4.5, None])
def test_a_score_outside_one_to_five_is_refused(resolved, score):
    with pytest.raises(Invalid):
        ratings.rate(resolved.pk, score=score)


def _frontline(people, count: int) -> list:
    crew = [people.agent, people.agent2, people.specialist, people.specialist2, people.supervisor, people.supervisor2]
    return (crew + [hire(f"extra{i}", roles.AGENT, "first-line") for i in range(count)])[:count]


def test_under_five_answers_the_pulse_stays_hidden_with_five_it_shows(people):
    crew = _frontline(people, 5)
    for person in crew[:4]:
        pulse.answer(person, score=80, now=T0)
    assert pulse.results(WEEK) == {}
    pulse.answer(crew[4], score=30, now=T0)
    assert pulse.results(WEEK)[None].n == 5
    card = scorecard.publish(WEEK, now=AFTER)
    found = card.figures.get(key="morale", team=None)
    assert (found.value, found.n, found.numerator, found.met, found.tickets) == (70, 5, 350, False, [])


def test_the_pulse_is_closed_until_the_week_is_over(people, monkeypatch):
    """Otherwise the sixth answer could be found by comparing the mean before and after it."""
    for person in _frontline(people, 6):
        pulse.answer(person, score=80, now=T0)
    monkeypatch.setattr(scorecard, "database_now", lambda: FRIDAY - minutes(1))
    draft = scorecard.read(WEEK).figure("morale")
    assert (draft.value, draft.n, draft.why_empty) == (None, 6, "Answers are counted when the week is over.")


def test_nobody_answers_twice_in_a_week(people):
    pulse.answer(people.agent, score=100, now=T0)
    assert pulse.has_answered(people.agent, now=T0)
    with pytest.raises(Conflict):
        pulse.answer(people.agent, score=0, now=T0 + timedelta(days=1))
    pulse.answer(people.agent, score=0, now=FRIDAY)
    assert PulseAnswer.objects.filter(week=WEEK).count() == 1


def test_a_small_team_cannot_be_found_by_subtraction(people):
    """Eight answers, six of them by one team: the other two people's would be the difference."""
    first = Team.objects.get(slug="first-line")
    crew = [people.agent, people.agent2, *(hire(f"extra{i}", roles.AGENT, "first-line") for i in range(4))]
    for person in crew:
        pulse.answer(person, score=90, now=T0)
    assert set(pulse.results(WEEK)) == {None, first.pk}
    for person in (people.specialist, people.specialist2):
        pulse.answer(person, score=10, now=T0)
    assert set(pulse.results(WEEK)) == {None}


def test_an_answer_names_nobody_and_its_place_tells_nothing(people):
    columns = {field.name for field in PulseAnswer._meta.get_fields()}
    assert columns == {"id", "week", "team", "score"}
    crew = _frontline(people, 6)
    orders = set()
    for turn, person in enumerate(crew):
        pulse.answer(person, score=turn * 10, now=T0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT array_agg(score ORDER BY ctid), count(DISTINCT xmin::text) FROM metrics_pulseanswer")
            scores, transactions = cursor.fetchone()
        orders.add(tuple(score // 10 for score in scores) == tuple(range(turn + 1)))
        assert transactions == 1  # all are written anew together
    assert False in orders  # by chance alone all six would be in order once in 24,883,200 runs
    assert list(PulseTurn.objects.order_by("id").values_list("person", flat=True)) == [p.pk for p in crew]


@pytest.mark.parametrize("who", ["risk", "legal", "executive", "manager", "policy", "admin", "stranger"])
def test_the_pulse_is_for_the_front_line(people, who):
    with pytest.raises(NotAllowed):
        pulse.answer(getattr(people, who), score=50, now=T0)


def test_an_answer_counts_for_a_team_of_ones_own_only(people):
    with pytest.raises(Invalid):
        pulse.answer(people.agent, score=50, team=Team.objects.get(slug="specialists"), now=T0)
    pulse.answer(people.agent, score=50, now=T0)
    assert PulseAnswer.objects.get().team.slug == "first-line"


@pytest.mark.parametrize("score", [-1, 101, True, "50", None])
def test_a_pulse_score_outside_its_range_is_refused(people, score):
    with pytest.raises(Invalid):
        pulse.answer(people.agent, score=score, now=T0)


def test_work_is_reviewed_by_somebody_else_who_may_see_it(people):
    ticket = on_floor(3, people)
    quality.review(ticket.pk, reviewer=people.legal, reviewed=people.specialist, score=80, note="Clear.", now=T0)
    with pytest.raises(NotFound):
        quality.review(ticket.pk, reviewer=people.manager, reviewed=people.specialist, score=80)
    with pytest.raises(NotAllowed):
        quality.review(ticket.pk, reviewer=people.agent, reviewed=people.specialist, score=80)
    with pytest.raises(NotAllowed):
        quality.review(ticket.pk, reviewer=people.legal, reviewed=people.legal, score=80)
    with pytest.raises(IntegrityError), transaction.atomic():
        QaReview.objects.create(ticket=ticket, reviewer=people.legal, reviewed=people.legal, score=80)
    assert QaReview.objects.count() == 1
