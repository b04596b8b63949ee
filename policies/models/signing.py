"""Who signs what: the approval matrix, and who signs for somebody absent."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from policies.kinds import ApprovalKind
from policies.models.policy import Policy, four_eyes


class ApprovalRule(Policy):
    """One cell of the approval matrix: who signs a kind of request, how many of them, and who needs nobody else (P2).

    Without `floor` it holds on all floors that have no row of their own; `amount_from` is in the shop's currency. Who
    asked never signs; with `excludes_author` neither does the one who proposed the decision text.
    """

    kind = models.CharField(_("kind"), max_length=24, choices=ApprovalKind)
    floor = models.PositiveSmallIntegerField(_("floor"), null=True, blank=True)
    amount_from = models.DecimalField(_("amounts from"), max_digits=12, decimal_places=2, null=True, blank=True)
    roles = ArrayField(models.CharField(max_length=20), verbose_name=_("signed by"))
    signatures = models.PositiveSmallIntegerField(_("signatures needed"), default=1)
    alone = ArrayField(models.CharField(max_length=20), verbose_name=_("need nobody else"), default=list, blank=True)
    excludes_author = models.BooleanField(_("not by who proposed the text"), default=False)

    class Meta:
        ordering = ["kind", "floor", "amount_from"]
        constraints = [
            four_eyes("approval_rule"),
            models.UniqueConstraint(
                fields=["kind", "floor", "amount_from"],
                condition=models.Q(valid_until__isnull=True),
                nulls_distinct=False,
                name="approval_rule_one_current",
            ),
            models.CheckConstraint(
                condition=models.Q(signatures__gte=1, signatures__lte=5), name="approval_rule_1_to_5_signatures"
            ),
            models.CheckConstraint(condition=models.Q(roles__len__gte=1), name="approval_rule_names_a_role"),
            models.CheckConstraint(condition=models.Q(kind__in=ApprovalKind.values), name="approval_rule_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} (version {self.version})"


class DelegationQuerySet(models.QuerySet):
    def in_force(self, at: datetime | None = None) -> "DelegationQuerySet":
        """Delegations that hold at AT (default: the database's now)."""
        instant = at or Now()
        return self.filter(starts_at__lte=instant, ends_at__gt=instant).filter(
            models.Q(ended_at__isnull=True) | models.Q(ended_at__gt=instant)
        )


class Delegation(models.Model):
    """While `absent` is away, `deputy` signs in their name; a deputy passes nothing on and never acts for who asked."""

    absent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegated")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputised")
    kind = models.CharField(_("kind (all when empty)"), max_length=24, choices=ApprovalKind, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"), db_default=Now())
    ended_at = models.DateTimeField(_("ended before its time"), null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(absent=models.F("deputy")), name="delegation_to_somebody_else"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="delegation_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["deputy", "ends_at"], name="delegation_of_deputy")]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.absent}, {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
