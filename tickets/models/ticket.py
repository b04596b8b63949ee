"""The ticket: what a customer asked, on which channel, about which order."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from tickets.models.customer import Customer
from tickets.models.team import Category, Channel, Tag, Team
from tickets.personal import ERASED, Personal


class Wish(models.TextChoices):
    """What a customer would like to be done (P4.2); what is done is decided by others."""

    REFUND = "refund", _("money back")
    STORE_CREDIT = "store_credit", _("store credit")
    REPLACEMENT = "replacement", _("replacement")
    REPAIR = "repair", _("repair")
    EXPLANATION = "explanation", _("explanation")
    APOLOGY = "apology", _("apology")


class Ticket(models.Model):
    """One customer's case. Where it stands and until when is the business of `escalation`."""

    number = models.BigAutoField(_("number"), primary_key=True)
    subject = models.CharField(_("subject"), max_length=250)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="tickets")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,  # `ticket_assignee` has those that have one
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets")
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True)
    language = models.CharField(_("language (BCP 47)"), max_length=10, blank=True)
    wish = models.CharField(
        _("what the customer would like"), max_length=20, choices=Wish, blank=True, default="", db_default=""
    )

    order_reference = models.CharField(_("order"), max_length=80, blank=True)
    order_value = models.DecimalField(_("order value"), max_digits=12, decimal_places=2, null=True, blank=True)
    order_currency = models.CharField(_("currency (ISO 4217)"), max_length=3, blank=True)
    order_products = models.JSONField(_("products"), default=list, blank=True)

    source = models.CharField(_("imported from"), max_length=40, blank=True)
    source_key = models.CharField(_("key in the source"), max_length=80, blank=True)

    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("last activity"), db_default=Now())
    first_response_at = models.DateTimeField(_("first response"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed for good"), null=True, blank=True)
    # Always the ticket that lives, never one that was itself merged: who takes in a ticket takes what it took in too.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", db_index=False
    )
    erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True)

    # The key in the source stays: without it a second import would bring back what was erased.
    personal = Personal("pk", {"subject": ERASED, "order_reference": "", "order_products": []})

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_key"], condition=~models.Q(source=""), name="ticket_imported_once"
            ),
            models.CheckConstraint(
                condition=models.Q(order_value__isnull=True, order_currency="")
                | models.Q(order_value__gte=0) & ~models.Q(order_currency=""),
                name="ticket_order_value_has_currency",
            ),
            models.CheckConstraint(condition=models.Q(wish__in=["", *Wish.values]), name="ticket_wish_known"),
            models.CheckConstraint(
                condition=models.Q(first_response_at__isnull=True)
                | models.Q(first_response_at__gte=models.F("created_at")),
                name="ticket_response_after_creation",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True)
                | ~models.Q(merged_into=models.F("number")) & models.Q(closed_at__isnull=False),
                name="ticket_merged_into_another_is_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee"], condition=models.Q(assignee__isnull=False), name="ticket_assignee"),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="ticket_merged"),
            models.Index(fields=["closed_at"], condition=models.Q(closed_at__isnull=False), name="ticket_closed"),
            models.Index(fields=["created_at"], name="ticket_created"),
            models.Index(fields=["updated_at"], name="ticket_updated"),
            models.Index(fields=["first_response_at"], name="ticket_first_response"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"
