"""The quarterly audit of a policy (P3.3). A database trigger keeps what is published."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.models import Right
from tickets.models import Ticket
from tickets.personal import Personal, gone


class PolicyAudit(models.Model):
    """One edition of a quarter's audit of one policy. A later edition corrects it and says why.

    It covers `starts_at` up to but not including `ends_at`. The sample was drawn from `population` tickets: those whose
    SHA-256 of "seed:number" is smallest. `owners` are the ids of those who answered for the policy when it was closed.
    """

    quarter = models.DateField(_("quarter (its first day)"))
    policy = models.CharField(_("policy"), max_length=20, choices=Right.Against)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    seed = models.CharField(_("seed of the sample"), max_length=32)
    population = models.PositiveIntegerField(_("drawn from"))
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(_("begun"))
    reason = models.TextField(_("what this edition corrects"), blank=True)
    conclusion = models.TextField(_("conclusion"), blank=True)
    owners = ArrayField(models.BigIntegerField(), default=list, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-quarter", "policy", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["quarter", "policy", "edition"], name="audit_edition"),
            models.UniqueConstraint(
                fields=["quarter", "policy"],
                condition=models.Q(published_at__isnull=True),
                name="audit_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True, published_by__isnull=True)
                | models.Q(published_at__isnull=False, published_by__isnull=False) & ~models.Q(conclusion=""),
                name="audit_published_by_somebody_with_a_conclusion",
            ),
            models.CheckConstraint(
                condition=models.Q(edition=1) | ~models.Q(reason=""), name="audit_correction_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_policy_display()}"

    @property
    def name(self) -> str:
        return f"{self.quarter.year}-Q{(self.quarter.month + 2) // 3}"


class AuditFigure(models.Model):
    """How far the policy was kept, as counted from tickets when the audit was closed: `kept` of `of` rows.

    `tickets` are the numbers behind it, one for each row, `missed` those of the rows in which it was not kept.
    """

    audit = models.ForeignKey(PolicyAudit, on_delete=models.CASCADE, related_name="figures")
    key = models.CharField(_("figure"), max_length=20)
    kept = models.PositiveIntegerField(_("kept"))
    of = models.PositiveIntegerField(_("of"))
    tickets = ArrayField(models.BigIntegerField(), default=list)
    missed = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "key"], name="audit_figure_once"),
            models.CheckConstraint(condition=models.Q(kept__lte=models.F("of")), name="audit_figure_kept_of"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.kept} of {self.of}"

    @property
    def percent(self) -> int | None:
        """The share in whole percent, rounded down; None without cases."""
        return self.kept * 100 // self.of if self.of else None


class AuditFinding(models.Model):
    """One question of the checklist: was this right, in this version, kept in this ticket of the sample?"""

    class Answer(models.TextChoices):
        MET = "met", _("met")
        NOT_MET = "not_met", _("not met")
        NOT_APPLICABLE = "not_applicable", _("not applicable")

    audit = models.ForeignKey(PolicyAudit, on_delete=models.CASCADE, related_name="findings")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Right, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=14, choices=Answer, blank=True)
    note = models.TextField(_("note"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    personal = Personal("ticket", {"note": gone("note")})

    class Meta:
        ordering = ["ticket", "right"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "ticket", "right"], name="audit_finding_once"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | ~models.Q(answer="") & models.Q(answered_by__isnull=False, answered_at__isnull=False),
                name="audit_finding_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer="not_met") | ~models.Q(note=""), name="audit_finding_not_met_says_how"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id}, {self.right}: {self.answer or '–'}"


class AuditAction(models.Model):
    """What is done so that a policy is kept from now on, by whom and until when. It may be done after publication."""

    audit = models.ForeignKey(PolicyAudit, on_delete=models.CASCADE, related_name="actions")
    words = models.TextField(_("what is done"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("until"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(words=""), name="audit_action_says_what"),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="audit_action_done_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.words[:60]
