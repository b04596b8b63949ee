"""Log records: one line each, in UTC, with the number of the request they belong to."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""Number of the request being answered in this thread, or '-' outside requests."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName"}


def one_line(text: str) -> str:
    """Return TEXT with control characters escaped, so that what a stranger sends can never forge a second log line."""
    return "".join(
        c if c.isprintable() or c == " " else c.encode("unicode_escape", "backslashreplace").decode() for c in text
    )


class RequestIdFilter(logging.Filter):
    """Put the number of the current request on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs what a request came to after the middleware is done with it, but passes the request along.
        record.request_id = getattr(getattr(record, "request", None), "id", None) or request_id.get()
        return True


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonFormatter(logging.Formatter):
    """One JSON object per record, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        for key, value in vars(record).items():
            if key not in _STANDARD and isinstance(value, str | int | float | bool | None):
                entry[key] = value
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=True)


class PlainFormatter(logging.Formatter):
    """One readable line per record; a traceback follows on lines of its own, indented."""

    def format(self, record: logging.LogRecord) -> str:
        line = (
            f"{_moment(record)} {record.levelname} {record.name} "
            f"[{getattr(record, 'request_id', '-')}] {one_line(record.getMessage())}"
        )
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            line += "".join(f"\n    {one_line(part)}" for part in trace.split("\n"))
        return line
