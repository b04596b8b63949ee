"""Tags that pages of staff and customers share: countdown, times, money, Markdown, icons of states."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.conf import settings
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.timesince import timeuntil as time_until
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from escalation import reasons
from helpdesk import icons
from helpdesk.template_loader import CONSTANT
from helpdesk.texts import markdown as to_html
from policies import rights
from policies.models import Right
from tickets.models import Ticket

register = template.Library()


@register.simple_tag
def own_languages() -> list[tuple[str, str]]:
    """Return our languages, each by the name that its own readers know it by."""
    return settings.LANGUAGES


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one symbol of our own set, hidden from screen readers."""
    return format_html('<svg class="icon" aria-hidden="true">{}</svg>', icons.use(name))


setattr(icon, CONSTANT, True)


@register.simple_tag(takes_context=True)
def countdown(
    context,
    due: datetime | None,
    window: timedelta | int | None = None,
    state: str = "running",
    words: str = "",
    say: str = "",
) -> SafeString:
    """Draw the time left until DUE out of WINDOW (seconds or a timedelta) as `<time role="timer">`.

    STATE is running, paused, held, met or missed. WORDS replace the text (what a paused clock waits for); SAY names the
    thing to screen readers when a threshold passes. Without scripts the text is the time of day when it is due. Scripts
    count on where there is a WINDOW; the symbol before the words is the style sheet's, one shape for each level.
    """
    if due is None and state == "running":
        return format_html('<span class="countdown is-none">{}</span>', words or _("no deadline"))
    seconds = window.total_seconds() if isinstance(window, timedelta) else float(window or 0)
    now = context.get("now") if isinstance(context.get("now"), datetime) else timezone.now()
    level = _level(due, seconds, now) if state == "running" else {"paused": "held", "missed": "late"}.get(state, state)
    return format_html(
        '<time class="countdown is-{level}" role="timer"{at}{window}{say}>{words}</time>',
        level=level,
        at=format_html(' datetime="{}"', due.isoformat(timespec="seconds")) if due else "",
        window=format_html(' data-window="{}"', f"{seconds:.0f}") if state == "running" else "",
        say=format_html(' data-say="{}"', say) if say else "",
        words=words or _countdown_words(due, state, level, now),
    )


def _level(due: datetime, window: float, now: datetime) -> str:
    left = (due - now).total_seconds()
    if left <= 0:
        return "late"
    return "warn" if window and left <= window / 3 else "ok"


def _countdown_words(due: datetime | None, state: str, level: str, now: datetime) -> str:
    if state in {"paused", "held"}:
        return _("paused")
    if state == "met":
        return _("in time")
    if state == "missed":
        return _("too late")
    moment = clock_time(due, now)
    return _("late since %(time)s") % {"time": moment} if level == "late" else _("due %(time)s") % {"time": moment}


def clock_time(moment: datetime, now: datetime) -> str:
    """Return the time of day, with the date when that is not today, in the reader's zone."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    return date_format(local, "TIME_FORMAT" if local.date() == today else "SHORT_DATETIME_FORMAT")


@register.filter
def duration(value: timedelta | int | float | None) -> str:
    """Return a length of time as 4:12 (minutes), 1:04:12 (hours) or '3 d 4 h'; '–' when there is none."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(minutes, 60)
    sign = "-" if seconds < 0 else ""
    if hours >= 24:
        long = pgettext("length of time", "%(days)s d %(hours)s h")
        return sign + long % {"days": hours // 24, "hours": hours % 24}
    return f"{sign}{hours}:{minute:02}:{second:02}" if hours else f"{sign}{minute}:{second:02}"


@register.filter
def plain_duration(value: timedelta | None) -> str:
    """Return a length of time in words, as '15 minutes', '9 minutes 14 seconds', '24 hours' or '3 days'."""
    if value is None:
        return ""
    seconds = int(value.total_seconds())
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds % 86400 == 0 and seconds > 86400:
        return ngettext("%(n)d day", "%(n)d days", seconds // 86400) % {"n": seconds // 86400}
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    words = [ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []
    if minutes:
        words.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    if second := seconds % 60:
        words.append(ngettext("%(n)d second", "%(n)d seconds", second) % {"n": second})
    return " ".join(words)


@register.filter
def language_name(code: str) -> str:
    """Return what the house calls the language of a CODE (BCP 47), or the code where it has no name for it."""
    names = {known.partition("-")[0]: name for known, name in settings.LANGUAGES}
    return names.get(code.partition("-")[0].lower(), code)


@register.simple_tag
def moment(value: datetime | None, now: datetime | None = None) -> SafeString:
    """Draw a time both ways: relative for the eye, absolute with zone for whoever needs it."""
    if value is None:
        return mark_safe("–")
    current = now or timezone.now()
    local = timezone.localtime(value)
    absolute = f"{date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
    if value > current:
        relative = _("in %(time)s") % {"time": time_until(value, current, depth=1)}
    elif (current - value).total_seconds() < 60:
        relative = _("just now")
    else:
        relative = _("%(time)s ago") % {"time": timesince(value, current, depth=1)}
    return format_html(
        '<time datetime="{}" title="{}">{}<span class="sr">, {}</span></time>',
        value.isoformat(), absolute, relative, absolute,
    )  # fmt: skip


@register.simple_tag
def money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount in the reader's number format with its currency code; '–' when there is none."""
    if amount is None:
        return "–"
    return f"{number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)}\u00a0{currency}".rstrip()


@register.filter
def reason(text: str) -> str:
    """Show a reason that is on record in the reader's language where the program wrote it itself."""
    return reasons.shown(text or "")


@register.filter
def markdown(text: str, top: int = 3) -> SafeString:
    """Show a text of our own as Markdown, headings from level TOP; what is too long for that is shown as written."""
    html = to_html(text or "", top)
    return mark_safe(html) if html is not None else linebreaksbr(text, autoescape=True)


@register.filter
def filesize(size: int) -> str:
    """Return a size in bytes as '12 KB' or '3.4 MB' (1 KB = 1000 bytes)."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{number_format(size / 1000, 0)} KB"
    return f"{number_format(size / 1_000_000, 1)} MB"


@register.filter
def rights_touched(ticket: Ticket) -> list[Right.About]:
    """Return the rights of the customer that a ticket touches (P3.4), by its category and wish; no query."""
    return rights.applying([ticket.category.slug if ticket.category else "", ticket.wish])
