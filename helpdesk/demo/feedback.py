"""What the demo's people say of the last weeks: pulse answers, reviews, a note; then the past Fridays are published."""

from datetime import datetime, timedelta

from django.contrib.auth.models import Group

from escalation.models import Escalation
from helpdesk.demo.history import WEEKS
from metrics import fridays, notes, pulse, quality, scorecard
from tickets import roles
from tickets.models import Message, Team, User

COLLEAGUES = (
    ("bruno", "Bruno Neri", 420, None),
    ("chiara", "Chiara Lodi", 260, None),
    ("joana", "Joana Prates", 150, None),
    ("dario", "Dario Fabbri", 900, 80),
)
"""People of the first line who do not sign in: address, name, days since they joined, days since they left."""

PULSES = ((100, 75, 75, 50, 100, 75, 75), (75, 75, 50, 100, 100, 75, 100), (100, 100, 75, 75, 100, 75, 75))
"""Scores of three weeks in turn, for as many people as answer."""

REVIEWS = (96, 88, 92, 100, 84, 94, 90)
"""Scores of reviews in turn; every second resolved ticket is reviewed."""

NOTE = "Two of us were at the trade fair, so more went up by the clock. A third person covers Thursdays now."


def give(staff: dict[str, User], now: datetime) -> None:
    """Let five weeks of answers and reviews come in as of NOW, and publish the Fridays that have passed."""
    crew = [staff[name] for name in ("agent", "agent2", "specialist", "supervisor")] + _colleagues(now)
    _pulses(crew, now)
    _reviews(staff["supervisor"], now)
    last = fridays.of(now) - fridays.WEEK
    notes.add(last, "floor_2_rate", author=staff["manager"], text=NOTE, now=fridays.due(last) - timedelta(hours=2))
    scorecard.publish_due(now)


def _colleagues(now: datetime) -> list[User]:
    agents, first_line = Group.objects.get(name=roles.AGENT), Team.objects.get(slug="first-line")
    found = []
    for local, name, joined, left in COLLEAGUES:
        person = User.objects.create_user(f"{local}@example.com", name=name, is_active=left is None)
        person.joined_on = (now - timedelta(days=joined)).date()
        person.left_on = None if left is None else (now - timedelta(days=left)).date()
        person.save()
        person.groups.add(agents)
        first_line.members.add(person)
        if left is None:
            found.append(person)
    return found


def _pulses(crew: list[User], now: datetime) -> None:
    """Every past week all answer; in the week that runs only those who do not sign in have done so."""
    this_week = fridays.of(now)
    for back in range(WEEKS, 0, -1):
        week = this_week - fridays.WEEK * back
        for person, score in zip(crew, PULSES[back % len(PULSES)], strict=False):
            pulse.answer(person, score=score, now=fridays.due(week) - timedelta(days=1))
    for person, score in zip(crew[4:], PULSES[0], strict=False):
        pulse.answer(person, score=score, now=now)


def _reviews(supervisor: User, now: datetime) -> None:
    resolved = Escalation.objects.filter(resolved_on_floor__lt=3).order_by("resolved_at")
    for place, case in enumerate(resolved[::2]):
        written = Message.objects.filter(ticket_id=case.pk, author__isnull=False).exclude(author=supervisor)
        answer = written.select_related("author").first()
        looked_at = case.resolved_at + timedelta(hours=20)
        if answer and looked_at <= now:
            score = REVIEWS[place % len(REVIEWS)]
            quality.review(case.pk, reviewer=supervisor, reviewed=answer.author, score=score, now=looked_at)
