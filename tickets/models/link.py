"""How one ticket bears on another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.models.ticket import Ticket


class TicketLink(models.Model):
    """`ticket` is related to, a duplicate of, or caused by `other`. Neither becomes part of the other."""

    class Kind(models.TextChoices):
        RELATED = "related", _("related to")
        DUPLICATE = "duplicate", _("duplicate of")
        CAUSED = "caused", _("caused by")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_from")
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_to")
    kind = models.CharField(_("how"), max_length=10, choices=Kind)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "other", "kind"], name="link_once"),
            # What is related is so both ways: one row says it, with the lower number first.
            models.CheckConstraint(
                condition=~Q(ticket=F("other")) & (~Q(kind="related") | Q(ticket__lt=F("other"))),
                name="link_two_tickets_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.get_kind_display()} #{self.other_id}"
