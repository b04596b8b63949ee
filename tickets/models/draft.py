"""What somebody has written on a ticket and not sent yet, and answers on their way out, which can be taken back."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models.ticket import Ticket
from tickets.personal import Personal


class Draft(models.Model):
    """Words of one writer, seen by nobody else.

    In one of three states: a draft proper, one for each writer and ticket; waiting, an answer that goes out at
    `goes_at` unless it is taken back; returned, an answer that could not go out, with the reason in `problem`.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply")
        NOTE = "note", _("internal note")

    class Then(models.TextChoices):
        SEND = "send", _("nothing more")
        WAIT = "wait", _("wait for the customer")
        RESOLVE = "resolve", _("resolve")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.REPLY)
    body = models.TextField(_("text"), blank=True)
    script = models.CharField(_("slug of the script it is based on"), max_length=60, blank=True)
    revision = models.PositiveIntegerField(_("times saved"), default=0)
    updated_at = models.DateTimeField(_("last saved"), db_default=Now())

    then = models.CharField(_("and then"), max_length=7, choices=Then, default=Then.SEND)
    seen = models.PositiveBigIntegerField(_("newest message when it was sent off"), default=0)
    pressed_at = models.DateTimeField(_("sent off"), null=True, blank=True)
    goes_at = models.DateTimeField(_("goes out"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    problem = models.TextField(_("why it came back"), blank=True)

    personal = Personal("ticket")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "author"],
                condition=models.Q(goes_at__isnull=True, problem=""),
                name="draft_one_for_each_writer",
            ),
            models.CheckConstraint(
                condition=models.Q(goes_at__isnull=True)
                | models.Q(kind="reply", pressed_at__isnull=False, problem="", goes_at__gte=models.F("pressed_at")),
                name="draft_on_its_way_is_a_reply_sent_off_before",
            ),
        ]
        indexes = [
            models.Index(fields=["goes_at"], condition=models.Q(goes_at__isnull=False), name="draft_on_its_way"),
        ]

    def __str__(self) -> str:
        return f"{self.author} on #{self.ticket_id}"

    @property
    def writer(self):
        """Whoever wrote it, as a message says."""
        return self.author

    @property
    def is_proper(self) -> bool:
        return self.goes_at is None and not self.problem

    @property
    def is_waiting(self) -> bool:
        return self.goes_at is not None
