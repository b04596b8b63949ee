"""The evidence register: what a case rests on, sealed by hash, never changed and never removed."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation
from tickets.models import Message


def stored_name(evidence: "Evidence", filename: str) -> str:
    """Store under a random name only: a client's file name never becomes part of a path."""
    key = uuid.uuid4().hex
    return f"evidence/{key[:2]}/{key}"


class Evidence(models.Model):
    """A file, a message of the ticket, or a statement, with the SHA-256 of its bytes at the moment it was registered.

    A database trigger refuses UPDATE, DELETE and TRUNCATE.
    """

    class Form(models.TextChoices):
        FILE = "file", _("file")
        MESSAGE = "message", _("message")
        STATEMENT = "statement", _("statement")

    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="evidence")
    form = models.CharField(_("form"), max_length=9, choices=Form)
    description = models.TextField(_("what it shows"), blank=True)
    source = models.CharField(_("where it comes from"), max_length=250, blank=True)
    file = models.FileField(upload_to=stored_name, max_length=120, blank=True)
    name = models.CharField(_("file name"), max_length=180, blank=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256, hex"), max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("registered"))

    class Meta:
        verbose_name_plural = _("evidence")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(form="file", message__isnull=True) & ~models.Q(file="")
                | models.Q(form="message", message__isnull=False, file="")
                | models.Q(form="statement", message__isnull=True, file="") & ~models.Q(description=""),
                name="evidence_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["escalation", "message"],
                condition=models.Q(message__isnull=False),
                name="evidence_message_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.description[:60] or f"message {self.message_id}"
