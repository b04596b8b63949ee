"""One line of the queue as HTML.

Written out in Python: as a template, fifty of them took half of the page's time (benchmarks/README.md). Whatever people
wrote is escaped here, at the one place where it enters.
"""

from datetime import UTC, datetime, timedelta
from html import escape

from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.presence import Person

WAYS = {way: f" class=w-{way}" for way in ("web", "email", "phone", "chat", "store", "social", "api")}
"""The channels that have an icon (tickets.css)."""


def _way(text: str) -> str:
    """Let what may be written from right to left begin there, so that it is its end that is cut off."""
    return "" if text.isascii() else ' dir="auto"'


def _quoted(words: str) -> str:
    return f'"{words}"' if " " in words else words


class Lines:
    """Draws the lines of one page: what they share, words and today's date, is looked up once."""

    def __init__(self, now: datetime, *, ticked: bool = False, present: dict[int, list[Person]] | None = None):
        self.now = now
        self.present = present or {}
        self.tick = " checked" if ticked else ""
        self.today = timezone.localdate(now)
        self.zone = timezone.get_current_timezone()
        self.time_format, self.short_format = get_format("TIME_FORMAT"), get_format("SHORT_DATETIME_FORMAT")
        waiting, done, nobody = escape(_("waiting")), escape(_("resolved")), escape(_("nobody"))
        self.waiting = f'<span class="countdown is-held">{waiting}</span>'
        self.done = f'<span class="countdown is-met">{done}</span>'
        self.here = f'<i class=dot title="{escape(_("on duty"))}"></i> '
        new = pgettext("messages", "new")
        self.new = f"{self._badge('ok', new)} "
        self.bought = _("bought: %(amount)s")
        self.nobody = f"<td class=muted>{nobody}"
        self.due, self.late = _("due %(time)s"), _("late since %(time)s")
        self.answer = _("reply by %(time)s")
        self.writes, self.reads = _("%(name)s is writing"), _("%(name)s is here")
        self.just_now = _("now")
        self.ago = (
            pgettext("minutes ago", "%(n)s min"),
            pgettext("hours ago", "%(n)s h"),
            pgettext("days ago", "%(n)s d"),
        )

    def draw(self, row) -> SafeString:
        """Return the table row of ROW, a `rows.Row`."""
        marks = "".join(f" {self._badge(state, word)}" for state, word in row.marks)
        owner = f"<td>{self.here if row.owner_here else ''}{escape(row.owner)}" if row.owner else self.nobody
        # What is said of an unanswered ticket stands once, in the head of the table.
        asks = " aria-describedby=asks" if row.unanswered else ""
        snippet = f" <q>{escape(row.snippet)}</q>" if row.snippet else ""
        # HTML lets the ends of cells and rows, and quotes around words, be left out; in fifty lines they are 4 KB.
        return mark_safe(
            f"<tr data-row><td><input type=checkbox name=ticket value={row.number} aria-label=#{row.number}{self.tick}>"
            f"<td>{self._clock(row)}<th{_way(row.subject)}>{self.new if row.unread else ''}"
            f"{self.draw_present(row.number)}<a href={row.url}{asks}>#{row.number} {escape(row.subject)}</a>{snippet}"
            f"{self._customer(row)}<td{WAYS.get(row.way, '')}>{escape(row.channel)}"
            f"<td>{escape(row.floor)}{self._answer(row)}{marks}{owner}"
            f"<td title={_quoted(self.moment(row.active, short=True))}>{self._ago(row.active)}\n"
        )

    def _badge(self, state: str, word: str) -> str:
        kind = "badge" if state == "plain" else f'"badge is-{state}"'
        return f"<b class={kind}>{escape(word)}</b>"

    def _customer(self, row) -> str:
        """The customer, with what they bought so far in thousands or less where that is known."""
        if row.worth is None:
            return f"<td{_way(row.customer)}>{escape(row.customer)}"
        whole = self.bought % {"amount": f"{number_format(row.worth, 0, force_grouping=True)} {settings.CURRENCY}"}
        short = number_format(row.worth, 0) if row.worth < 1000 else f"{number_format(row.worth / 1000, 1)} k"
        return f'<td title="{escape(whole)}"{_way(row.customer)}><b>{short}</b> {escape(row.customer)}'

    def draw_present(self, number: int) -> SafeString:
        """Return who is at ticket NUMBER, if anybody; queue.js puts what comes later into the ticket's line."""
        there = (
            self._badge("warn", self.writes % {"name": person.name})
            if person.writing
            else self._badge("plain", self.reads % {"name": person.name})
            for person in self.present.get(number, ())
        )
        drawn = " ".join(there)
        return mark_safe(f"<span data-at={number}>{drawn} </span>" if drawn else "")

    def _answer(self, row) -> str:
        """Say by when a first answer was promised once the last third of that time has begun."""
        if row.answer_due is None:
            return ""
        left = row.answer_due - self.now
        if left > (row.answer_due - row.asked) / 3:
            return ""
        state = "late" if left <= timedelta(0) else "warn"
        words = self.answer % {"time": self.moment(row.answer_due, short=True)}
        return f" {self._badge(state, words)}"

    def _clock(self, row) -> str:
        if row.clock == "running":
            return self._countdown(row.due, row.window)
        return self.waiting if row.clock == "paused" else self.done

    def _countdown(self, due: datetime, window: timedelta) -> str:
        """As the tag `countdown` draws it, for a clock that runs."""
        left, whole = (due - self.now).total_seconds(), window.total_seconds()
        level = "late" if left <= 0 else "warn" if left <= whole / 3 else "ok"
        words = (self.late if left <= 0 else self.due) % {"time": self.moment(due, short=True)}
        return (
            f'<time class="countdown is-{level}" role=timer datetime={due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'
            f" data-window={whole:.0f}>{escape(words)}</time>"
        )

    def moment(self, value: datetime, *, short: bool = False) -> str:
        """Return VALUE in the reader's zone and format; SHORT leaves today's date out."""
        local = value.astimezone(self.zone)
        return format_date(local, self.time_format if short and local.date() == self.today else self.short_format)

    def _ago(self, value: datetime) -> str:
        minutes = int((self.now - value).total_seconds() // 60)
        if minutes < 1:
            return self.just_now
        for words, unit, until in zip(self.ago, (1, 60, 24 * 60), (60, 48 * 60, None), strict=True):
            if until is None or minutes < until:
                return words % {"n": minutes // unit}
        raise AssertionError("days have no end")
