"""Bringing in tickets from another system: history with its own dates, and what is in progress as live tickets.

History never climbs and mails nobody. A live ticket starts as one that arrives now. Each row goes in once, however
often the same file is imported, also twice at a time: a ticket carries its source and its key there.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TextIO

from django.db import DatabaseError, connection, models, transaction
from django.utils.text import slugify

from escalation import audit, intake, visits
from escalation.conversation import cite
from escalation.import_map import ImportMap
from escalation.import_rows import Fault, Row, read, records
from escalation.models import Action, AuditEvent, Escalation, FloorVisit
from escalation.models.escalation import GENESIS, State
from tickets.clock import database_now
from tickets.models import Category, Channel, Customer, Message, Tag, Team, Ticket
from tickets.refusals import Invalid, Refusal

BATCH = 200
"""Rows per transaction."""


@dataclass
class Summary:
    """What became of the rows of a file; `changed` differ from what was imported before and were left alone."""

    history: int = 0
    live: int = 0
    without_words: int = 0
    unchanged: int = 0
    changed: int = 0
    faults: int = 0


def import_tickets(
    stream: TextIO,
    mapping: ImportMap,
    *,
    on_fault: Callable[[Fault], None] = lambda fault: None,
    on_batch: Callable[[], None] = lambda: None,
) -> Summary:
    """Import the rows of STREAM; each row that does not is told to ON_FAULT and the rest goes in."""
    importer = _Importer(mapping, on_fault)
    visits.limit_for(1, database_now())
    found = records(stream, delimiter=mapping.delimiter, needed=mapping.needed)
    while batch := list(islice(found, BATCH)):
        importer.take(batch)
        on_batch()
    return importer.summary


class _Importer:
    """One run: the map, the names it has looked up, and the count."""

    def __init__(self, mapping: ImportMap, on_fault: Callable[[Fault], None]):
        self.mapping = mapping
        self.on_fault = on_fault
        self.summary = Summary()
        self.team = Team.objects.filter(slug=mapping.team).first()
        if self.team is None:
            raise Invalid(f"There is no team '{mapping.team}' for new channels; load the starter policies first.")
        self.named: dict[tuple[type, str], models.Model] = {}

    def take(self, batch: list) -> None:
        """Write one batch; if the database refuses it, its rows one by one, so that only the bad ones stay out."""
        rows = list(self._readable(batch))
        self._name(rows)
        try:
            self._write(rows)
        except (DatabaseError, Refusal):
            for row in rows:
                try:
                    self._write([row])
                except (DatabaseError, Refusal) as error:
                    if connection.connection is None or connection.connection.closed:
                        raise
                    self._report(Fault(row.line, str(error).splitlines()[0]))

    def _readable(self, batch: Iterable) -> Iterator[Row]:
        now = database_now()
        for entry in batch:
            if isinstance(entry, Fault):
                self._report(entry)
                continue
            try:
                yield read(entry, self.mapping, now=now)
            except Refusal as refusal:
                where = f"{refusal.field}: " if refusal.field else ""
                self._report(Fault(entry.line, where + refusal.detail))

    def _report(self, fault: Fault) -> None:
        self.summary.faults += 1
        self.on_fault(fault)

    def _name(self, rows: list[Row]) -> None:
        """Make the channels, categories and tags that the rows name and that are not there yet."""
        for row in rows:
            self._channel(row.channel)
            for model, names in ((Category, [row.category]), (Tag, row.tags)):
                for name in names:
                    if name:
                        self._get(model, _slug(name), {"name": name})

    def _get(self, model: type[models.Model], slug: str, defaults: dict) -> models.Model:
        if (model, slug) not in self.named:
            self.named[model, slug] = model.objects.get_or_create(slug=slug, defaults=defaults)[0]
        return self.named[model, slug]

    def _channel(self, name: str) -> Channel:
        slug = self.mapping.channels.get(name) or _slug(name or self.mapping.default_channel)
        return self._get(Channel, slug, {"name": name or slug.capitalize(), "team": self.team})

    @transaction.atomic
    def _write(self, rows: list[Row]) -> None:
        with connection.cursor() as cursor:  # two imports of one source at a time take turns
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import:{self.mapping.source}"])
        rows, unchanged, changed = self._news(rows)
        now = database_now()
        tickets = self._open(rows, now)
        history = [pair for pair in tickets if not pair[1].is_live]
        self._close(history, now)
        for ticket, row, message in tickets:
            if row.is_live:
                intake.start(ticket, message, action=Action.IMPORTED, by=audit.SYSTEM, data=self._origin(row), now=now)
        self.summary.history += len(history)
        self.summary.live += len(tickets) - len(history)
        self.summary.without_words += sum(not row.has_words for row in rows)
        self.summary.unchanged += unchanged
        self.summary.changed += len(changed)
        for fault in changed:
            self.on_fault(fault)

    def _news(self, rows: list[Row]) -> tuple[list[Row], int, list[Fault]]:
        """Sort out the rows whose ticket is here already, by an earlier run or an earlier line."""
        here = AuditEvent.objects.filter(
            seq=1, ticket__source=self.mapping.source, ticket__source_key__in=[row.key for row in rows]
        )
        known = dict(here.values_list("ticket__source_key", "data__row"))
        news, unchanged, changed = [], 0, []
        for row in rows:
            if row.key not in known:
                known[row.key] = row.digest
                news.append(row)
            elif known[row.key] == row.digest:
                unchanged += 1
            else:
                changed.append(Fault(row.line, f"{row.key} differs from what was imported; left as it is here."))
        return news, unchanged, changed

    def _open(self, rows: list[Row], now) -> list[tuple[Ticket, Row, Message]]:
        """Write customers, tickets, tags and messages."""
        Customer.objects.bulk_create(
            (
                Customer(email=row.email, name=row.name, language=self.mapping.language, created_at=row.created_at)
                for row in rows
            ),
            ignore_conflicts=True,
        )
        customers = {c.email: c for c in Customer.objects.filter(email__in={row.email for row in rows})}
        tickets = Ticket.objects.bulk_create(
            Ticket(
                subject=row.subject,
                channel=self._channel(row.channel),
                team=self.team if row.is_live else self._channel(row.channel).team,
                customer=customers[row.email],
                category=self.named.get((Category, _slug(row.category))),
                language=self.mapping.language,
                source=self.mapping.source,
                source_key=row.key,
                created_at=row.created_at,
                updated_at=row.resolved_at or now,
            )
            for row in rows
        )
        messages = Message.objects.bulk_create(
            Message(ticket=ticket, body=row.body, created_at=row.created_at)
            for ticket, row in zip(tickets, rows, strict=True)
        )
        Ticket.tags.through.objects.bulk_create(
            Ticket.tags.through(ticket_id=ticket.pk, tag_id=self.named[Tag, _slug(name)].pk)
            for ticket, row in zip(tickets, rows, strict=True)
            for name in row.tags
        )
        return list(zip(tickets, rows, messages, strict=True))

    def _close(self, history: list[tuple[Ticket, Row, Message]], now) -> None:
        """Write what is over: resolved, one finished stay with the file's dates and no clock of ours, one event."""
        escalations, stays, events = [], [], []
        for ticket, row, message in history:
            fields = {
                "seq": 1,
                "at": now,
                "by": audit.SYSTEM.by.value,
                "person_id": None,
                "customer_id": None,
                "action": Action.IMPORTED.value,
                "floor_from": None,
                "floor_to": row.floor,
                "reason": row.outcome,
                "data": cite(message) | self._origin(row) | {"resolved": row.resolved_at.isoformat()},
                "previous_hash": GENESIS,
            }
            event = AuditEvent(ticket_id=ticket.pk, hash=audit.seal(ticket=ticket.pk, **fields), **fields)
            events.append(event)
            escalations.append(
                Escalation(
                    ticket=ticket,
                    state=State.RESOLVED,
                    version=1,
                    head_hash=event.hash,
                    resolved_at=row.resolved_at,
                    resolved_on_floor=row.floor,
                )
            )
            stays.append(
                FloorVisit(
                    escalation_id=ticket.pk,
                    floor=row.floor,
                    entered_at=row.created_at,
                    left_at=row.resolved_at,
                    limit=timedelta(0),
                    how=FloorVisit.How.ARRIVAL,
                )
            )
        Escalation.objects.bulk_create(escalations)
        FloorVisit.objects.bulk_create(stays)
        AuditEvent.objects.bulk_create(events)

    def _origin(self, row: Row) -> dict:
        """Return what the ticket's first event keeps of where it comes from."""
        origin = {
            "source": self.mapping.source,
            "key": row.key,
            "row": row.digest,
            "created": row.created_at.isoformat(),
        }
        return origin | {"facts": row.facts, "words": "customer" if row.has_words else "made of the other columns"}


def _slug(name: str) -> str:
    """Return a slug for NAME of at most 60 characters, still its own where the name is longer."""
    slug = slugify(name)
    if slug and len(slug) <= 60:
        return slug
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{slug[:51]}-{mark}" if slug else mark
