"""One line of the queue as HTML.

Written out in Python: as a template, fifty of them took half of the page's time (benchmarks/README.md). Whatever people
wrote is escaped here, at the one place where it enters.
"""

from datetime import UTC, datetime, timedelta
from html import escape

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helpdesk.presence import Person

ICON = '<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>'


def _way(text: str) -> str:
    """Let what may be written from right to left begin there, so that it is its end that is cut off."""
    return "" if text.isascii() else ' dir="auto"'


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
        asks, present = escape(_("waits for an answer")), escape(_("on duty"))
        self.waiting = f'<span class="badge is-held">{ICON.format("held")}{waiting}</span>'
        self.done = f'<span class="badge is-ok">{ICON.format("met")}{done}</span>'
        self.unanswered = f'<span class="dot" title="{asks}"></span> '
        self.here = f'<span class="dot" title="{present}"></span> '
        self.nobody = f'<span class="muted">{nobody}</span>'
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
        marks = "".join(f' <span class="badge is-{state}">{escape(word)}</span>' for state, word in row.marks)
        owner = (self.here if row.owner_here else "") + escape(row.owner) if row.owner else self.nobody
        # HTML lets the ends of cells and rows be left out; in fifty lines they are 2 KB.
        return mark_safe(
            f'<tr data-row><td><input type="checkbox" name="ticket" value="{row.number}" aria-label="#{row.number}"'
            f"{self.tick}>"
            f'<td>{self._clock(row)}<td class="wide"{_way(row.subject)}>{self.unanswered if row.unanswered else ""}'
            f'<span id="h{row.number}">{self._people(row.number)}</span>'
            f'<a class="row-link" href="{row.url}">#{row.number} {escape(row.subject)}</a>'
            f' <span class="muted">{escape(row.snippet)}</span><td{_way(row.customer)}>{escape(row.customer)}'
            f"<td>{escape(row.channel)}<td>{escape(row.floor)}{self._answer(row)}{marks}<td>{owner}"
            f'<td title="{self.moment(row.active)}">{self._ago(row.active)}\n'
        )

    def draw_present(self, number: int) -> SafeString:
        """Return who is at ticket NUMBER, to be put in the place of what its line said of that."""
        return mark_safe(f'<span id="h{number}" hx-swap-oob="true">{self._people(number)}</span>')

    def _people(self, number: int) -> str:
        return "".join(
            f'<span class="badge{" is-warn" if person.writing else ""}">'
            f"{escape((self.writes if person.writing else self.reads) % {'name': person.name})}</span> "
            for person in self.present.get(number, ())
        )

    def _answer(self, row) -> str:
        """Say by when a first answer was promised once the last third of that time has begun."""
        if row.answer_due is None:
            return ""
        left = row.answer_due - self.now
        if left > (row.answer_due - row.asked) / 3:
            return ""
        state = "late" if left <= timedelta(0) else "warn"
        words = self.answer % {"time": self.moment(row.answer_due, short=True)}
        return f' <span class="badge is-{state}">{escape(words)}</span>'

    def _clock(self, row) -> str:
        if row.clock == "running":
            return self._countdown(row.due, row.window)
        return self.waiting if row.clock == "paused" else self.done

    def _countdown(self, due: datetime, window: timedelta) -> str:
        """As the tag `countdown` draws it, for a clock that runs."""
        left, whole = (due - self.now).total_seconds(), window.total_seconds()
        level, icon = ("late", "late") if left <= 0 else ("warn", "warn") if left <= whole / 3 else ("ok", "clock")
        words = (self.late if left <= 0 else self.due) % {"time": self.moment(due, short=True)}
        return (
            f'<time class="countdown is-{level}" role="timer" datetime="{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'
            f' data-due="{due.timestamp():.0f}" data-window="{whole:.0f}" data-state="running">{ICON.format(icon)}'
            f'<span class="countdown-words">{escape(words)}</span></time>'
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
