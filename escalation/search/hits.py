"""What was found, as people read it: titles, excerpts with the words marked, and where each leads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language

from escalation.models import Decision
from escalation.search import excerpt
from escalation.search.find import Hit
from escalation.search.kinds import CUSTOMERS, DECISIONS, MESSAGES, SCRIPTS, TICKETS
from policies import scripts
from policies.models import Script
from tickets.models import Customer, Message, Passage, Ticket


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


def read(kind: str, hits: list[Hit], lexemes: frozenset[str]) -> list[Found]:
    """Return the lines for HITS of one kind, in their order; what is gone meanwhile is left out."""
    if not hits:
        return []
    passages = Passage.objects.filter(pk__in=[hit.passage for hit in hits]).values_list("pk", "kind", "source")
    sources = {pk: (mark, source) for pk, mark, source in passages}
    here = [(hit, *sources[hit.passage]) for hit in hits if hit.passage in sources]
    return _READERS[kind](here, lexemes)


Here = list[tuple[Hit, str, int]]


def _tickets(here: Here, lexemes: frozenset[str]) -> list[Found]:
    rows = Ticket.objects.select_related("customer", "escalation", "assignee").in_bulk([hit.ticket for hit, *_ in here])
    messages = Message.objects.only("body", "visibility").in_bulk(
        [source for _, mark, source in here if mark == "message"]
    )
    decisions = Decision.objects.only("rationale").in_bulk([source for _, mark, source in here if mark == "decision"])
    found = []
    for hit, mark, source in here:
        ticket = rows.get(hit.ticket)
        if ticket is None:
            continue
        message = messages.get(source) if mark == "message" else None
        decision = decisions.get(source) if mark == "decision" else None
        text = message.body if message else decision.rationale if decision else ""
        facts = [str(ticket.customer), ticket.escalation.get_state_display(), str(ticket.assignee or "")]
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


def _messages(here: Here, lexemes: frozenset[str]) -> list[Found]:
    rows = Message.objects.select_related("ticket__customer", "author").in_bulk([source for *_, source in here])
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
        for *_, source in here
        if (message := rows.get(source))
    ]


def _customers(here: Here, lexemes: frozenset[str]) -> list[Found]:
    rows = Customer.objects.in_bulk([source for *_, source in here])
    return [
        Found(CUSTOMERS, row.pk, excerpt.whole(str(row), lexemes), excerpt.whole(row.email, lexemes), at=row.created_at)
        for *_, source in here
        if (row := rows.get(source))
    ]


def _scripts(here: Here, lexemes: frozenset[str]) -> list[Found]:
    rows = Script.objects.in_bulk([source for *_, source in here])
    found = []
    for *_, source in here:
        if script := rows.get(source):
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


def _decisions(here: Here, lexemes: frozenset[str]) -> list[Found]:
    rows = Decision.objects.select_related("escalation__ticket", "decided_by", "approval").in_bulk(
        [source for *_, source in here]
    )
    return [
        Found(
            DECISIONS,
            row.pk,
            excerpt.whole(row.escalation.ticket.subject, lexemes),
            excerpt.cut(row.rationale, lexemes),
            ticket=row.escalation_id,
            at=row.decided_at,
            facts=[str(row.get_problem_display()), str(row.get_remedy_display()), str(row.decided_by)],
        )
        for *_, source in here
        if (row := rows.get(source))
    ]


_READERS: dict[str, Callable[[Here, frozenset[str]], list[Found]]] = {
    TICKETS: _tickets,
    MESSAGES: _messages,
    CUSTOMERS: _customers,
    SCRIPTS: _scripts,
    DECISIONS: _decisions,
}
