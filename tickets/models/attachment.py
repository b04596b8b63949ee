"""Files that came with a message, and files that wait with a draft for theirs."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models.draft import Draft
from tickets.models.message import Message
from tickets.personal import Personal


def stored_name(attachment: "StoredFile", filename: str) -> str:
    """Store under a random name only: a client's file name never becomes part of a path."""
    key = uuid.uuid4().hex
    return f"attachments/{key[:2]}/{key}"


class StoredFile(models.Model):
    """A file from outside, with the SHA-256 of its bytes."""

    file = models.FileField(upload_to=stored_name, max_length=120)
    name = models.CharField(_("file name"), max_length=180)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content_type = models.CharField(_("type as declared by the sender"), max_length=120, blank=True)
    sha256 = models.CharField(_("SHA-256, hex"), max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Attachment(StoredFile):
    """A file on a message. Its visibility is its message's."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")

    personal = Personal("message__ticket")


class DraftFile(StoredFile):
    """A file that was added to a draft; sending makes it an attachment. Nobody but the writer sees it until then."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")

    personal = Personal("draft__ticket")


class DiscardedFile(models.Model):
    """A stored file that no row names any more: its bytes go after the transaction that says so."""

    name = models.CharField(_("name in the storage"), max_length=120)
    discarded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
