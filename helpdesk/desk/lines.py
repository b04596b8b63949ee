"""One line of the queue as HTML.

Written out in Python: as a template, fifty of them took half of the page's time (benchmarks/README.md). Whatever people
wrote is escaped here, at the one place where it enters.
"""

from datetime import datetime, timedelta
from html import escape

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

ICON = '<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>'


class Lines:
    """Draws the lines of one page: what they share, words and today's date, is looked up once."""

    def __init__(self, now: datetime, *, ticked: bool = False):
        self.now = now
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
        return mark_safe(
            f'<tr data-row><td><input type="checkbox" name="ticket" value="{row.number}" aria-label="#{row.number}"'
            f"{self.tick}>"
            f'</td><td>{self._clock(row)}</td><td class="wide">{self.unanswered if row.unanswered else ""}'
            f'<a class="row-link" href="{row.url}">#{row.number} {escape(row.subject)}</a>'
            f' <span class="muted">{escape(row.snippet)}</span></td><td>{escape(row.customer)}</td>'
            f"<td>{escape(row.channel)}</td><td>{escape(row.floor)}{marks}</td><td>{owner}</td>"
            f'<td title="{self.moment(row.active)}">{self._ago(row.active)}</td></tr>\n'
        )

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
            f'<time class="countdown is-{level}" role="timer" datetime="{due.isoformat(timespec="seconds")}"'
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
