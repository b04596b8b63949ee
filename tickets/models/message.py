"""What was said in a ticket, by whom, and who may read it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models.customer import Customer
from tickets.models.ticket import Ticket
from tickets.personal import ERASED, Personal


class MessageQuerySet(models.QuerySet):
    def in_conversation(self, number: int) -> "MessageQuerySet":
        """Narrow to what was said in ticket NUMBER and in those that were merged into it."""
        return self.filter(ticket__in=Ticket.objects.filter(models.Q(pk=number) | models.Q(merged_into=number)))


class Message(models.Model):
    """One message. An internal one is a note that the customer never sees. A message is never edited."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("public")
        INTERNAL = "internal", _("internal")

    # No index of its own: `message_in_order` begins with the ticket.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )  # empty: the customer wrote it
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )  # only where it is not the ticket's own: they wrote to one that was merged into it
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"), db_default=Now())

    objects = MessageQuerySet.as_manager()
    personal = Personal("ticket", {"body": ERASED})

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["ticket", "created_at"], name="message_in_order")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author__isnull=False) | models.Q(visibility="public"),
                name="message_customers_write_in_public",
            ),
            models.CheckConstraint(
                condition=models.Q(customer__isnull=True) | models.Q(author__isnull=True),
                name="message_by_one_person",
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def from_customer(self) -> bool:
        return self.author_id is None

    @property
    def writer(self) -> Customer:
        """The customer who wrote it, or whom it answers."""
        return self.customer or self.ticket.customer
