"""Legal holds: what is kept for courts and authorities."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation
from tickets.models import Customer
from tickets.personal import ERASED, Personal, gone


class LegalHold(models.Model):
    """Keeps a ticket, or everything of a customer, from retention, merging and erasure until two people release it.

    A database trigger refuses DELETE and TRUNCATE: that it was placed and released stays.
    """

    escalation = models.ForeignKey(
        Escalation, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_holds"
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_holds")
    reason = models.TextField(_("reason"))
    review_on = models.DateField(_("to be reviewed on"))
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(_("placed"))
    release_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    release_asked_at = models.DateTimeField(_("release asked for"), null=True, blank=True)
    release_because = models.TextField(_("why it can be released"), blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    release_note = models.TextField(_("the signer's words"), blank=True)

    personal = Personal(
        "escalation",
        {"reason": ERASED, "release_because": gone("release_because"), "release_note": gone("release_note")},
    )

    class Meta:
        ordering = ["placed_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(escalation__isnull=True, customer__isnull=False)
                | models.Q(escalation__isnull=False, customer__isnull=True),
                name="legal_hold_on_one_thing",
            ),
            models.UniqueConstraint(
                fields=["escalation", "customer"],
                condition=models.Q(released_at__isnull=True),
                nulls_distinct=False,
                name="legal_hold_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(released_by__isnull=True, released_at__isnull=True)
                | models.Q(released_by__isnull=False, released_at__isnull=False, release_asked_by__isnull=False)
                & ~models.Q(released_by=models.F("release_asked_by")),
                name="legal_hold_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{f'#{self.escalation_id}' if self.escalation_id else self.customer}: {self.reason[:60]}"
