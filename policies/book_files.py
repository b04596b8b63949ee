"""The policy book as files for version control: one TOML file for each kind, a table for each rule."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from policies import book, drafts, life, proposals
from policies.book import Kind
from tickets.models import User
from tickets.refusals import Conflict, Invalid

_HEADER = "[[rule]]"
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a file, and in which of its lines."""

    file: Path
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


@dataclass
class Imported:
    """What an import did: rules in force now, drafts for somebody else to publish, and what was there already."""

    in_force: int = 0
    drafted: int = 0
    unchanged: int = 0
    waiting: int = 0


def export(folder: Path) -> list[Path]:
    """Write what is in force (or coming) to FOLDER and return the files. The same policies give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in book.KINDS.values():
        rules = sorted((kind.key(_columns(kind, row)), kind.write(row)) for row in kind.current())
        path = folder / f"{kind.slug}.toml"
        path.write_text("\n".join(_rule(rule) for _key, rule in rules), encoding="utf-8", newline="\n")
        written.append(path)
    return written


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

    A kind that has no rules yet begins with those of its file, at once. Where there are rules, what differs becomes a
    draft by ACTOR, which somebody else publishes.
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


def _bring(kind: Kind, rule: dict, done: Imported, *, is_new: bool, actor: User | None, now: datetime) -> None:
    if is_new:
        _create(kind, rule, actor=actor, now=now)
        done.in_force += 1
        return
    columns = kind.read(rule)
    current = kind.versions(columns).filter(valid_until__isnull=True).first()
    if current and kind.read(kind.write(current)) == columns:
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
                proposals.begin(kind, rule, actor=actor, now=now)
    except Conflict as refusal:
        if refusal.code != "draft_exists":
            raise
        done.waiting += 1
    else:
        done.drafted += 1


def _create(kind: Kind, rule: dict, *, actor: User | None, now: datetime) -> None:
    policy = kind.made(kind.read(rule), now)
    policy.valid_from, policy.created_by, policy.owner = now, actor, actor
    policy.save(force_insert=True)


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


def _read(path: Path, kind: Kind, now: datetime) -> Iterator[tuple[Fault | None, dict]]:
    """Yield each rule of a file with what is wrong with it, if anything is."""
    text = path.read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        yield Fault(path, int(at[1]) if at else len(text.splitlines()), str(error)), {}
        return
    rules = content.pop("rule", [])
    if content or not isinstance(rules, list):
        yield Fault(path, 1, _("A file holds nothing but tables that begin with %(mark)s.") % {"mark": _HEADER}), {}
        return
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines, 1) if line.strip().startswith(_HEADER)] + [len(lines) + 1]
    seen: dict[str, int] = {}
    for place, rule in enumerate(rules):
        begins, ends = starts[min(place, len(starts) - 1)], starts[min(place + 1, len(starts) - 1)]
        try:
            columns = kind.read(rule)
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


def _rule(rule: dict) -> str:
    plain = {name: value for name, value in rule.items() if not isinstance(value, dict)}
    lines = [_HEADER, *(f"{_key(name)} = {_value(value)}" for name, value in plain.items())]
    for name, table in rule.items():
        if isinstance(table, dict):
            lines += [f"[rule.{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _string(name)


def _value(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(inner) for inner in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())} }}"
    text = str(value)
    if "\n" in text and not text.endswith('"') and not any(ord(c) < 32 and c not in "\n\t" for c in text):
        body = text.replace("\\", "\\\\").replace('"""', '""\\"').replace("\x7f", "\\u007F")
        return f'"""\n{body}"""'
    return _string(text)


def _string(text: str) -> str:
    # What JSON writes is a basic string of TOML too, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
