"""The audit trail: what happened to a ticket, one row each, never changed, chained by hash."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models import Customer, Ticket


class Action(models.TextChoices):
    """Everything that can happen to a ticket. An action that is not here is refused."""

    OPENED = "opened", _("opened")
    IMPORTED = "imported", _("imported")
    EDITED = "edited", _("edited")
    ASSIGNED = "assigned", _("assigned")
    MESSAGE_RECEIVED = "message_received", _("message from the customer")
    MESSAGE_SENT = "message_sent", _("reply sent")
    NOTE_ADDED = "note_added", _("internal note")
    CLOCK_PAUSED = "clock_paused", _("clock paused")
    CLOCK_RESUMED = "clock_resumed", _("clock resumed")
    RISK_FLAGGED = "risk_flagged", _("risk flagged")
    WARNED = "warned", _("supervisors warned")
    MOVED = "moved", _("moved")
    DEADLINE_PASSED = "deadline_passed", _("deadline passed on Floor 3")
    HOLD_PLACED = "hold_placed", _("hold placed")
    HOLD_RELEASED = "hold_released", _("hold released")
    ACTION_BLOCKED = "action_blocked", _("action refused because of a hold")
    APPROVAL_REQUESTED = "approval_requested", _("signature requested")
    SIGNATURE_GIVEN = "signature_given", _("one of several signatures given")
    APPROVAL_GRANTED = "approval_granted", _("signed")
    APPROVAL_REJECTED = "approval_rejected", _("signature refused")
    APPROVAL_VOIDED = "approval_voided", _("request void: the case has changed")
    JUSTIFICATION_GIVEN = "justification_given", _("owed justification given")
    EVIDENCE_ADDED = "evidence_added", _("evidence registered")
    TEXT_PROPOSED = "text_proposed", _("decision text proposed")
    DECIDED = "decided", _("decided")
    NOTICE_APPROVED = "notice_approved", _("notice to an authority approved")
    NOTICE_SENT = "notice_sent", _("authority notified")
    CONTACT_STEP = "contact_step", _("step against abuse")
    CONTACT_LIFTED = "contact_lifted", _("step against abuse lifted")
    EXPORTED = "exported", _("sealed export made")
    RESOLVED = "resolved", _("resolved")
    REOPENED = "reopened", _("reopened")
    CLOSED = "closed", _("closed by the customer")
    MERGED = "merged", _("merged into another ticket")
    TOOK_IN = "took_in", _("took in another ticket")
    SPLIT_OFF = "split_off", _("messages split off to a new ticket")
    LINKED = "linked", _("linked to another ticket")
    LEGAL_HOLD_PLACED = "legal_hold_placed", _("legal hold placed")
    LEGAL_RELEASE_ASKED = "legal_release_asked", _("release of a legal hold asked for")
    LEGAL_HOLD_RELEASED = "legal_hold_released", _("legal hold released")
    HOLD_REASSIGNED = "hold_reassigned", _("hold given to somebody else")
    ERASED = "erased", _("personal data erased")
    UNLINKED = "unlinked", _("link to another ticket removed")
    MACRO_RUN = "macro_run", _("macro run")
    RATED = "rated", _("rated by the customer")


class AuditEvent(models.Model):
    """One link of a ticket's chain: `hash` covers every field here and the hash before it (see `escalation.audit`).

    A database trigger refuses UPDATE, DELETE and TRUNCATE.
    """

    class By(models.TextChoices):
        PERSON = "person", _("person")
        CUSTOMER = "customer", _("customer")
        CLOCK = "clock", _("the clock")
        RULE = "rule", _("a rule")
        SYSTEM = "system", _("the system")

    # Indexed by the constraint below; persons and customers only where there are any: the clock is neither.
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField(_("number within the ticket"))
    at = models.DateTimeField(_("when"))
    by = models.CharField(_("by"), max_length=8, choices=By)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    action = models.CharField(_("what"), max_length=24, choices=Action)
    floor_from = models.PositiveSmallIntegerField(_("from floor"), null=True, blank=True)
    floor_to = models.PositiveSmallIntegerField(_("to floor"), null=True, blank=True)
    reason = models.TextField(_("why"), blank=True)
    data = models.JSONField(_("details"), default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["ticket", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="event_seq_once"),
            models.CheckConstraint(condition=models.Q(action__in=Action.values), name="event_action_known"),
        ]
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["person"], condition=models.Q(person__isnull=False), name="event_by_person"),
            models.Index(fields=["customer"], condition=models.Q(customer__isnull=False), name="event_by_customer"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id}/{self.seq} {self.get_action_display()}"

    @property
    def actor(self) -> str:
        """Who did it, as the API shows it: a staff address, `customer`, `clock`, `rule` or `system`."""
        return self.person.email if self.person_id else self.by
