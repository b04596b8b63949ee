"""Weeks of work to draw a scorecard from, made by the real verbs."""

from datetime import timedelta
from types import SimpleNamespace

from escalation import conversation, moves
from metrics import fridays, notes, pulse, quality, ratings, scorecard
from tests.builders import T0, hire, minutes, on_floor, open_ticket
from tickets import roles
from tickets.models import User

WEEK = fridays.of(T0)


def weeks_of_work(people: SimpleNamespace, count: int = 3) -> None:
    """Let COUNT weeks pass, the last of them that of T0, and publish them."""
    User.objects.update(joined_on="2024-01-01")
    crew = [people.agent, people.agent2, people.specialist, people.supervisor]
    crew += [hire(f"clerk{i}", roles.AGENT, "first-line") for i in range(2)]
    for back in range(count - 1, -1, -1):
        monday = T0 - timedelta(days=7 * back)
        for place, after in enumerate((3, 6, 9 + back)):
            ticket = open_ticket(now=monday + minutes(place))
            came = ticket.created_at
            conversation.reply(ticket.pk, actor=people.agent, body="We look into it.", now=came + minutes(after))
            done = came + timedelta(hours=after)
            moves.resolve(ticket.pk, actor=people.agent, summary="Sent again.", now=done)
            ratings.rate(ticket.pk, score=5 - place * (back % 2), now=done + minutes(5))
            quality.review(ticket.pk, reviewer=people.supervisor, reviewed=people.agent, score=90 + place, now=done)
        second = on_floor(2, people, now=monday + timedelta(hours=3))
        moves.resolve(second.pk, actor=people.specialist, summary="Explained.", now=second.created_at + minutes(40))
        for place, person in enumerate(crew):
            pulse.answer(person, score=(100, 75, 75, 100, 75, 50)[place], now=monday)
    on_floor(3, people, now=T0, subject="The ring that was never ours")
    notes.add(WEEK, "backlog", author=people.manager, text="Two people were ill; a temp starts on Monday.", now=T0)
    scorecard.publish_due(fridays.due(WEEK) + scorecard.GRACE)
