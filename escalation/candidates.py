"""Whom a rule could give a ticket to: who is there, what they know, how much they have."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count

from escalation.models import FloorVisit
from tickets import roles
from tickets.models import Duty, Skills, Team, Ticket, User

GIVEN_TO = {
    1: {roles.AGENT, roles.SPECIALIST},
    2: {roles.SPECIALIST},
    3: {roles.HEAD_OF_RISK, roles.LEGAL},
}
"""Roles that rules give a floor's tickets to. Supervisors take tickets by themselves; nobody takes theirs away."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A person on duty, with what is held against what they can hold. Lists are empty when they name none."""

    user: User
    open: int
    capacity: int
    languages: frozenset[str]
    categories: frozenset[int]
    given_at: datetime

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.open)

    def speaks(self, language: str) -> bool | None:
        """Whether they speak LANGUAGE (BCP 47; only the language itself counts); None when nothing is known."""
        return _main(language) in self.languages if language and self.languages else None

    def knows(self, category_id: int | None) -> bool | None:
        """Whether they know the category; None when nothing is known."""
        return category_id in self.categories if category_id and self.categories else None

    def rank(self, ticket: Ticket) -> tuple:
        """Return what the best candidate has least of: language first, then category, load, and whose turn it is."""
        return (
            _PREFERENCE[self.speaks(ticket.language)],
            _PREFERENCE[self.knows(ticket.category_id)],
            self.open,
            self.given_at,
            self.user.pk,
        )

    def cited(self, ticket: Ticket) -> dict:
        """Return what the audit trail keeps of this candidate."""
        facts = {"person": self.user.pk, "open": self.open, "capacity": self.capacity}
        judged = {"language": self.speaks(ticket.language), "category": self.knows(ticket.category_id)}
        return facts | {name: known for name, known in judged.items() if known is not None}


_PREFERENCE = {True: 0, None: 1, False: 2}
"""A match is better than nothing known, and that is better than a known gap, which is better than nobody at all."""


def pool(team: Team, floor: int, now: datetime, *, lock: bool = False) -> list[Candidate]:
    """Return those of TEAM who are on duty, seen lately, and may be given tickets of FLOOR.

    With LOCK their duty rows are locked until the transaction ends, one router after the other: nobody's load grows
    and nobody goes off duty meanwhile. Always taken after the ticket's own lock, and in one order.
    """
    members = User.objects.filter(teams=team, groups__name__in=GIVEN_TO[floor])
    rows = Duty.objects.present(now).filter(user__in=members).order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    duties = list(rows.select_related("user"))
    if not duties:
        return []
    keys = [duty.pk for duty in duties]
    running = FloorVisit.objects.filter(left_at__isnull=True, due_at__isnull=False)
    held = running.filter(escalation__ticket__assignee__in=keys).order_by().values("escalation__ticket__assignee")
    loads = dict(held.values_list("escalation__ticket__assignee", Count("pk")))
    skills = {skill.pk: skill for skill in Skills.objects.filter(pk__in=keys).prefetch_related("categories")}
    return [_candidate(duty, loads.get(duty.pk, 0), skills.get(duty.pk) or Skills()) for duty in duties]


def _candidate(duty: Duty, load: int, skills: Skills) -> Candidate:
    return Candidate(
        user=duty.user,
        open=load,
        capacity=skills.capacity,
        languages=frozenset(_main(language) for language in skills.languages),
        categories=frozenset(category.pk for category in skills.categories.all()) if skills.pk else frozenset(),
        given_at=duty.given_at or _LONG_AGO,
    )


def _main(language: str) -> str:
    return language.replace("_", "-").split("-")[0].strip().lower()
