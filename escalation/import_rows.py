"""Reading a foreign CSV file one record at a time, whatever is in it, and reading a ticket out of a record."""

import csv
import hashlib
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import TextIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from escalation.import_map import ImportMap
from tickets.refusals import Invalid
from tickets.texts import clean_line, clean_text

LONGEST_LINE = 1_000_000
"""Characters of one physical line; what is longer is skipped and reported, so that memory stays bounded."""


@dataclass(frozen=True)
class Fault:
    """A record that does not go in, by the number of its first line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Record:
    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Row:
    """A ticket as the file tells it. `digest` is the SHA-256 of its record."""

    line: int
    key: str
    digest: str
    subject: str
    body: str
    has_words: bool
    created_at: datetime
    resolved_at: datetime | None
    floor: int
    outcome: str
    channel: str
    category: str
    tags: tuple[str, ...]
    email: str
    name: str
    facts: dict[str, str]

    @property
    def is_live(self) -> bool:
        return self.resolved_at is None


class _LineTooLong(Exception):
    pass


class _Lines:
    """The physical lines of a file; those of a record that turns out wrong can be read again."""

    def __init__(self, stream: TextIO):
        self.stream = stream
        self.number = 0
        self.taken: list[str] = []
        self.again: deque[str] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self.stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = self.stream.readline(LONGEST_LINE)
            raise _LineTooLong
        self.taken.append(line)
        return line

    def put_back_all_but_first(self) -> None:
        self.again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken[1:])


def records(stream: TextIO, *, delimiter: str, needed: list[str]) -> Iterator[Record | Fault]:
    """Yield the records of a CSV file (RFC 4180) with a header, and a fault for each that is none.

    A quote that never closes would swallow what follows: such a record costs its first line only.
    """
    lines = _Lines(stream)
    header = _header(lines, delimiter, needed)
    while True:
        lines.taken = []
        first = lines.number + 1
        try:
            cells = next(csv.reader(lines, delimiter=delimiter))
        except StopIteration:
            return
        except _LineTooLong:
            yield Fault(first, f"A line is longer than {LONGEST_LINE} characters.")
            continue
        except csv.Error as error:
            lines.put_back_all_but_first()
            yield Fault(first, f"It is not CSV: {error}.")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            hint = " A quotation mark is probably missing." if lines.taken[0].count('"') % 2 else ""
            lines.put_back_all_but_first()
            yield Fault(first, f"It has {len(cells)} cells, the header has {len(header)}.{hint}")
            continue
        yield Record(first, dict(zip(header, cells, strict=True)))


def _header(lines: _Lines, delimiter: str, needed: list[str]) -> list[str]:
    try:
        header = [name.strip().removeprefix("\ufeff") for name in next(csv.reader(lines, delimiter=delimiter))]
    except StopIteration:
        raise Invalid("The file is empty.") from None
    except (csv.Error, _LineTooLong) as error:
        raise Invalid(f"The first line is no header: {error}.") from None
    if missing := [name for name in needed if name not in header]:
        raise Invalid(f"The file lacks the columns: {', '.join(missing)}. It has: {', '.join(header)[:500]}.")
    if len(set(header)) < len(header):
        raise Invalid("Two columns of the file have the same name.")
    return header


def read(record: Record, mapping: ImportMap, *, now: datetime) -> Row:
    """Return the ticket that RECORD tells of, or refuse it with the reason."""

    def cell(part: str) -> str:
        column = mapping.columns.get(part)
        return record.cells[column].strip() if column else ""

    key = clean_line(cell("key"), field=mapping.columns["key"], limit=80, required=True)
    status = cell("status")
    if status not in mapping.live | mapping.resolved:
        raise Invalid(f"The map does not say whether status '{status[:60]}' is live or resolved.")
    created_at = _instant(cell("created"), mapping)
    if created_at > now:
        raise Invalid(f"It was created in the future: {cell('created')}.")
    resolved_at = None
    if status not in mapping.live:
        resolved_at = _instant(cell("resolved"), mapping) if cell("resolved") else created_at
        if not created_at <= resolved_at <= now:
            raise Invalid(f"It was resolved on {cell('resolved')}, which is before it was created or in the future.")
    words = clean_text(cell("body"), field=mapping.columns.get("body", "body"))
    return Row(
        line=record.line,
        key=key,
        digest=hashlib.sha256(json.dumps(record.cells, sort_keys=True, ensure_ascii=True).encode()).hexdigest(),
        subject=clean_line(cell("subject"), field=mapping.columns["subject"], limit=250, required=True),
        body=words or _description(record, mapping),
        has_words=bool(words),
        created_at=created_at,
        resolved_at=resolved_at,
        floor=mapping.floors.get(status, mapping.floor),
        outcome=clean_line(status, field="status", limit=250),
        channel=clean_line(cell("channel"), field="channel", limit=120),
        category=clean_line(cell("category"), field="category", limit=120),
        tags=_tags(cell("tags"), mapping),
        email=_address(key, mapping),
        name=mapping.name,
        facts={name: text for name in mapping.columns.get("facts", ()) if (text := _fact(record.cells[name]))},
    )


def _instant(text: str, mapping: ImportMap) -> datetime:
    """Read a date or time; a bare date counts as noon, so that it reads as the same day in nearly every zone."""
    try:
        if mapping.date_format:
            value = datetime.strptime(text, mapping.date_format)
            bare = not any(sign in mapping.date_format for sign in ("%H", "%I", "%s", "%X", "%c"))
        else:
            value = datetime.fromisoformat(text)
            bare = len(text) <= 10
        if bare:
            value = datetime.combine(value.date(), time(12))
        return value if value.tzinfo else value.replace(tzinfo=mapping.time_zone)
    except ValueError:
        raise Invalid(f"'{text[:40]}' is not a date.") from None


def _address(key: str, mapping: ImportMap) -> str:
    """Return the made-up address of a record's customer; a key that fits in no address is replaced by its hash."""
    address = mapping.email.format(key=key).lower()
    try:
        validate_email(address)
    except ValidationError:
        address = mapping.email.format(key=hashlib.sha256(key.encode()).hexdigest()[:20]).lower()
    return address


def _description(record: Record, mapping: ImportMap) -> str:
    """Return a text made of the record's other columns, which says that it is not the customer's."""
    told = [f"{name}: {text}" for name in mapping.described_by if (text := _fact(record.cells[name]))]
    return "\n".join([mapping.without_words, "", *told])


def _fact(text: str) -> str:
    return clean_line(text, field="facts", limit=LONGEST_LINE)[:1000]


def _tags(text: str, mapping: ImportMap) -> tuple[str, ...]:
    named = (clean_line(part, field="tags", limit=120) for part in text.split(mapping.tag_separator))
    return tuple(dict.fromkeys(name for name in named if name))[:30]
