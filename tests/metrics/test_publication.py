"""Each Friday is published once, and what is published stays."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from escalation import conversation, moves
from metrics import catalogue, figures, fridays, measures, notes, ratings, scorecard, targets
from metrics.models import Figure, Note, Scorecard, Target
from metrics.tasks import publish_scorecard
from tests import builders
from tests.builders import T0, minutes, open_ticket
from tickets.models import Ticket
from tickets.refusals import Conflict, Invalid, NotAllowed, NotFound

WEEK = date(2026, 11, 16)
FRIDAY = fridays.due(WEEK)
AFTER = FRIDAY + scorecard.GRACE


@pytest.fixture
def story(people):
    """One ticket of the week, answered, resolved and rated."""
    ticket = open_ticket()
    conversation.reply(ticket.pk, actor=people.agent, body="On its way.", now=T0 + minutes(5))
    moves.resolve(ticket.pk, actor=people.agent, summary="Delivered.", now=T0 + minutes(50))
    ratings.rate(ticket.pk, score=5, now=T0 + timedelta(hours=2))
    return ticket


def test_nothing_is_published_before_friday_five_o_clock(people, story):
    assert scorecard.publish_due(FRIDAY - timedelta(seconds=1)) == []
    assert scorecard.publish_due(AFTER - timedelta(seconds=1)) == []
    assert [card.name for card in scorecard.publish_due(AFTER)] == ["2026-W47"]


def test_publishing_twice_makes_one_edition(people, story):
    scorecard.publish_due(AFTER)
    assert scorecard.publish_due(AFTER + minutes(1)) == []
    assert Scorecard.objects.count() == 1
    assert Figure.objects.filter(team=None).count() == len(catalogue.METRICS)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_publish_one_edition():
    people = builders.cast()
    ticket = open_ticket()
    moves.resolve(ticket.pk, actor=people.agent, summary="Delivered.", now=T0 + minutes(50))
    both = threading.Barrier(2)
    made = []

    def work():
        both.wait()
        try:
            made.extend(scorecard.publish_due(AFTER))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(made) == 1
    assert Scorecard.objects.count() == 1


def test_after_a_downtime_every_missed_friday_is_published_once(people, story):
    late = AFTER + timedelta(days=23)
    published = scorecard.publish_due(late)
    assert [card.name for card in published] == ["2026-W47", "2026-W48", "2026-W49", "2026-W50"]
    assert all(card.published_at == late for card in published)
    spans = [(card.starts_at, card.ends_at) for card in published]
    assert all(before[1] == after[0] for before, after in zip(spans, spans[1:], strict=False))
    assert scorecard.publish_due(late) == []


def test_a_very_long_downtime_is_caught_up_in_portions(people, story):
    late = AFTER + timedelta(days=7 * 24)
    counts = [len(scorecard.publish_due(late)) for _ in range(4)]
    assert counts == [10, 10, 5, 0]


def test_the_task_publishes_by_the_clock_of_the_database(people, story, monkeypatch):
    monkeypatch.setattr(scorecard, "database_now", lambda: AFTER)
    assert (publish_scorecard(), publish_scorecard()) == (1, 0)


def test_an_empty_helpdesk_publishes_nothing(db):
    assert scorecard.publish_due(AFTER) == []


def test_a_moved_publication_day_leaves_no_gap_and_no_overlap(people, story, settings):
    scorecard.publish_due(AFTER)
    settings.SCORECARD_WEEKDAY, settings.SCORECARD_HOUR = 0, 9
    card = scorecard.publish_due(AFTER + timedelta(days=5))[0]
    assert card.starts_at == FRIDAY
    assert card.ends_at == fridays.due(WEEK + fridays.WEEK) < FRIDAY + timedelta(days=3)


def test_the_published_figures_and_rows_stay_when_the_tickets_go_on(people, story):
    scorecard.publish_due(AFTER)
    conversation.customer_message(story.pk, body="It is broken again.", now=AFTER + minutes(1))
    Ticket.objects.filter(pk=story.pk).update(created_at=T0 - timedelta(days=3))
    sheet = scorecard.read(WEEK)
    assert (sheet.edition, sheet.figure("first_response_time").value) == (1, 5)
    assert figures.behind(WEEK, "first_response_time") == [figures.Row(story.pk, Decimal(5))]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE metrics_figure SET value = 99",
        "UPDATE metrics_figure SET notes = '[]'",
        "DELETE FROM metrics_figure",
        "TRUNCATE metrics_figure CASCADE",
        "UPDATE metrics_scorecard SET reason = 'never mind'",
        "UPDATE metrics_scorecard SET published_at = NULL",
        "DELETE FROM metrics_scorecard",
        "INSERT INTO metrics_figure"
        " (scorecard_id, key, unit, n, better, strict, owner, notes, why_empty, tickets, amounts)"
        " SELECT id, 'extra', 'percent', 1, 'higher', false, 'me', '[]', '', '{}', '{}' FROM metrics_scorecard",
    ],
)
def test_the_database_refuses_to_change_what_is_published(people, story, statement):
    scorecard.publish_due(AFTER)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_correction_is_a_new_edition_with_a_reason(people, story):
    scorecard.publish_due(AFTER)
    ratings.rate(story.pk, score=1, comment="It broke.", now=T0 + timedelta(days=5))
    second = scorecard.publish(
        WEEK, reason="A customer corrected a rating.", actor=people.manager, now=AFTER + minutes(9)
    )
    assert (second.edition, second.starts_at, second.ends_at) == (2, fridays.due(WEEK - fridays.WEEK), FRIDAY)
    assert scorecard.read(WEEK).figure("satisfaction").value == 0
    assert scorecard.read(WEEK, edition=1).figure("satisfaction").value == 100
    assert [card.edition for card in scorecard.weeks()] == [2]
    with pytest.raises(NotFound):
        scorecard.read(WEEK, edition=3)


def test_a_correction_needs_a_reason_a_role_and_something_to_correct(people, story):
    with pytest.raises(Conflict, match="not published yet"):
        scorecard.publish(WEEK, reason="I could not wait.", actor=people.manager, now=AFTER)
    scorecard.publish_due(AFTER)
    with pytest.raises(Invalid):
        scorecard.publish(WEEK, reason="oops", actor=people.manager, now=AFTER)
    with pytest.raises(NotAllowed):
        scorecard.publish(WEEK, reason="The agents asked for it.", actor=people.supervisor, now=AFTER)
    with pytest.raises(Conflict):
        scorecard.publish(WEEK, now=AFTER)


def test_the_week_before_is_kept_with_each_figure(people, story):
    scorecard.publish_due(AFTER)
    ticket = open_ticket(now=FRIDAY + timedelta(days=2))
    conversation.reply(ticket.pk, actor=people.agent, body="On its way.", now=ticket.created_at + minutes(8))
    scorecard.publish_due(AFTER + timedelta(days=7))
    found = scorecard.read(WEEK + fridays.WEEK).figure("first_response_time")
    assert (found.value, found.previous, found.change) == (8, 5, 3)


def test_a_changed_target_holds_from_then_on(people, story):
    Target.objects.update(valid_from=T0 - timedelta(days=30))
    scorecard.publish_due(AFTER)
    changed = targets.change(
        "first_response_time", value=Decimal(4), reason="Quarterly review.", actor=people.manager, now=AFTER
    )
    assert changed.sign == "<"
    assert scorecard.read(WEEK).figure("first_response_time").target == 8
    later = scorecard.publish_due(AFTER + timedelta(days=7))[0]
    assert later.figures.get(key="first_response_time", team=None).target == 4
    with pytest.raises(NotAllowed):
        targets.change("backlog", value=Decimal(500), reason="Easier.", actor=people.agent)


def test_notes_are_frozen_with_the_edition_and_may_follow_it(people, story):
    notes.add(WEEK, "backlog", author=people.manager, text="Two people were ill.")
    scorecard.publish_due(AFTER)
    notes.add(WEEK, "backlog", author=people.manager, text="They are back.")
    frozen = scorecard.read(WEEK).figure("backlog").notes
    assert [note["text"] for note in frozen] == ["Two people were ill."]
    assert frozen[0]["author"] == "Manager"
    assert Note.objects.count() == 2
    with pytest.raises(NotAllowed):
        notes.add(WEEK, "backlog", author=people.agent, text="Not my fault.")


def test_a_figure_that_cannot_be_computed_stops_the_publication_and_says_so_in_the_draft(people, story, monkeypatch):
    real = measures.measure

    def broken(metric, **options):
        if metric.key == "backlog":
            raise DatabaseError("canceling statement due to statement timeout")
        return real(metric, **options)

    monkeypatch.setattr(measures, "measure", broken)
    monkeypatch.setattr(scorecard, "database_now", lambda: AFTER)
    with pytest.raises(DatabaseError):
        scorecard.publish_due(AFTER)
    assert not Scorecard.objects.exists()
    backlog = scorecard.read(WEEK).figure("backlog")
    assert (backlog.value, "statement timeout" in backlog.why_empty) == (None, True)


def test_a_week_that_has_not_begun_has_no_figures(people):
    with pytest.raises(NotFound):
        scorecard.read(fridays.parse("2099-W01"))
