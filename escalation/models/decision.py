"""What is decided about a case: the text of a Floor 3 decision in versions, remedies given, authorities told."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _

from escalation.models.approval import Approval
from escalation.models.escalation import Escalation
from policies.models import DecisionRule, Right
from policies.remedies import Problem, Remedy
from tickets.personal import ERASED, Personal, gone


class DecisionText(models.Model):
    """One version of the text that the final signature puts in force. A new one voids what was asked for the old."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="decision_texts")
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["escalation", "version"], name="decision_text_version")]

    def __str__(self) -> str:
        return f"#{self.escalation_id} version {self.version}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class Verdict(models.TextChoices):
    """What the decision matrix said."""

    ALLOWED = "allowed", _("decided alone")
    NEEDS = "needs", _("beyond the limit")
    NO_RULE = "no_rule", _("no rule")


class Decision(models.Model):
    """A remedy for a problem (P4.2) with its reason: in force at once within the matrix, else once it is signed.

    It is a precedent for those that come after (P4.4), so it keeps the `facts` that it was made on, the cell of the
    matrix (`rule`) with its `verdict` in words, the rights and the earlier decisions that it cites, and why it differs.
    """

    # No indexes of their own: `decision_in_force` begins with the ticket, `decision_by_person` with the person.
    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    problem = models.CharField(_("problem"), max_length=20, choices=Problem)
    remedy = models.CharField(_("remedy"), max_length=20, choices=Remedy)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency (ISO 4217)"), max_length=3, blank=True)
    rationale = models.TextField(_("rationale"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(_("decided"))
    verdict = models.CharField(_("verdict of the matrix"), max_length=8, choices=Verdict)
    verdict_why = models.TextField(_("and why"), blank=True)
    rule = models.ForeignKey(DecisionRule, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    facts = models.JSONField(_("facts"), default=dict)
    rights = models.ManyToManyField(Right, blank=True, related_name="+")
    cites = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="cited_by")
    departs_because = models.TextField(_("why it differs from similar ones"), blank=True)

    personal = Personal(
        "escalation",
        {"rationale": ERASED, "verdict_why": gone("verdict_why"), "departs_because": gone("departs_because")},
    )
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, null=True, blank=True, related_name="decision")
    in_force_at = models.DateTimeField(_("in force since"), null=True, blank=True)

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True, currency="") | models.Q(amount__gte=0) & ~models.Q(currency=""),
                name="decision_amount_has_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(approval__isnull=False) | models.Q(in_force_at__isnull=False),
                name="decision_in_force_or_asked_for",
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="allowed") | models.Q(rule__isnull=False),
                name="decision_alone_cites_its_cell",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="allowed") | models.Q(approval__isnull=False),
                name="decision_beyond_the_matrix_is_asked_for",
            ),
        ]
        indexes = [
            models.Index(fields=["escalation", "in_force_at"], name="decision_in_force"),
            models.Index(
                fields=["problem", "-in_force_at"], condition=models.Q(in_force_at__isnull=False), name="decision_alike"
            ),
            models.Index(fields=["decided_by", "in_force_at"], name="decision_by_person"),
            models.Index(fields=["-decided_at"], name="decision_by_time"),
            models.Index(
                fields=["-in_force_at", "-id"],
                condition=models.Q(in_force_at__isnull=False),
                name="decision_newest",
            ),
            # The archive by a remedy, a verdict or a category that hardly any has; the usual verdict needs no index.
            models.Index(
                fields=["remedy", "-in_force_at", "-id"],
                condition=models.Q(in_force_at__isnull=False),
                name="decision_by_remedy",
            ),
            models.Index(
                fields=["verdict", "-in_force_at", "-id"],
                condition=models.Q(in_force_at__isnull=False) & ~models.Q(verdict="allowed"),
                name="decision_by_verdict",
            ),
            models.Index(
                KeyTransform("category", "facts"),
                models.F("in_force_at").desc(),
                models.F("id").desc(),
                condition=models.Q(in_force_at__isnull=False),
                name="decision_by_category",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.escalation_id}: {self.get_remedy_display()}"

    @property
    def state(self) -> str:
        """`made`, or what became of its request: pending, rejected, void."""
        return "made" if self.in_force_at else str(self.approval.state)


class ExternalNotification(models.Model):
    """A notice to an authority, with a deadline of its own beside the floor's; an executive signs it (P2)."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="external_notifications")
    authority = models.CharField(_("authority"), max_length=200)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    justification = models.TextField(_("justification"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="notification")
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True) | models.Q(approved_at__isnull=False),
                name="notification_sent_only_when_approved",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(sent_at__isnull=True), name="notification_not_sent")
        ]

    def __str__(self) -> str:
        return f"#{self.escalation_id} to {self.authority}"

    @property
    def state(self) -> str:
        """`sent`, `approved`, or what became of its request: pending, rejected, void."""
        return "sent" if self.sent_at else "approved" if self.approved_at else str(self.approval.state)
