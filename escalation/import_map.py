"""How the columns of a foreign file become tickets: a map in TOML, shipped in `import_maps/` or the user's own."""

import codecs
import string
import tomllib
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tickets.refusals import Invalid
from tickets.texts import clean_line

SHIPPED = Path(__file__).parent / "import_maps"
COLUMNS = {"key", "created", "resolved", "subject", "body", "category", "tags", "channel", "status", "facts"}
REQUIRED = {"key", "created", "subject", "status"}
TABLES = {
    "columns": COLUMNS,
    "status": {"live", "resolved"},
    "without_words": {"text", "columns"},
    "customer": {"email", "name"},
    "channels": {"team", "default", "names"},
    "resolution": {"floor", "floors"},
}
PLAIN = {"source", "language", "time_zone", "encoding", "delimiter", "tag_separator", "date_format"}


@dataclass(frozen=True)
class ImportMap:
    """One map, checked. `columns` names the file's column for each part of a ticket.

    `floors` says on which floor a status counts as resolved, where that is not Floor 1 (or `floor`).
    """

    source: str
    columns: dict
    live: frozenset[str]
    resolved: frozenset[str]
    email: str
    name: str
    without_words: str
    described_by: tuple[str, ...]
    team: str
    default_channel: str
    channels: dict
    floor: int
    floors: dict
    language: str
    time_zone: tzinfo
    encoding: str
    delimiter: str
    tag_separator: str
    date_format: str

    @property
    def needed(self) -> list[str]:
        """Columns that the file must have."""
        named = [name for part, name in self.columns.items() if part != "facts"]
        return list(dict.fromkeys([*named, *self.columns.get("facts", ()), *self.described_by]))


def shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(name: str) -> ImportMap:
    """Read the map NAME: one that is shipped, or the path of a TOML file."""
    path = SHIPPED / f"{name}.toml" if name in shipped() else Path(name)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Invalid(f"There is no map {name}. Shipped: {', '.join(shipped())}; or give the path of a file.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"The map {path} cannot be read: {error}") from None
    return _checked(raw, path)


def _checked(raw: dict, path: Path) -> ImportMap:
    def wrong(what: str) -> Invalid:
        return Invalid(f"The map {path.name} is wrong: {what}")

    for key, value in raw.items():
        allowed = TABLES.get(key)
        if allowed is None and key not in PLAIN:
            raise wrong(f"unknown key {key!r}.")
        if allowed is not None and (not isinstance(value, dict) or set(value) - allowed):
            raise wrong(f"[{key}] takes {', '.join(sorted(allowed))}.")
    columns, status, customer = raw.get("columns", {}), raw.get("status", {}), raw.get("customer", {})
    if missing := REQUIRED - set(columns):
        raise wrong(f"[columns] lacks {', '.join(sorted(missing))}.")
    if not status.get("live") and not status.get("resolved"):
        raise wrong("[status] says which values are live and which resolved.")
    email = customer.get("email", "")
    try:
        fields = {field for _text, field, _spec, _conversion in string.Formatter().parse(email) if field is not None}
    except ValueError:
        fields = {""}
    if not email or fields - {"key"}:
        raise wrong('[customer] email is a text such as "complaint-{key}@source.invalid".')
    source = clean_line(str(raw.get("source", "")), field="source", limit=40)
    if not source:
        raise wrong("`source` names where the file comes from.")
    resolution = raw.get("resolution", {})
    if {resolution.get("floor", 1), *resolution.get("floors", {}).values()} - {1, 2, 3}:
        raise wrong("[resolution] takes floors 1, 2 and 3.")
    try:
        zone = ZoneInfo(raw.get("time_zone", "UTC"))
        codecs.lookup(raw.get("encoding", "utf-8"))
    except (ZoneInfoNotFoundError, LookupError, ValueError) as error:
        raise wrong(f"{error}.") from None
    without_words, channels = raw.get("without_words", {}), raw.get("channels", {})
    return ImportMap(
        source=source,
        columns=columns,
        live=frozenset(status.get("live", ())),
        resolved=frozenset(status.get("resolved", ())),
        email=email,
        name=customer.get("name", ""),
        without_words=without_words.get("text", "The source has no text. The ticket is about:"),
        described_by=tuple(without_words.get("columns", [columns["subject"]])),
        team=channels.get("team", "first-line"),
        default_channel=channels.get("default", "import"),
        channels=channels.get("names", {}),
        floor=resolution.get("floor", 1),
        floors=resolution.get("floors", {}),
        language=raw.get("language", ""),
        time_zone=zone,
        encoding=raw.get("encoding", "utf-8"),
        delimiter=raw.get("delimiter", ","),
        tag_separator=raw.get("tag_separator", ","),
        date_format=raw.get("date_format", ""),
    )
