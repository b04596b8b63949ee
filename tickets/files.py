"""Storing files that came with a message: hashed, under random names, with the sender's name kept as text only."""

import errno
import hashlib
import logging
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tickets.models import Attachment, Message
from tickets.refusals import Invalid, NoRoom
from tickets.texts import clean_line

logger = logging.getLogger(__name__)

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 10


def check(files: Sequence[UploadedFile]) -> None:
    """Refuse files before anything is stored, so that a refused file costs nobody their text."""
    if len(files) > MAX_FILES:
        raise Invalid(_("At most %(number)s files at a time.") % {"number": MAX_FILES}, code="too_many", field="files")
    for file in files:
        if file.size > MAX_BYTES:
            raise Invalid(_("%(file)s is larger than 20 MB.") % {"file": _name(file)}, code="too_large", field="files")
        if not file.size:
            raise Invalid(_("%(file)s is empty.") % {"file": _name(file)}, code="empty", field="files")


def attach(message: Message, files: Sequence[UploadedFile]) -> list[Attachment]:
    """Store FILES on MESSAGE and return them; call `check` first. A full disk keeps none of them: NoRoom."""
    stored: list[Attachment] = []
    try:
        for file in files:
            stored.append(_store(message, file))
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


def _store(message: Message, file: UploadedFile) -> Attachment:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Attachment.objects.create(
        message=message,
        file=file,
        name=_name(file),
        size=file.size,
        content_type=clean_line(file.content_type or "", field="files", limit=200)[:120],
        sha256=digest.hexdigest(),
    )


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
