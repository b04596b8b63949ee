"""Keeping what a person has written and not sent, on the server: another machine and another day find it again."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from escalation import access
from escalation.models import Escalation
from tickets import files as attachments
from tickets.clock import database_now
from tickets.models import Draft, User
from tickets.refusals import Conflict
from tickets.texts import clean_text

LISTED = 200
"""Rows that the list of a person's drafts shows."""

PROPER = Q(goes_at__isnull=True, problem="")
"""A draft that is neither on its way out nor returned."""


def of(user: User, number: int) -> list[Draft]:
    """Return what USER has written on ticket NUMBER: the draft, what is on its way out, and what came back."""
    return list(Draft.objects.filter(ticket=number, author=user).prefetch_related("files").order_by("pk"))


def all_of(user: User) -> list[Draft]:
    """Return what USER has written and not sent on any ticket, the newest first; `seen_still` says if they see it."""
    rows = Draft.objects.filter(author=user).select_related("ticket__escalation").prefetch_related("files")
    rows = rows.annotate(seen_still=Exists(access.visible_to(user).filter(pk=OuterRef("ticket"))))
    return list(rows.order_by("-updated_at", "-pk")[:LISTED])


def keep(
    number: int,
    *,
    actor: User,
    body: str,
    kind: str = Draft.Kind.REPLY,
    script: str = "",
    files: Sequence[UploadedFile] = (),
    revision: int | None = None,
    now: datetime | None = None,
) -> Draft | None:
    """Keep what ACTOR has written so far, FILES beside those that are there; without words and files none is kept.

    REVISION is the one that the writer began with (0 for none): if the draft was saved or sent elsewhere since, this
    is refused, so that an old window never takes newer words away.
    """
    text = clean_text(body, field="body")
    access.require_note_taker(actor, Escalation.objects.get(pk=number))
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(PROPER, ticket=number, author=actor).first()
        same = draft is not None and (draft.body, draft.kind) == (text, kind)
        if revision is not None and revision != (draft.revision if draft else 0) and not same:
            raise Conflict(
                _("A newer draft of yours was saved, or sent, from another window. Reload to see it."),
                code="newer_draft",
            )
        attachments.check(files, beside=draft.files.count() if draft else 0)
        if not text and not files and not (draft and draft.files.exists()):
            discard(draft)
            return None
        if draft is None:
            draft = Draft(ticket_id=number, author=actor)
        draft.kind, draft.body, draft.script = Draft.Kind(kind), text, script
        draft.revision, draft.updated_at = draft.revision + 1, now or database_now()
        draft.save()
        attachments.lay_by(draft, files)
        return draft


def drop_file(number: int, pk: int, *, actor: User) -> None:
    """Take one file away from ACTOR's draft; a file that is not there is gone already."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(PROPER, ticket=number, author=actor).first()
        if draft:
            attachments.throw_away(draft.files.filter(pk=pk))


def sent(draft: Draft) -> None:
    """Forget DRAFT, whose words have become a message that adopted its files: their bytes stay."""
    draft.files.all().delete()
    draft.delete()


def discard_one(pk: int, *, actor: User) -> None:
    """Delete what ACTOR wrote and did not send, or what came back; what is on its way is taken back first."""
    with transaction.atomic():
        discard(Draft.objects.select_for_update().filter(pk=pk, author=actor, goes_at__isnull=True).first())


def discard(draft: Draft | None) -> None:
    """Delete DRAFT with its files, if there is one."""
    if draft is None:
        return
    with transaction.atomic():
        attachments.throw_away(draft.files.all())
        draft.delete()
