"""Steps that protect staff from abuse by a customer (P5.4): a warning, fewer channels, the end of contact."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalation.models.approval import Approval
from escalation.models.escalation import Escalation
from tickets.models import Customer
from tickets.personal import ERASED, Personal, gone


class ContactStep(models.Model):
    """One step of the ladder against a customer, taken on one of their tickets.

    A warning holds at once; the other two hold from the signature on, until a day, and may be lifted before. What the
    customer writes arrives and is recorded all the while.
    """

    class Step(models.TextChoices):
        WARNED = "1_warned", pgettext_lazy("a customer", "warned")
        LIMITED = "2_limited", _("in writing only")
        ENDED = "3_ended", _("contact ended")

    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="contact_steps")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_steps")
    step = models.CharField(_("step"), max_length=10, choices=Step)
    reason = models.TextField(_("reason"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    approval = models.OneToOneField(
        Approval, on_delete=models.PROTECT, null=True, blank=True, related_name="contact_step"
    )
    in_force_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = models.TextField(_("why lifted"), blank=True)

    personal = Personal("escalation", {"reason": ERASED, "lift_reason": gone("lift_reason")})

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(
                fields=["customer", "-step"],
                condition=models.Q(in_force_at__isnull=False, lifted_at__isnull=True),
                name="contact_step_in_force",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(step="1_warned") | models.Q(approval__isnull=False, until__gt=models.F("asked_at")),
                name="contact_step_signed_and_with_an_end",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True) | models.Q(lifted_by__isnull=False),
                name="contact_step_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_step_display()}"
