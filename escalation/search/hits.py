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
    numbers = [hit.ticket for hit in hits]
    # Columns, not rows of four models each, which would cost as much as the search itself.
    people = [f"{person}__{field}" for person in ("customer", "assignee") for field in ("name", "email")]
    columns = Ticket.objects.values_list("pk", "subject", "created_at", "escalation__state", *people)
    tickets = {number: row for number, *row in columns.filter(pk__in=numbers)}
    said = Message.objects.filter(pk__in=_sources(hits, MESSAGES))
    if not hits[0].mark:  # no words were asked for: what was said last
        said = Message.objects.filter(ticket__in=numbers).order_by("ticket_id", "-pk").distinct("ticket_id")
    messages = {number: text for number, *text in said.values_list("ticket_id", "body", "visibility")}
    decisions = _decided(_sources(hits, DECISIONS))
    found = []
    for hit in hits:
        if hit.ticket not in tickets:
            continue
        subject, at, state, customer, address, assignee, assignee_address = tickets[hit.ticket]
        text, visibility = messages.get(hit.ticket, ("", ""))
        if hit.mark == KINDS[DECISIONS].mark and hit.source in decisions:
            text = masking.rationale(decisions[hit.source], reader)
        # Not `get_state_display`, which translates all states to find one.
        facts = [customer or address, str(State(state).label), assignee or assignee_address]
        found.append(
            Found(
                TICKETS,
                hit.ticket,
                excerpt.whole(subject, lexemes),
                excerpt.cut(text, lexemes),
                ticket=hit.ticket,
                at=at,
                facts=[fact for fact in facts if fact],
                note=visibility == Message.Visibility.INTERNAL,
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
