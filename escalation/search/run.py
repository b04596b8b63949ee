"""One search by one person: the verb that page, palette, API and lists call."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import connection
from django.db.models import QuerySet

from escalation import access
from escalation.search import asked, hits, operators, words
from escalation.search.find import Count, Finding
from escalation.search.kinds import TICKETS
from tickets.models import Ticket, User
from tickets.refusals import Invalid

PAGE = 25


@dataclass(frozen=True)
class Search:
    """A search taken apart and ready to be answered."""

    asked: asked.Asked
    words: words.Words
    finding: Finding
    reader: User

    def page(self, kind: str, number: int = 1, *, size: int = PAGE) -> list[hits.Found]:
        """Return page NUMBER of what was found of one kind; past the end it is empty."""
        found = self._hits(kind)[(number - 1) * size : number * size]
        return hits.read(kind, found, self.words.lexemes, self.reader)

    def has_page(self, kind: str, number: int, *, size: int = PAGE) -> bool:
        return len(self._hits(kind)) > (number - 1) * size

    @cached_property
    def counts(self) -> dict[str, Count]:
        """How much of each kind was found."""
        return self.finding.counts()

    def _hits(self, kind: str) -> list:
        return self.finding.hits(kind)


def begin(user: User, text: str, *, now: datetime) -> Search:
    """Read TEXT for USER, or refuse what is not understood. NOW is when it was begun: later pages say the same."""
    return _search(access.visible_to(user), text, user=user, now=now)


def numbers(tickets: QuerySet[Ticket], text: str, *, user: User, now: datetime, narrowed: bool = False) -> list[int]:
    """Return those of TICKETS, which USER may see, that TEXT finds, the best first; five hundred at most.

    NARROWED says that something besides the sight of USER narrows TICKETS already.
    """
    search = _search(tickets, text, user=user, now=now, narrowed=narrowed)
    return [hit.ticket for hit in search.finding.hits(TICKETS)]


def problem(user: User, text: str, *, now: datetime) -> str:
    """Return what is not understood in TEXT, in a sentence; '' when all is."""
    try:
        operators.narrow(Ticket.objects.none(), asked.read(text).operators, user=user, now=now)
    except Invalid as refusal:
        return str(refusal.detail)
    return ""


def _search(tickets: QuerySet[Ticket], text: str, *, user: User, now: datetime, narrowed: bool = False) -> Search:
    parts = asked.read(text)
    dates = tuple(o for o in parts.operators if o.name in operators.DATES and not o.leave_out)
    after, before = operators.span(dates)
    compiled = words.compile(parts.terms)
    if compiled.silent and not parts.operators:
        tickets = tickets.none()
    finding = Finding(
        compiled,
        operators.narrow(tickets, parts.operators, user=user, now=now),
        now,
        narrowed=narrowed or len(parts.operators) > len(dates),
        after=after,
        before=before,
    )
    return Search(parts, compiled, finding, user)


def meant(user: User, text: str, *, now: datetime) -> str:
    """Return TEXT with unknown words replaced by like ones, if that finds something this person may see; else ''."""
    parts = asked.read(text)
    typed = [term for term in parts.terms if not term.phrase and not term.leave_out and term.text.isalpha()]
    better = parts.text
    with connection.cursor() as cursor:
        for term in typed:
            cursor.execute(_ALIKE, {"word": term.text})
            if (row := cursor.fetchone()) and row[0] != term.text.lower():
                better = better.replace(term.text, row[0], 1)
    if better == parts.text:
        return ""
    return better if begin(user, better, now=now).finding.hits(TICKETS) else ""


_ALIKE = """
SELECT word FROM tickets_word, unnest(tsvector_to_array(to_tsvector('helpdesk_plain', %(word)s))) typed
WHERE word %% typed ORDER BY word = typed DESC, similarity(word, typed) DESC, seen DESC LIMIT 1
"""
