"""Requests for somebody else's signature."""

import hashlib
import json

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalation.models.escalation import Escalation
from policies.kinds import ApprovalKind
from policies.models import ApprovalRule
from tickets.personal import ERASED, Personal, gone


class Approval(models.Model):
    """One person asks, another signs or refuses. A database constraint keeps the two apart.

    `overtaken` means that the clock moved the ticket while the request was pending: the move stands, and a supervisor
    still owes the justification (P2.1), which is `note` once `decided_at` is set.
    """

    Kind = ApprovalKind

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        APPROVED = "approved", _("signed")
        REJECTED = "rejected", _("refused")
        OVERTAKEN = "overtaken", _("overtaken by the clock")
        VOID = "void", _("void")

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="approvals")
    kind = models.CharField(_("kind"), max_length=24, choices=ApprovalKind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requested_approvals"
    )
    requested_at = models.DateTimeField(_("requested"))
    justification = models.TextField(_("justification"))
    content = models.JSONField(_("what is to be signed"), default=dict)
    digest = models.CharField(_("SHA-256 of what is to be signed"), max_length=64)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_approvals"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.TextField(_("the signer's words"), blank=True)

    personal = Personal("escalation", {"justification": ERASED, "note": gone("note")})

    class Meta:
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "kind"],
                condition=models.Q(state="pending"),
                name="approval_one_pending_per_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("requested_by")),
                name="approval_four_eyes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "rejected"])
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="approval_decision_has_a_signer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=models.Q(state="pending") | models.Q(state="overtaken", decided_at__isnull=True),
                name="approval_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of #{self.escalation_id}: {self.get_state_display()}"

    @property
    def justification_owed(self) -> bool:
        return self.state == self.State.OVERTAKEN and self.decided_at is None

    @staticmethod
    def digest_of(*, ticket: int, kind: str, justification: str, content: dict) -> str:
        """Return the SHA-256 over exactly what the signer is shown."""
        shown = [ticket, kind, justification, content]
        return hashlib.sha256(
            json.dumps(shown, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
        ).hexdigest()


class Signature(models.Model):
    """One person's signature under a request: over which digest, under which row of the matrix, and in whose name.

    A database trigger keeps the one who asked away from it, also behind a deputy.
    """

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    in_the_name_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rule = models.ForeignKey(ApprovalRule, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))
    digest = models.CharField(_("SHA-256 of what was shown"), max_length=64)
    note = models.TextField(_("the signer's words"))

    personal = Personal("approval__escalation", {"note": ERASED})

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "signer"], name="signature_once_per_person"),
            models.CheckConstraint(
                condition=models.Q(in_the_name_of__isnull=True) | ~models.Q(in_the_name_of=models.F("signer")),
                name="signature_in_the_name_of_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer} under request {self.approval_id}"
