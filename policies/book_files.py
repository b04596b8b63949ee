"""The policy book as files for version control: one TOML file for each kind, a table for each rule."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from policies import book, book_toml, drafts, life, proposals
from policies.book import Kind
from policies.models import Policy
from tickets.models import User
from tickets.refusals import Conflict, Invalid


@dataclass(frozen=True)
class Fault:
    """What is wrong in a file, and in which of its lines."""

    file: Path
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


@dataclass(frozen=True)
class Rule:
    """One rule of a file: what it says, and the address of who answers for it ('' where the file names nobody)."""

    says: dict
    owner: str


@dataclass
class Imported:
    """What an import did: rules in force now, drafts for somebody else to publish, and what was there already."""

    in_force: int = 0
    drafted: int = 0
    unchanged: int = 0
    waiting: int = 0


def export(folder: Path, *, now: datetime, planned: bool = False) -> list[Path]:
    """Write what is in force at NOW to FOLDER and return the files; the same policies give the same bytes.

    With PLANNED it is what will be in force once all published changes hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in book.KINDS.values():
        rows = kind.current() if planned else kind.versions_whole().in_force(now)
        rules = sorted((kind.key(_columns(kind, row)), kind.write(row) | _owner_of(row)) for row in rows)
        path = folder / f"{kind.slug}.toml"
        path.write_text("\n".join(book_toml.written(rule) for _key, rule in rules), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def strangers(folder: Path, *, now: datetime) -> Counter:
    """Return the addresses of owners in the files of FOLDER who may not answer for a policy here, with how often."""
    found = Counter(rule.owner for path, kind in _files(folder) for _fault, rule in _read(path, kind, now))
    known = set(life.owners().values_list("email", flat=True))
    return Counter({address: times for address, times in found.items() if address and address.lower() not in known})


def check(folder: Path, *, now: datetime) -> list[Fault]:
    """Return everything in the files of FOLDER that could not be put in force; nothing is changed."""
    faults = []
    with transaction.atomic():
        for path, kind in _files(folder):
            is_new = not kind.model.objects.exists()
            for fault, rule in _read(path, kind, now):
                if fault:
                    faults.append(fault)
                elif is_new:
                    _create(kind, rule, actor=None, now=now)  # what comes later may refer to it
        transaction.set_rollback(True)
    return faults


def load(folder: Path, *, actor: User | None, now: datetime) -> Imported:
    """Bring the files of FOLDER into the book, all of them or, with a fault in any, nothing.

    A kind that has no rules yet begins with those of its file, at once. Where there are rules, what differs from what
    is in force and from what is to come becomes a draft by ACTOR, which somebody else publishes. Of an owner whom this
    house does not know a new rule goes to ACTOR, and another one keeps the owner that it has.
    """
    if faults := check(folder, now=now):
        raise Invalid("\n".join(map(str, faults)), code="invalid")
    done = Imported()
    with transaction.atomic():
        for path, kind in _files(folder):
            is_new = not kind.model.objects.exists()
            for _fault, rule in _read(path, kind, now):
                _bring(kind, rule, done, is_new=is_new, actor=actor, now=now)
    return done


def _bring(kind: Kind, rule: Rule, done: Imported, *, is_new: bool, actor: User | None, now: datetime) -> None:
    if is_new:
        _create(kind, rule, actor=actor, now=now)
        done.in_force += 1
        return
    columns, owner = kind.read(rule.says), _known(rule.owner)
    if any(_is(kind, version, columns, owner) for version in kind.versions(columns).standing(now)):
        done.unchanged += 1
        return
    if actor is None:
        raise Conflict(_("Say in whose name the changes are drafted."), code="no_author")
    life.require_writer(actor)
    try:
        with transaction.atomic():
            if kind.own_drafts:
                drafts.begin(actor=actor, slug=columns["slug"], terms=columns, now=now)
            else:
                proposals.begin(kind, rule.says, actor=actor, owner=owner, now=now)
    except Conflict as refusal:
        if refusal.code != "draft_exists":
            raise
        done.waiting += 1
    else:
        done.drafted += 1


def _is(kind: Kind, version: Policy, columns: dict, owner: User | None) -> bool:
    """Whether VERSION says what COLUMNS say, and is OWNER's where its draft could name another."""
    is_owned_so = owner is None or kind.own_drafts or version.owner_id == owner.pk
    return is_owned_so and kind.read(kind.write(version)) == columns


def _create(kind: Kind, rule: Rule, *, actor: User | None, now: datetime) -> None:
    policy = kind.made(kind.read(rule.says), now)
    policy.valid_from, policy.created_by, policy.owner = now, actor, _known(rule.owner) or actor
    policy.save(force_insert=True)


def _known(address: str) -> User | None:
    return life.owners().filter(email=address.lower()).first() if address else None


def _owner_of(row: Policy) -> dict:
    return {"owner": row.owner.email} if row.owner else {}


def _files(folder: Path) -> list[tuple[Path, Kind]]:
    found = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if not found:
        raise Invalid(_("There are no .toml files in %(folder)s.") % {"folder": folder}, code="empty")
    if unknown := sorted(set(found) - set(book.KINDS)):
        names = ", ".join(f"{slug}.toml" for slug in book.KINDS)
        raise Invalid(
            _("%(file)s is no kind of policy; there are: %(names)s.") % {"file": found[unknown[0]], "names": names},
            code="unknown",
        )
    # In the order of the book: what others refer to comes first.
    return [(found[slug], kind) for slug, kind in book.KINDS.items() if slug in found]


def _read(path: Path, kind: Kind, now: datetime) -> Iterator[tuple[Fault | None, Rule]]:
    """Yield each rule of a file with what is wrong with it, if anything is."""
    text = path.read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        yield Fault(path, int(at[1]) if at else len(text.splitlines()), str(error)), Rule({}, "")
        return
    rules = content.pop("rule", [])
    if content or not isinstance(rules, list):
        yield (
            Fault(path, 1, _("A file holds nothing but tables that begin with %(mark)s.") % {"mark": book_toml.HEADER}),
            Rule({}, ""),
        )
        return
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines, 1) if line.strip().startswith(book_toml.HEADER)] + [len(lines) + 1]
    seen: dict[str, int] = {}
    for place, table in enumerate(rules):
        rule = Rule({name: value for name, value in table.items() if name != "owner"}, table.get("owner", ""))
        begins, ends = starts[min(place, len(starts) - 1)], starts[min(place + 1, len(starts) - 1)]
        try:
            if not isinstance(rule.owner, str):
                raise Invalid(_("Name the owner by e-mail address."), code="invalid", field="owner")
            columns = kind.read(rule.says)
            kind.made(columns, now)
            key = kind.key(columns)
        except Invalid as refusal:
            line = _line_of(refusal.field or "", lines, begins, ends)
            yield Fault(path, line, f"{refusal.field}: {refusal.detail}" if refusal.field else refusal.detail), rule
            continue
        if key in seen:
            yield Fault(path, begins, _("This rule stands in line %(n)s already.") % {"n": seen[key]}), rule
            continue
        seen[key] = begins
        yield None, rule


def _line_of(field: str, lines: list[str], begins: int, ends: int) -> int:
    pattern = re.compile(rf"\s*(?:{re.escape(field)}\s*=|\[rule\.{re.escape(field)}\])")
    return next((n for n in range(begins, min(ends, len(lines) + 1)) if field and pattern.match(lines[n - 1])), begins)


def _columns(kind: Kind, row) -> dict:
    return {name: getattr(row, name) for name in kind.columns}
