"""What people have to say about a figure of a week (P8.1)."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from metrics import catalogue, targets
from metrics.models import Note
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import NotAllowed
from tickets.texts import clean_text


def add(week: date, key: str, *, author: User, text: str, now: datetime | None = None) -> Note:
    """Add a note to figure KEY of WEEK. After publication it stands beside the edition, which stays as it is."""
    if not targets.may_edit(author):
        raise NotAllowed(_("Notes are written by managers and administrators."), code="role")
    catalogue.get(key)
    words = clean_text(text, field="text", limit=2000, required=True)
    return Note.objects.create(week=week, key=key, author=author, text=words, written_at=now or database_now())


def in_week(week: date) -> dict[str, list[Note]]:
    """Return the notes of WEEK by figure, oldest first."""
    found: dict[str, list[Note]] = {}
    for note in Note.objects.filter(week=week).select_related("author"):
        found.setdefault(note.key, []).append(note)
    return found
