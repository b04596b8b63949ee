"""What was found, as people read it: titles, excerpts with the words marked, and where each leads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language

from escalation import masking
from escalation.models import Decision
from escalation.models.escalation import State
from escalation.search import excerpt
from escalation.search.find import Hit
from escalation.search.kinds import CUSTOMERS, DECISIONS, KINDS, MESSAGES, SCRIPTS, TICKETS
from policies import scripts
from policies.models import Script
from tickets.models import Customer, Message, Ticket, User


@dataclass(frozen=True)
class Found:
    """One line of the answer. `pk` is the row's key in its kind; `facts` are short words beside the title."""

    kind: str
    pk: int
    title: excerpt.Parts
    excerpt: excerpt.Parts
    ticket: int | None = None
    slug: str = ""  # of an approved text
    at: datetime | None = None
    facts: Sequence[str] = field(default_factory=tuple)
    note: bool = False  # internal: no customer reads it


def read(kind: str, hits: list[Hit], lexemes: frozenset[str], reader: User) -> list[Found]:
    """Return the lines for HITS of one kind as READER may read them, in their order; what is gone is left out."""
    return _READERS[kind](hits, lexemes, reader) if hits else []


def _tickets(hits: list[Hit], lexemes: frozenset[str], reader: User) -> list[Found]:
    named = ("name", "email")
    people = [f"{person}__{field}" for person in ("customer", "assignee") for field in named]
    tickets = Ticket.objects.select_related("customer", "escalation", "assignee")
    rows = tickets.only("subject", "created_at", "escalation__state", *people).in_bulk([hit.ticket for hit in hits])
    messages = Message.objects.only("body", "visibility").in_bulk(_sources(hits, MESSAGES))
    decisions = _decided(_sources(hits, DECISIONS))
    found = []
    for hit in hits:
        ticket = rows.get(hit.ticket)
        if ticket is None:
            continue
        message = messages.get(hit.source) if hit.mark == KINDS[MESSAGES].mark else None
        decision = decisions.get(hit.source) if hit.mark == KINDS[DECISIONS].mark else None
        text = message.body if message else masking.rationale(decision, reader) if decision else ""
        # Not `get_state_display`, which translates all states to find one.
        facts = [str(ticket.customer), str(State(ticket.escalation.state).label), str(ticket.assignee or "")]
        found.append(
            Found(
                TICKETS,
                ticket.pk,
                excerpt.whole(ticket.subject, lexemes),
                excerpt.cut(text, lexemes),
                ticket=ticket.pk,
                at=ticket.created_at,
                facts=[fact for fact in facts if fact],
                note=bool(message and message.visibility == Message.Visibility.INTERNAL),
            )
        )
    return found


def _sources(hits: list[Hit], kind: str) -> list[int]:
    return [hit.source for hit in hits if hit.mark == KINDS[kind].mark]


def _messages(hits: list[Hit], lexemes: frozenset[str], reader: User) -> list[Found]:
    rows = Message.objects.select_related("ticket__customer", "author").in_bulk([hit.source for hit in hits])
    return [
        Found(
            MESSAGES,
            message.pk,
            excerpt.whole(message.ticket.subject, lexemes),
            excerpt.cut(message.body, lexemes),
            ticket=message.ticket_id,
            at=message.created_at,
            facts=[str(message.author or message.ticket.customer)],
            note=message.visibility == Message.Visibility.INTERNAL,
        )
        for hit in hits
        if (message := rows.get(hit.source))
    ]


def _customers(hits: list[Hit], lexemes: frozenset[str], reader: User) -> list[Found]:
    rows = Customer.objects.in_bulk([hit.source for hit in hits])
    return [
        Found(CUSTOMERS, row.pk, excerpt.whole(str(row), lexemes), excerpt.whole(row.email, lexemes), at=row.created_at)
        for hit in hits
        if (row := rows.get(hit.source))
    ]


def _scripts(hits: list[Hit], lexemes: frozenset[str], reader: User) -> list[Found]:
    rows = Script.objects.in_bulk([hit.source for hit in hits])
    found = []
    for hit in hits:
        if script := rows.get(hit.source):
            text, language = scripts.text_in(script, get_language() or "en")
            other = [body for name, body in script.texts.items() if name != language]
            # The words may be in another language than the reader's.
            pieces = [excerpt.cut(body, lexemes) for body in (text, *other)]
            parts = next((piece for piece in pieces if any(marked for _text, marked in piece)), pieces[0])
            found.append(
                Found(
                    SCRIPTS,
                    script.pk,
                    excerpt.whole(script.title, lexemes),
                    parts,
                    at=script.valid_from,
                    slug=script.slug,
                    facts=[str(script.get_kind_display())],
                )
            )
    return found


def _decisions(hits: list[Hit], lexemes: frozenset[str], reader: User) -> list[Found]:
    rows = _decided([hit.source for hit in hits])
    return [
        Found(
            DECISIONS,
            row.pk,
            excerpt.whole(row.escalation.ticket.subject, lexemes),
            excerpt.cut(masking.rationale(row, reader), lexemes),
            ticket=row.escalation_id,
            at=row.decided_at,
            facts=[str(row.get_problem_display()), str(row.get_remedy_display()), str(row.decided_by)],
        )
        for hit in hits
        if (row := rows.get(hit.source))
    ]


def _decided(keys: list[int]) -> dict[int, Decision]:
    return Decision.objects.select_related("escalation__ticket__customer", "decided_by").in_bulk(keys)


_READERS: dict[str, Callable[[list[Hit], frozenset[str], User], list[Found]]] = {
    TICKETS: _tickets,
    MESSAGES: _messages,
    CUSTOMERS: _customers,
    SCRIPTS: _scripts,
    DECISIONS: _decisions,
}
