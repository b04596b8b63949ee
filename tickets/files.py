"""Storing files that came with a message: hashed, under random names, with the sender's name kept as text only."""

import errno
import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from tickets.models import Attachment, DiscardedFile, Draft, DraftFile, Message
from tickets.models.attachment import StoredFile
from tickets.refusals import Invalid, NoRoom
from tickets.texts import clean_line

logger = logging.getLogger(__name__)

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 10


def check(files: Sequence[UploadedFile], *, beside: int = 0) -> None:
    """Refuse files before anything is stored, so that a refused file costs nobody their text; BESIDE so many others."""
    if len(files) + beside > MAX_FILES:
        raise Invalid(_("At most %(number)s files at a time.") % {"number": MAX_FILES}, code="too_many", field="files")
    for file in files:
        if file.size > MAX_BYTES:
            raise Invalid(_("%(file)s is larger than 20 MB.") % {"file": _name(file)}, code="too_large", field="files")
        if not file.size:
            raise Invalid(_("%(file)s is empty.") % {"file": _name(file)}, code="empty", field="files")


def attach(message: Message, files: Sequence[UploadedFile]) -> list[Attachment]:
    """Store FILES on MESSAGE and return them; call `check` first. A full disk keeps none of them: NoRoom."""
    return _store_all(files, lambda fields: Attachment.objects.create(message=message, **fields))


def lay_by(draft: Draft, files: Sequence[UploadedFile]) -> list[DraftFile]:
    """Store FILES with DRAFT and return them, as `attach` does."""
    return _store_all(files, lambda fields: DraftFile.objects.create(draft=draft, **fields))


def adopt(message: Message, files: Sequence[DraftFile]) -> list[Attachment]:
    """Make FILES of a draft attachments of MESSAGE; no byte is copied. The caller deletes the draft."""
    return [
        Attachment.objects.create(
            message=message,
            file=file.file.name,
            name=file.name,
            size=file.size,
            content_type=file.content_type,
            sha256=file.sha256,
        )
        for file in files
    ]


def throw_away(files: Sequence[DraftFile]) -> None:
    """Delete FILES of a draft, their bytes once the transaction is through."""
    for file in files:
        name, storage = file.file.name, file.file.storage
        file.delete()
        transaction.on_commit(lambda name=name, storage=storage: storage.delete(name))


def _store_all(files: Sequence[UploadedFile], create: Callable[[dict], StoredFile]) -> list:
    stored: list[StoredFile] = []
    try:
        for file in files:
            stored.append(create(_facts(file)))
    except OSError as error:
        for attachment in stored:
            attachment.file.delete(save=False)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        logger.error("No file can be stored: %s", error)
        raise NoRoom(
            _("There is no room for files at the moment. Send it without them, or try again later."),
            code="no_room",
            field="files",
        ) from error
    return stored


def discard(names: Iterable[str]) -> None:
    """Let stored files go once this transaction is through; a crash in between costs nothing (`remove_discarded`)."""
    rows = DiscardedFile.objects.bulk_create(DiscardedFile(name=name) for name in names)
    if rows:
        transaction.on_commit(remove_discarded, robust=True)


def remove_discarded(limit: int = 1000) -> int:
    """Delete the bytes of discarded files and return how many; safe to run at any time, also twice."""
    done = 0
    for pk, name in DiscardedFile.objects.order_by("pk").values_list("pk", "name")[:limit]:
        default_storage.delete(name)  # what is gone already is no error
        done += DiscardedFile.objects.filter(pk=pk).delete()[0]
    return done


def copy(attachments: Iterable[Attachment], *, to: Message) -> None:
    """Store the files of ATTACHMENTS once more, on message TO, so that each lives and goes with its own message."""
    for old in attachments:
        with old.file.open("rb") as source:
            Attachment.objects.create(
                message=to,
                file=File(source, name=old.name),
                name=old.name,
                size=old.size,
                content_type=old.content_type,
                sha256=old.sha256,
            )


def _facts(file: UploadedFile) -> dict:
    name, sha256 = sealed(file)
    declared = clean_line(file.content_type or "", field="files", limit=200)[:120]
    return {"file": file, "name": name, "size": file.size, "content_type": declared, "sha256": sha256}


def _name(file: UploadedFile) -> str:
    """Return the last part of the client's file name, without controls or directions that could mislead a reader."""
    base = (file.name or "").replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(
        c for c in base if c.isprintable() and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    return clean_line(visible, field="files", limit=1000)[-180:] or "file"


def sealed(file: UploadedFile) -> tuple[str, str]:
    """Return the name under which FILE is shown, and the SHA-256 (hex) of its bytes."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return _name(file), digest.hexdigest()
