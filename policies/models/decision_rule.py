"""What who may decide alone: the cells of the decision matrix (P4.2)."""

from datetime import timedelta
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from policies.folding import fold
from policies.models.policy import Policy, four_eyes
from policies.remedies import MONEY, Problem, Remedy


class DecisionRule(Policy):
    """One cell: a remedy for a problem, who may give it without anybody's signature, and up to how much (P4.1).

    `up_to` is in `currency` and covers what the same customer was given within `window`, so that nothing is split; the
    two further sums bound what one customer gets, and what one person gives alone, over longer times. Without `floor`
    it holds on Floors 1 and 2. `product` asks for a word in the names of the goods, `worth_from` for what the customer
    has bought so far, in the shop's currency; a cell that asks for more goes before one that asks for less.
    """

    slug = models.SlugField(_("short name"), max_length=60)
    problem = models.CharField(_("problem"), max_length=20, choices=Problem)
    remedy = models.CharField(_("remedy"), max_length=20, choices=Remedy)
    roles = ArrayField(models.CharField(max_length=20), verbose_name=_("decided alone by"))
    up_to = models.DecimalField(_("up to"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(
        _("currency (ISO 4217)"), max_length=3, blank=True, validators=[RegexValidator(r"^[A-Z]{3}$")]
    )
    window = models.DurationField(_("for one customer within"), default=timedelta(hours=24))
    customer_up_to = models.DecimalField(
        _("one customer gets at most"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    customer_window = models.DurationField(_("and that within"), null=True, blank=True)
    agent_up_to = models.DecimalField(
        _("one person gives alone at most"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    agent_window = models.DurationField(_("and that over"), null=True, blank=True)
    floor = models.PositiveSmallIntegerField(
        _("only on floor"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    product = models.CharField(_("only for goods named"), max_length=60, blank=True)
    worth_from = models.DecimalField(
        _("only for customers who bought for at least"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["problem", "remedy", "slug"]
        constraints = [
            four_eyes("decision_rule"),
            models.UniqueConstraint(fields=["slug", "version"], name="decision_rule_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(valid_until__isnull=True), name="decision_rule_one_current"
            ),
            models.CheckConstraint(condition=models.Q(problem__in=Problem.values), name="decision_rule_problem_known"),
            models.CheckConstraint(condition=models.Q(remedy__in=Remedy.values), name="decision_rule_remedy_known"),
            models.CheckConstraint(condition=models.Q(roles__len__gte=1), name="decision_rule_names_a_role"),
            models.CheckConstraint(
                condition=models.Q(floor__isnull=True) | models.Q(floor__gte=1, floor__lte=3),
                name="decision_rule_floor_1_to_3",
            ),
            models.CheckConstraint(
                condition=models.Q(up_to__isnull=True, currency="")
                | models.Q(up_to__gte=0, currency__regex=r"^[A-Z]{3}$"),
                name="decision_rule_limit_has_currency",
            ),
            models.CheckConstraint(
                condition=~models.Q(remedy__in=sorted(MONEY)) | models.Q(up_to__isnull=False),
                name="decision_rule_money_has_a_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(customer_up_to__isnull=True, customer_window__isnull=True)
                | models.Q(customer_up_to__gte=0, customer_window__isnull=False, up_to__isnull=False),
                name="decision_rule_customer_sum_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(agent_up_to__isnull=True, agent_window__isnull=True)
                | models.Q(agent_up_to__gte=0, agent_window__isnull=False, up_to__isnull=False),
                name="decision_rule_agent_sum_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["problem", "remedy", "valid_from"], name="decision_rule_cell")]

    def __str__(self) -> str:
        return f"{self.get_problem_display()}, {self.get_remedy_display()} (version {self.version})"

    @cached_property
    def goods(self) -> str:
        """The word that the names of the goods must have, folded as they are; '' for any goods."""
        return fold(self.product)

    @property
    def demands(self) -> tuple:
        """What the cell asks for beyond problem and remedy; of two cells that fit, the greater goes first."""
        return bool(self.product), -1 if self.worth_from is None else self.worth_from, self.floor is not None
